/** Stands for the refresh token, which only the browser can read. */
export const IN_COOKIE = "in the cookie";

/**
 * What a page begins with: no access token, so that its first call is held behind a refresh, and a record to spend.
 * @param {number} epoch
 * @param {number} [subject] whom the page took the cookie to be of: should it be another's, that is a new session (G9)
 */
const begin = (epoch, subject) =>
  JSON.stringify({
    v: 1,
    epoch,
    generation: 0,
    accessToken: null,
    refreshToken: IN_COOKIE,
    obtainedAt: 0,
    lifetime: null,
    subject,
  });

/**
 * Of a record what may be told: a number drawn at the login, and one that stands for the user, or neither.
 * @param {string | null} record
 * @returns {{ epoch?: number, subject?: number }}
 */
function read(record) {
  const { epoch, subject } = /** @type {any} */ ({ __proto__: null, ...JSON.parse(record ?? "{}") });
  return { epoch, subject };
}

/**
 * `refresh` and `storage` for a refresh token in an HttpOnly cookie.
 * @type {typeof import("./cookie.js").cookie}
 */
export function cookie(refresh) {
  // Of this page alone: so that no other takes it for a session that it has seen the end of.
  const first = Math.trunc(Math.random() * 2 ** 32);
  /** @type {string | null} */
  let record = begin(first);
  /** @type {BroadcastChannel | undefined} to the other tabs: they have the same cookie, so a login there is one here */
  let channel;
  const tell = (isNew = true) => channel?.postMessage({ ...read(record), isNew });
  // A store of one's own, although it is memory: for such a store the engine asks for the origin's lock, so that tabs
  // spend the cookie one after the other.
  /** @type {import("./index.js").TokenStore} */
  const storage = {
    // @ts-expect-error Nobody else's methods are this store's.
    __proto__: null,
    get: () => record,
    set(_key, next) {
      const begins = record === begin(first) && read(next).epoch === first;
      const isNew = read(next).epoch !== read(record).epoch;
      record = next;
      // G9: no token. A page that finds itself signed in is news only to those that are signed out.
      if (isNew || begins) tell(isNew);
    },
    remove() {
      const isNew = record !== null;
      record = null;
      if (isNew) tell();
    },
    subscribe(key, changed) {
      if (!globalThis.BroadcastChannel) return;
      channel = new BroadcastChannel(`relatch-cookie:${key}`);
      channel.onmessage = ({ data: { epoch, subject, isNew } }) => {
        const ours = read(record);
        const isSame = epoch !== undefined && subject !== undefined && subject === ours.subject;
        if (epoch === ours.epoch || isSame || !(isNew || record === null)) return;
        // Not its tokens: the next call gets this tab's own by the cookie.
        record = epoch === undefined ? null : begin(epoch, ours.subject);
        changed();
      };
      // Node.js would not end.
      /** @type {any} */ (channel).unref?.();
      return () => {
        channel?.close();
        channel = undefined;
      };
    },
  };
  return { refresh: { credentials: "include", ...refresh }, storage };
}
