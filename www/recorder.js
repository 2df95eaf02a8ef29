// The `fetch` that is handed to the session as its base. What it sees is what really leaves the page: first tries,
// replays and the refresh itself.
import { redactBody, redactHeader } from "/pkg/redact.js";

/**
 * Tells `start`, `end` (the response's head is there) and `body` (its text as well), each with the entry as `detail`.
 * Entries hold redacted text only.
 */
export class Recorder extends EventTarget {
  #next = 1;
  #classify;
  #base;

  /** `classify(url, body)` gives what an entry is: `{ kind, path }`. `base`: the fetch that is recorded. */
  constructor(classify, base) {
    super();
    this.#classify = classify;
    this.#base = base;
  }

  fetch = async (input, init) => {
    const request = input instanceof Request ? input : null;
    const url = new URL(request ? request.url : String(input), location.href);
    const headers = new Headers(init?.headers ?? request?.headers);
    const entry = {
      id: this.#next++,
      ...this.#classify(url, init?.body),
      url: url.href,
      method: (init?.method ?? request?.method ?? "GET").toUpperCase(),
      date: new Date(),
      startedAt: performance.now(),
      endedAt: null,
      status: null,
      error: null,
      requestHeaders: shown(headers),
      requestBody: described(init?.body, headers.get("content-type") ?? ""),
      responseHeaders: [],
      responseBody: null,
    };
    this.#tell("start", entry);
    try {
      const response = await this.#base.call(undefined, input, init);
      entry.endedAt = performance.now();
      entry.status = response.status;
      entry.statusText = response.statusText;
      entry.responseHeaders = shown(response.headers);
      this.#tell("end", entry);
      this.#read(entry, response.clone());
      return response;
    } catch (error) {
      entry.endedAt = performance.now();
      entry.error = error?.name === "AbortError" || error?.name === "TimeoutError" ? "aborted" : "failed";
      entry.responseBody = String(error?.message ?? error);
      this.#tell("end", entry);
      throw error;
    }
  };

  // On a clone: the caller gets the response with its body unread.
  async #read(entry, response) {
    try {
      entry.responseBody = redactBody(await response.text(), response.headers.get("content-type") ?? "");
    } catch (error) {
      entry.responseBody = `(the body broke off: ${error?.message ?? error})`;
    }
    this.#tell("body", entry);
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

const shown = (headers) => [...headers].map(([name, value]) => [name, redactHeader(name, value)]);

function described(body, type) {
  if (body === undefined || body === null) return null;
  if (typeof body === "string") return redactBody(body, type);
  if (body instanceof URLSearchParams) return redactBody(String(body), "application/x-www-form-urlencoded");
  return `(${body.constructor?.name ?? "body"})`;
}
