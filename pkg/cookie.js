/** Stands for the refresh token, which only the browser can read. */
export const IN_COOKIE = "in the cookie";

/** What a page begins with: no access token, so that its first call is held behind a refresh, and a record to spend. */
const BEGIN = JSON.stringify({
  v: 1,
  epoch: 0,
  generation: 0,
  accessToken: null,
  refreshToken: IN_COOKIE,
  obtainedAt: 0,
  lifetime: null,
});

/**
 * `refresh` and `storage` for a refresh token in an HttpOnly cookie.
 * @type {typeof import("./cookie.js").cookie}
 */
export function cookie(refresh) {
  /** @type {string | null} */
  let record = BEGIN;
  // A store of one's own, although it is memory: for such a store the engine asks for the origin's lock, so that tabs
  // spend the cookie one after the other.
  /** @type {import("./index.js").TokenStore} */
  const storage = {
    // @ts-expect-error Nobody else's methods are this store's.
    __proto__: null,
    get: () => record,
    set: (_key, next) => {
      record = next;
    },
    remove: () => {
      record = null;
    },
  };
  return { refresh: { credentials: "include", ...refresh }, storage };
}
