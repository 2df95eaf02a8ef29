// The `fetch` that is handed to the session as its base. What it sees is what really leaves the page: first tries,
// replays and the refresh itself.
import { reading } from "/pkg/reading.js";
import { isSafe, redactBody, redactHeaders, redactUrl, rules } from "/pkg/redact.js";

/** The demo's server says nothing under these that nobody may see. */
const ALLOWED = rules({ show: ["name", "method", "message", "title", "user"] });

/**
 * Tells `start`, `end` (the response's head is there) and `body` (its text as well), each with the entry as `detail`.
 * Entries hold redacted text only.
 */
export class Recorder extends EventTarget {
  #next = 1;
  #classify;
  #base;

  /** `classify(url, body, shownUrl)` gives what an entry is: `{ kind, path }`. `base`: the fetch that is recorded. */
  constructor(classify, base) {
    super();
    this.#classify = classify;
    this.#base = base;
  }

  fetch = async (input, init) => {
    const { url, headers, method, body } = reading(input, init);
    const requestHeaders = redactHeaders(headers, ALLOWED);
    const shownUrl = (to) => redactUrl(to, ALLOWED);
    const entry = {
      id: this.#next++,
      ...this.#classify(url, body, shownUrl),
      url: shownUrl(url.href),
      method: isSafe(method, /^[A-Za-z-]+$/, 20) ? method.toUpperCase() : "(method)",
      date: new Date(),
      startedAt: performance.now(),
      endedAt: null,
      status: null,
      error: null,
      requestHeaders,
      requestBody: described(body, headers.get("content-type") ?? ""),
      responseHeaders: [],
      responseBody: null,
    };
    this.#tell("start", entry);
    try {
      const response = await this.#base.call(undefined, input, init);
      entry.endedAt = performance.now();
      entry.status = response.status;
      entry.responseHeaders = redactHeaders(response.headers, ALLOWED);
      this.#tell("end", entry);
      this.#read(entry, response.clone());
      return response;
    } catch (error) {
      entry.endedAt = performance.now();
      entry.error = error?.name === "AbortError" || error?.name === "TimeoutError" ? "aborted" : "failed";
      entry.responseBody = "";
      this.#tell("end", entry);
      throw error;
    }
  };

  // On a clone: the caller gets the response with its body unread.
  async #read(entry, response) {
    try {
      entry.responseBody = redactBody(await response.text(), response.headers.get("content-type") ?? "", ALLOWED);
    } catch (error) {
      entry.responseBody = `(the body broke off: ${error?.name})`;
    }
    this.#tell("body", entry);
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

function described(body, type) {
  if (body === undefined || body === null) return null;
  if (typeof body === "string") return redactBody(body, type, ALLOWED);
  if (body instanceof URLSearchParams) return redactBody(String(body), "application/x-www-form-urlencoded", ALLOWED);
  return `(${Object.prototype.toString.call(body).slice(8, -1)})`;
}
