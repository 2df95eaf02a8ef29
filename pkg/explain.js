// What went wrong with tokens, for developers. Nothing of this module is in the production build. Names are told, and
// never values: a value may be a token.
import { isObject, pick } from "../src/web/port/values.js";
import { warnOfRotation } from "./warn.js";

/** @import { RefreshFacts } from "../src/web/port/options.js" */

/** So many names are told, and so deep. */
const NAMES_MAX = 20;
const DEPTH_MAX = 3;

/**
 * The dotted paths of what an answer holds.
 * @param {any} body
 * @param {string} [path]
 * @returns {string[]}
 */
function paths(body, path = "", depth = 1) {
  if (!isObject(body) || depth > DEPTH_MAX) return path ? [path] : [];
  return Object.entries(body).flatMap(([name, value]) => paths(value, path ? `${path}.${name}` : name, depth + 1));
}

/** @param {any} body */
function namesIn(body) {
  const all = paths(body);
  if (all.length === 0) return "it is empty";
  return `there is ${all.slice(0, NAMES_MAX).join(", ")}${all.length > NAMES_MAX ? ", …" : ""}`;
}

const WANTED = "must be { accessToken, refreshToken, expiresIn }";

/**
 * What was given in the place of tokens; undefined if these are tokens.
 * @param {any} given
 * @returns {string | undefined}
 */
export function misgiven(given) {
  if (typeof given === "string") return `${WANTED}; got a string: write { accessToken: … }`;
  if (!isObject(given)) return `${WANTED}; got ${given === null ? "null" : typeof given}`;
  if (typeof given.then === "function") return `${WANTED}; got a promise: await it`;
  if (typeof Response === "function" && given instanceof Response) {
    return `${WANTED}; got a Response: give what \`await response.json()\` gives`;
  }
  if (Object.hasOwn(given, "accessToken")) return;
  const found = paths(given).find((path) => /access_?token$/i.test(path));
  if (!found) return `${WANTED}; ${namesIn(given)}`;
  const group = found.split(".").slice(0, -1).join(".");
  if (found.endsWith("accessToken")) return `${WANTED}; got them in ${group}: give .${group}`;
  return `${WANTED}; got ${found}: write { accessToken: ….${found}, … }, or \`toTokens\` of relatch/oauth`;
}

/** @param {any} error */
const nameOf = (error) => String(error?.name ?? typeof error);

/**
 * Looks at each answer. Gives why a refresh brought no token.
 * @param {RefreshFacts} facts
 */
export function explain(facts) {
  const { refresh, response, body, hasToken } = facts;
  if (!hasToken) return why(facts);
  const place = typeof refresh === "function" ? undefined : refresh.places[1];
  if (response && typeof place === "string" && !pick(body, place)) warnOfRotation(paths(body), place);
  return "";
}

/** @param {RefreshFacts} facts */
function why({ tokens, response, body, text, refresh, error }) {
  if (!response) {
    if (error || typeof refresh !== "function" || tokens === null) {
      if (!error || typeof refresh === "function") return "";
      return `${refresh.method} ${refresh.url} got no answer (${nameOf(error)}: no network, no CORS, or a redirect)`;
    }
    if (tokens === undefined) {
      return "the refresh function returned undefined: is a return missing? (null would end the session)";
    }
    const why = misgiven(tokens);
    return why ? `what the refresh function returns ${why}` : "the refresh function returned no usable accessToken";
  }
  if (typeof refresh === "function") return "";
  const type = response.headers.get("content-type") ?? "no content type";
  const said = `${refresh.method} ${refresh.url} answered ${response.status} (${type})`;
  if (!response.ok) {
    const ends = isObject(body) || text === "" ? "" : "; it does not end the session, unless refresh.terminal says so";
    return `${said}${ends}`;
  }
  const [place] = refresh.places;
  if (typeof place !== "string") return `${said}, and no access token where refresh.pick.accessToken looks`;
  if (isObject(body)) return `${said}, and there is nothing at ${place} (refresh.pick.accessToken): ${namesIn(body)}`;
  return `${said}, which is not JSON: is it a page for unknown paths?`;
}
