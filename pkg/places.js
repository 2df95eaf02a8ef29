// Where tokens stand in a refresh: checked for developers. Nothing of this module is in the production build, where a
// place that is none finds nothing.
import { invalid } from "./error.js";
import { MUST_BE_HEADER, WORD } from "./names.js";
import { checked } from "./spec.js";

/** @type {any} */
const SENT = { __proto__: null, header: "string", scheme: "string" };
/** @type {any} */
const PICKED = { __proto__: null, path: "string", header: "string", body: ["text"] };
/** @type {any} */
const LIFETIME = { __proto__: null, path: "string", header: "string", unit: ["s", "ms", "at-s", "at-ms", "date"] };

/**
 * @param {any} place
 * @param {import("./spec.js").Kind} spec
 * @param {string} path
 */
function check(place, spec, path) {
  if (typeof place === "string") return;
  const { header } = checked(spec, place, `${path}.`);
  if (header !== undefined && !(header && WORD.test(header))) {
    throw invalid(`${path}.header`, `must be ${MUST_BE_HEADER}; got ${header}`);
  }
}

/**
 * @param {string} method
 * @param {any} sent
 * @param {any[]} places access token, refresh token, lifetime
 */
export function checkPlaces(method, sent, [access, refresh, life]) {
  const to = "refresh.send.refreshToken";
  if (sent !== null) check(sent, SENT, to);
  if (method === "GET" && typeof sent === "string") {
    throw invalid(to, "must be { header }, or null for a cookie, with the method GET: a URL is no place for a token");
  }
  check(access, PICKED, "refresh.pick.accessToken");
  check(refresh, PICKED, "refresh.pick.refreshToken");
  check(life, LIFETIME, "refresh.pick.expiresIn");
}
