// Mistakes that break no rule, told once on the console. Nothing of this module is in the production build.
import { EVENTS } from "./names.js";
import { nearest } from "./told.js";

/** @import { SessionOptions } from "./index.js" */
/** @import { FaceOptions } from "../src/web/port/options.js" */

/** @type {Set<string>} what was told: once for each, however many sessions there are */
const told = new Set();

/** @param {string} text */
function warn(text) {
  if (told.has(text)) return;
  told.add(text);
  console.warn(`relatch: ${text}`);
}

/** Two ways of saying the same, a thousand apart. */
const MS_PER_S = 1000;
/** A lifetime above this is more likely in another unit: a day, in seconds. */
const LONG_S = 86_400;

/**
 * @param {SessionOptions} given
 * @param {FaceOptions} options
 */
export function warnOfOptions(given, { origins, ownOrigin, refresh, storage }) {
  const { location } = globalThis;
  if (given.origins === undefined && location) {
    const there = refresh.url && new URL(refresh.url).origin;
    if (origins.length === 0) {
      const own = ownOrigin || location.href;
      warn(`no token goes out: the page's own origin ${own} is not https. Serve it by https or on localhost.`);
    } else if (there && there !== ownOrigin) {
      warn(`the refresh is at ${there}, but only ${ownOrigin} gets tokens. Is \`origins: ["${there}"]\` missing?`);
    }
  }
  if (given.storage === undefined && storage === "memory" && "ServiceWorkerGlobalScope" in globalThis) {
    warn("there is no localStorage here: the tokens end with this worker. Give a `storage` of your own.");
  }
}

/**
 * @param {import("./index.js").Tokens} tokens
 * @param {FaceOptions} options
 */
export function warnOfTokens({ refreshToken, expiresIn }, { storage }) {
  if (!refreshToken) {
    warn("setTokens got no refreshToken: the session ends with the access token. `refreshToken` is read by that name.");
  }
  const seconds = Number(expiresIn ?? 0);
  if (seconds > LONG_S && seconds % MS_PER_S === 0) {
    const days = Math.round(seconds / LONG_S);
    warn(`expiresIn is in seconds: ${seconds} are ${days} days. Is it in milliseconds, or a date?`);
  }
  const { process, document, WorkerGlobalScope } = /** @type {any} */ (globalThis);
  if (storage === "memory" && process?.versions?.node && !document && !WorkerGlobalScope) {
    warn("setTokens on a server: all visitors share this session. Make one for each request.");
  }
}

/** @param {string} type */
export function warnOfEvent(type) {
  if (EVENTS.includes(type)) return;
  const best = nearest(type, EVENTS);
  warn(`there is no event "${type}"; ${best ? `did you mean "${best}"?` : `there are ${EVENTS.join(", ")}`}`);
}

/**
 * A server that rotates refresh tokens ends the session when the old one is sent again.
 * @param {string[]} names in an answer without a refresh token where it was looked for
 * @param {string} place where it was looked for
 */
export function warnOfRotation(names, place) {
  const like = names.find((name) => /refresh_?token$/i.test(name));
  if (like)
    warn(`the refresh answered a ${like}, but refresh.pick.refreshToken looks at ${place}: the old one is kept.`);
}

const UNAUTHORIZED = 401;

/**
 * A predicate of another status alone says false of a 401, and stops what it was to widen.
 * @param {import("./index.js").ChallengePredicate | undefined} isChallenge
 * @returns {import("./index.js").ChallengePredicate | undefined}
 */
export const watched = (isChallenge) =>
  isChallenge &&
  (async (response, body) => {
    const said = await isChallenge(response, body);
    if (said === false && response.status === UNAUTHORIZED) {
      warn("isChallenge said false of a 401, so nothing is refreshed: undefined leaves it to the rule.");
    }
    return said;
  });
