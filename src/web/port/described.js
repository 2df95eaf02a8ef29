// A refresh that is described by more than names: another method, tokens in headers or in plain text, lifetimes in
// other units, values that are asked for at each try. Loaded with the session where its description has any of these.
import { isObject, json, own, pick } from "./values.js";

/** @import { Given, Place, RefreshDescription } from "./options.js" */

const SECOND_MS = 1000;

/**
 * Values, and what functions give at this try, such as a CSRF token. What is undefined is left out.
 * @param {Record<string, Given> | undefined} from
 * @returns {Promise<Record<string, string>>}
 */
async function given(from) {
  /** @type {Record<string, any>} */
  const values = {};
  for (const [name, value] of Object.entries(from ?? {})) {
    const now = typeof value === "function" ? await value() : value;
    if (now !== undefined) values[name] = now;
  }
  return values;
}

/**
 * A lifetime in seconds, of one that is told otherwise. A moment is measured from the server's own.
 * @param {any} value
 * @param {string | undefined} unit
 * @param {number} now in ms
 */
function lifetime(value, unit, now) {
  if (value === undefined || value === null || !unit || unit === "s") return value;
  if (unit === "ms") return value / SECOND_MS;
  const at = unit === "date" ? Date.parse(value) : unit === "at-s" ? value * SECOND_MS : +value;
  return (at - now) / SECOND_MS;
}

/**
 * What is sent.
 * @param {RefreshDescription} refresh
 * @param {string} refreshToken
 */
async function ask({ method, form, send, clientId, extra, headers: more }, refreshToken) {
  /** @type {Record<string, any>} */
  const fields = {};
  if (form) fields.grant_type = "refresh_token";
  if (form && clientId !== undefined) fields.client_id = clientId;
  if (typeof send === "string") fields[send] = refreshToken;
  Object.assign(fields, await given(extra));
  const headers = new Headers(await given(more));
  if (isObject(send)) {
    const { header, scheme } = /** @type {any} */ (own(send));
    headers.set(header, scheme ? `${scheme} ${refreshToken}` : refreshToken);
  }
  if (method === "GET") return { method, headers };
  if (!form && !headers.has("content-type")) headers.set("content-type", "application/json");
  return { method, headers, body: form ? new URLSearchParams(fields) : JSON.stringify(fields) };
}

/**
 * Access token, refresh token, lifetime in seconds.
 * @param {readonly any[]} places of the three
 * @param {Response} response
 * @param {string} text
 * @param {number} at by the server's clock, in ms; NaN where it is not told
 */
function read(places, { headers }, text, at) {
  const body = json(text);
  const [access, refresh, life] = places.map((place) => {
    const { header, path = place } = own(isObject(place) ? place : null);
    // As it stands in a header of a call, with the scheme before it.
    if (header) return headers.get(header)?.replace(/^Bearer +/i, "");
    return typeof path === "string" ? pick(body, path) : text.trim();
  });
  return [access, refresh, lifetime(life, isObject(places[2]) ? own(places[2]).unit : undefined, at || Date.now())];
}

export const described = { ask, read };
