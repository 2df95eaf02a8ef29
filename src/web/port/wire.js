// Written by `cargo xtask build` from src/web/wire.rs, where each name is explained. Do not edit.

export const INPUT_OPEN = 0;
export const INPUT_CHALLENGED = 1;
export const INPUT_TOKEN = 2;
export const INPUT_REFRESH = 3;
export const INPUT_STATUS = 4;
export const INPUT_ACCESS = 5;
export const INPUT_RESPONDED = 6;
export const INPUT_REJECTED = 7;
export const INPUT_ABORTED = 8;
export const INPUT_LOCKED = 9;
export const INPUT_TIMER = 10;
export const INPUT_SCHEDULED = 11;
export const INPUT_WOKEN = 12;
export const INPUT_LEAVING = 13;
export const INPUT_PROVEN = 14;
export const INPUT_LISTENING = 15;
export const INPUT_SET_TOKENS = 16;
export const INPUT_CLEAR = 17;
export const INPUT_CLOSE = 18;
export const INPUT_STORED = 19;
export const INPUT_RESTORED = 20;
export const INPUT_REPLACED = 21;
export const INPUT_WRITTEN = 22;
export const INPUT_MARKED = 23;
export const INPUT_ANSWERED = 24;

export const EFFECT_SEND = 0;
export const EFFECT_WAIT = 1;
export const EFFECT_SETTLE = 2;
export const EFFECT_LOCK = 3;
export const EFFECT_UNLOCK = 4;
export const EFFECT_READ_MARK = 5;
export const EFFECT_MARK = 6;
export const EFFECT_READ = 7;
export const EFFECT_REFRESH = 8;
export const EFFECT_ABORT_REFRESH = 9;
export const EFFECT_WRITE = 10;
export const EFFECT_REMOVE = 11;
export const EFFECT_RESTORE = 12;
export const EFFECT_DISPATCH = 13;
export const EFFECT_ARM = 14;
export const EFFECT_SCHEDULE = 15;
export const EFFECT_ACCESS = 16;

export const OUTCOME_RESPONSE = 0;
export const OUTCOME_FAILURE = 1;
export const OUTCOME_ABORTED = 2;
export const OUTCOME_VALUE = 3;
export const OUTCOME_ERROR = 4;

export const FOUND_RECORD = 0;
export const FOUND_ABSENT = 1;
export const FOUND_UNREADABLE = 2;
export const FOUND_UNAVAILABLE = 3;

export const GRANT_ACCESS = 0;
export const GRANT_REFRESH = 1;
export const GRANT_EXPIRES_IN = 2;
export const GRANT_ISSUED_AT = 3;
export const GRANT_EXPIRES = 4;
export const GRANT_STATUS = 5;
export const GRANT_RETRY_AFTER = 6;
export const GRANT_RETRY_AT = 7;
export const GRANT_DATE = 8;
export const GRANT_SUBJECT = 9;

export const RECORD_EPOCH = 0;
export const RECORD_GENERATION = 1;
export const RECORD_OBTAINED_AT = 2;
export const RECORD_LIFETIME = 3;
export const RECORD_ACCESS = 4;
export const RECORD_REFRESH = 5;
export const RECORD_SUBJECT = 6;

export const REPLACED_BEFORE = 0;
export const REPLACED_AFTER = 1;

export const EVENT_REFRESHED = 0;
export const EVENT_ADOPTED = 1;
export const EVENT_REPLAYED = 2;
export const EVENT_HELD = 3;
export const EVENT_EXPIRED = 4;
export const EVENT_FAILED = 5;
export const EVENT_STEP_UP = 6;
export const EVENT_CHANGED = 7;

export const CODE_INVALID_OPTION = 0;
export const CODE_SIGNED_OUT = 1;
export const CODE_SESSION_EXPIRED = 2;
export const CODE_REFRESH_FAILED = 3;
export const CODE_REFRESH_TIMEOUT = 4;
export const CODE_LOCK_TIMEOUT = 5;
export const CODE_REFRESH_RATE_LIMITED = 6;
export const CODE_FRESH_TOKENS_REJECTED = 7;
export const CODE_QUEUE_FULL = 8;
export const CODE_STORAGE_UNAVAILABLE = 9;
export const CODE_STORAGE_FAILED = 10;
export const CODE_STORAGE_CORRUPT = 11;
export const CODE_CLOSED = 12;

export const REPLY_CHALLENGE = 1;
export const REPLY_LEFT_ORIGIN = 2;

export const ANSWER_WELL_FORMED = 1;
export const ANSWER_INVALID_GRANT = 2;
export const ANSWER_ASKED = 4;
export const ANSWER_TERMINAL = 8;
export const ANSWER_EMPTY = 16;

export const FULL = -1;
export const BARE = -1;
export const SLOW = 0;
export const ROUTE = 4;
export const PLACE = 67108864;

export const TOKEN_MAX = 65536;
export const REFRESH_TIMEOUT_DEFAULT_MS = 30000;

/** Each event: its kind, and the names of its figures in order. */
export const EVENTS = [
  ["refreshed", "generation", "durationMs", "reason", "waiting"],
  ["adopted", "generation", "change"],
  ["replayed", "call", "generation"],
  ["held", "call", "sent"],
  ["expired", "status"],
  ["failed", "status", "retryInMs", "code"],
  ["step-up", "error", "scope", "acrValues", "maxAge"],
  ["changed", "change"],
];
