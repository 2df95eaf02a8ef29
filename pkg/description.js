// The option `refresh`, where it describes a request.
import { isObject, own } from "../src/web/port/values.js";
import { invalid } from "./error.js";
import { FORM_FIELDS, JSON_FIELDS } from "./names.js";
import { checkPlaces } from "./places.js";
import { checked } from "./spec.js";
import { absolute } from "./urls.js";

/** @import { FaceOptions } from "../src/web/port/options.js" */

/** @type {any} without a prototype: nobody else's members are options */
const DESCRIPTION = {
  __proto__: null,
  url: 0,
  method: ["POST", "PUT", "GET"],
  body: ["json", "form"],
  clientId: "string",
  send: { refreshToken: 0 },
  pick: { accessToken: 0, refreshToken: 0, expiresIn: 0 },
  extra: "object",
  headers: "object",
  credentials: ["omit", "same-origin", "include"],
  terminal: "function",
};
/**
 * @param {any} option
 * @returns {FaceOptions["refresh"]}
 */
export function description(option) {
  if (typeof option === "function") return option;
  if (!isObject(option)) throw invalid("refresh", DEVELOPMENT && "must be a function or an object with a url");
  const {
    url,
    method = "POST",
    body,
    clientId,
    send,
    pick,
    extra,
    headers,
    credentials,
    terminal,
  } = checked(DESCRIPTION, option, "refresh.");
  const form = body === "form";
  const names = form ? FORM_FIELDS : JSON_FIELDS;
  const { href } = absolute(url, "refresh.url");
  // `null`: a cookie carries it.
  const { refreshToken: sent = names[1] } = own(send);
  const places = JSON_FIELDS.map((name, i) => own(pick)[name] ?? names[i]);
  if (DEVELOPMENT) checkPlaces(method, sent, places);
  return {
    url: href,
    // What a URL ends with that may be this one.
    tail: href.slice(href.lastIndexOf("/") + 1),
    method,
    form,
    clientId,
    send: sent,
    extra,
    headers,
    credentials,
    places,
    terminal,
    // By more than names: a module of its own knows how.
    isRich:
      method !== "POST" ||
      [sent, ...places, ...Object.values({ ...extra, ...headers })].some((value) => typeof value !== "string"),
  };
}
