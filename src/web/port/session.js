// The session as a whole: login, logout, and what is known of it.
import * as inputs from "./inputs.js";
import { look } from "./store.js";
import { claims as decoded, grant } from "./tokens.js";
import * as wire from "./wire.js";

/** @typedef {import("./port.js").Port} Port */

/**
 * Resolves when the tokens are stored.
 * @param {Port} port
 * @param {unknown} access
 * @param {unknown} refresh
 * @param {unknown} expiresIn in seconds
 * @param {unknown} [idToken]
 */
export async function setTokens(port, access, refresh, expiresIn, idToken) {
  const row = grant(access, refresh, expiresIn, [idToken]);
  if (!row[wire.GRANT_ACCESS]) throw port.options.makeError(wire.CODE_INVALID_OPTION);
  inputs.signedIn(port, row);
  await port.queue;
}

/** @param {Port} port */
export async function clear(port) {
  inputs.signedOut(port);
  await port.queue;
}

/** @param {Port} port */
export function close(port) {
  port.leave();
  // The application's function hears of it. What it brings all the same is stored, as is a request's answer: the token
  // that was sent is spent (G7).
  if (!port.options.refresh.url) port.refresh?.controller.abort();
  inputs.closed(port);
}

/**
 * Whether events about single calls (held, replayed) are wanted.
 * @param {Port} port
 * @param {boolean} singleCalls
 */
export function listen(port, singleCalls) {
  inputs.listening(port, singleCalls);
}

/** @param {Port} port */
export function status(port) {
  look(port);
  return port.options.names.statuses[inputs.statusAsked(port)];
}

/**
 * The current access token; undefined if there is none.
 * @param {Port} port
 */
function access(port) {
  look(port);
  inputs.accessAsked(port);
  const { access } = port;
  port.access = undefined;
  return access;
}

/**
 * The auth header's value; undefined without a token.
 * @param {Port} port
 */
export function header(port) {
  const token = access(port);
  return token && port.options.prefix + token;
}

/** @param {Port} port */
export const claims = (port) => decoded(access(port));
