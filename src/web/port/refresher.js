// The token call: by a description, or by the application's own function.
import * as calls from "./calls.js";
import * as inputs from "./inputs.js";
import { late } from "./lock.js";
import { grant } from "./tokens.js";
import { ignore, isObject, json, pick } from "./values.js";
import * as wire from "./wire.js";

/** @typedef {import("./port.js").Port} Port */
/** @typedef {import("./options.js").RefreshDescription} RefreshDescription */

/**
 * @param {Port} port
 * @param {number} flight
 */
export function abortRefresh(port, flight) {
  if (port.refresh?.flight !== flight) return;
  port.refresh.controller.abort();
  port.refresh = undefined;
}

/**
 * @param {Port} port
 * @param {number} flight
 * @param {number} reason
 * @param {string} refreshToken
 */
export async function refresh(port, flight, reason, refreshToken) {
  if (port.late?.(flight, refreshToken)) return;
  const { refresh, fetch, names } = port.options;
  const controller = new AbortController();
  const { signal } = controller;
  port.refresh = { flight, controller };
  port.cause = undefined;
  if (DEVELOPMENT) port.told = undefined;
  let bits = 0;
  let row;
  try {
    if (typeof refresh !== "function") {
      [bits, row] = await post(port, refresh, refreshToken, signal);
    } else {
      const tokens = await refresh({
        refreshToken,
        fetch: (/** @type {any[]} */ ...call) => fetch.apply(undefined, /** @type {any} */ (call)),
        signal,
        reason: /** @type {any} */ (names.reasons[reason]),
      });
      const {
        accessToken,
        refreshToken: next,
        expiresIn,
        idToken,
      } = /** @type {any} */ ({
        __proto__: null,
        ...tokens,
      });
      // null gives up (G6). undefined is a forgotten return, which must not log anybody out.
      bits = tokens === null ? wire.ANSWER_ASKED | wire.ANSWER_TERMINAL : wire.ANSWER_ASKED;
      row = grant(accessToken, next, expiresIn, [idToken]);
      if (DEVELOPMENT) port.told = port.options.explain?.({ hasToken: !!row[wire.GRANT_ACCESS], refresh, tokens });
    }
  } catch (error) {
    port.cause = error;
    if (DEVELOPMENT) port.told = port.options.explain?.({ hasToken: false, refresh, error });
  }
  row ??= grant(undefined, undefined, undefined);
  const access = row[wire.GRANT_ACCESS];
  if (port.refresh?.flight === flight) {
    port.refresh = undefined;
    if (!access && port.late?.(flight, refreshToken)) return;
    port.late = undefined;
    inputs.answered(port, flight, bits, row);
  } else if (access) {
    // Nobody waits for it any more, but what was sent is spent (G7).
    late().then(({ keep }) => keep(port, refreshToken, row, () => calls.refresh(port)), ignore);
  }
}

/**
 * What is sent: fields in a body.
 * @param {RefreshDescription} refresh
 * @param {string} refreshToken
 */
function ask({ form, send, clientId, extra, headers: more }, refreshToken) {
  /** @type {Record<string, any>} */
  const fields = {
    ...(form && { grant_type: "refresh_token", client_id: clientId }),
    [/** @type {string} */ (send)]: refreshToken,
    ...extra,
  };
  if (form && clientId === undefined) delete fields.client_id;
  const headers = new Headers(/** @type {any} */ (more));
  if (!form && !headers.has("content-type")) headers.set("content-type", "application/json");
  return { method: "POST", headers, body: form ? new URLSearchParams(fields) : JSON.stringify(fields) };
}

/**
 * Gives the bits and the row of the answer.
 * @param {Port} port
 * @param {RefreshDescription} refresh
 * @param {string} refreshToken
 * @param {AbortSignal} signal
 * @returns {Promise<[number, any]>}
 */
async function post(port, refresh, refreshToken, signal) {
  const { fetch, described } = port.options;
  const { method, headers, body: content } = await (described ? described.ask : ask)(refresh, refreshToken);
  if (!headers.has("accept")) headers.set("accept", "application/json");
  const response = await fetch.call(
    undefined,
    refresh.url,
    /** @type {RequestInit} */ ({
      __proto__: null,
      method,
      headers,
      body: content,
      credentials: refresh.credentials,
      cache: "no-store",
      // The refresh token must not follow a redirect.
      redirect: "error",
      // Everybody waits for it, some in front of it for a connection.
      priority: "high",
      signal,
    }),
  );
  const { status, ok } = response;
  const text = await response.text();
  const body = json(text);
  const [after = NaN, again = NaN, at = NaN] = await late().then(
    ({ when }) => when(response.headers),
    () => [],
  );
  const { places } = refresh;
  const [access, next, lifetime] = ok
    ? (described?.read(places, response, text, at) ?? places.map((path) => pick(body, /** @type {string} */ (path))))
    : [];
  // OpenID Connect's, beside the access token or at the top.
  const idTokens = [pick(body, `${places[0]}`.replace(/access/i, "id")), pick(body, "id_token")];
  const row = grant(access, next, lifetime, idTokens, status, after, again, at);
  if (DEVELOPMENT) {
    port.told = port.options.explain?.({ hasToken: !!row[wire.GRANT_ACCESS], refresh, response, body, text });
  }
  let bits = isObject(body) && Object.keys(body).length > 0 ? wire.ANSWER_WELL_FORMED : 0;
  if (bits && pick(body, "error") === "invalid_grant") bits |= wire.ANSWER_INVALID_GRANT;
  if (!text) bits |= wire.ANSWER_EMPTY;
  if (!row[wire.GRANT_ACCESS]) {
    port.cause = new Error(`the authorization server answered ${status} without an access token`);
    if (refresh.terminal) {
      bits |= wire.ANSWER_ASKED;
      try {
        if (refresh.terminal({ status, body })) bits |= wire.ANSWER_TERMINAL;
      } catch {
        // A predicate that throws has not said that the session is over.
      }
    }
  }
  return [bits, row];
}
