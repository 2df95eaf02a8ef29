// Written by `cargo xtask build` from the engine: change engine/src/limits.rs instead.

/** What the engine's numbers are called. */
export const names = {
  changes: ["tokens", "signed-in", "signed-out"],
  codes: [
    "invalid_option",
    "signed_out",
    "session_expired",
    "refresh_failed",
    "refresh_timeout",
    "lock_timeout",
    "refresh_rate_limited",
    "fresh_tokens_rejected",
    "queue_full",
    "storage_unavailable",
    "storage_failed",
    "storage_corrupt",
    "closed",
  ],
  reasons: ["rejected", "expired", "advisory", "forced"],
  statuses: ["loading", "signed-out", "fresh", "stale", "expired", "refreshing", "closed"],
};
/** The codes' errors, in full. */
export const MESSAGES = [
  "tokens.accessToken must be of visible ASCII characters and not blank, and no token longer than 65,536",
  "there are no tokens: call setTokens after a login",
  "the authorization server ended the session: the user must log in again",
  "the refresh failed for now; the tokens are kept",
  "the refresh did not answer in time; the tokens are kept",
  "another tab held the refresh lock for too long; the tokens are kept",
  "too many refreshes in a short time: refreshing is on hold",
  "the API rejects tokens that were just refreshed: refreshing is on hold; check audience, issuer and clocks of API " +
    "and authorization server",
  "too many calls wait for the refresh",
  "the chosen storage does not exist or is blocked here; the session lives in memory",
  "the store could not be read or written; the session lives in memory",
  "the stored record cannot be read: left in place and taken as signed out",
  "the session was closed",
];
/** The errors that carry what the refresh failed with, by number. */
export const WITH_CAUSE = [2, 3];
export const REFRESH_TIMEOUT_MIN_MS = 100;
export const REFRESH_TIMEOUT_MAX_MS = 600000;
export const MAX_WAIT_MIN_MS = 1;
export const MAX_WAIT_MAX_MS = 3600000;
export const MAX_REPLAYS_MIN = 0;
export const MAX_REPLAYS_MAX = 3;
export const MAX_REPLAYS_DEFAULT = 1;
export const HEADER_DEFAULT = "Authorization";
export const SCHEME_DEFAULT = "Bearer";
export const KEY_DEFAULT = "relatch";
/** Access token, refresh token, lifetime. */
export const JSON_FIELDS = ["accessToken", "refreshToken", "expiresIn"];
export const FORM_FIELDS = ["access_token", "refresh_token", "expires_in"];
/** The characters of header names and auth schemes (RFC 9110 §5.6.2). */
export const WORD = /^[\w!#$%&'*+.^`|~-]*$/;
/** The hosts that are this machine, where http is safe. */
export const LOCAL_HOST = /^((.+\.)?localhost|127\.0\.0\.1|\[::1\])$/;
/** An option must be … */
export const MUST_BE_URL = "a URL";
export const MUST_BE_ABSOLUTE_URL = "a URL, absolute where there is no page";
export const MUST_BE_SAFE = "https (http only on localhost)";
export const MUST_BE_ORIGIN = "an origin, without a path, like https://api.example.com";
export const MUST_BE_HEADER = "a header name (RFC 9110 §5.1)";
export const MUST_BE_SCHEME = 'an auth scheme or ""';
export const MUST_BE_FETCH = "given where there is no global fetch";
/** All events. */
export const EVENTS = ["refreshed", "adopted", "replayed", "held", "expired", "failed", "step-up", "changed"];
/** Each status in words. */
export const STATUS_WORDS = {
  closed: "this session object was closed",
  expired: "the next request waits for a refresh",
  fresh: "the access token is good",
  loading: "the module or the store has not answered yet",
  refreshing: "one refresh is under way",
  "signed-out": "requests go out without a token",
  stale: "still good, a refresh is due",
};
