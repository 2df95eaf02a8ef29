// The application's predicate for challenges (A1). Loaded with the session where there is one.
import { json } from "./values.js";

/** So much of a body is read for a predicate, in bytes. What is longer is no envelope. */
const BODY_MAX = 65_536;

/**
 * The text of a clone; undefined for what is longer, for what ends never, and for what is no text.
 * @param {Response} response
 */
async function text(response) {
  const { headers, body, bodyUsed } = response;
  const isEndless = /event-stream/i.test(`${headers.get("content-type")}`);
  if (!body || bodyUsed || isEndless || Number(headers.get("content-length")) > BODY_MAX) return;
  const reader = /** @type {ReadableStream<Uint8Array>} */ (response.clone().body).getReader();
  const decoder = new TextDecoder();
  let read = 0;
  let all = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return all + decoder.decode();
    read += value.length;
    if (read > BODY_MAX) {
      // The caller's own body goes on.
      reader.cancel().catch(() => {});
      return;
    }
    all += decoder.decode(value, { stream: true });
  }
}

/**
 * From now on each response is asked about, once, before anybody sees it. What the predicate throws, or rejects with,
 * is the call's.
 * @param {import("./options.js").PortOptions} options
 */
export function asks(options) {
  const { isChallenge, hops } = options;
  /** @type {WeakMap<Response, boolean | undefined>} */
  const said = new WeakMap();
  options.said = (response) => said.get(response);
  options.hops = async (options, input, init) => {
    const response = await (hops ? hops(options, input, init) : options.fetch.call(undefined, input, init));
    /** @type {Promise<string | undefined> | undefined} */
    let reading;
    const read = () => (reading ??= text(response));
    const context = { __proto__: null, text: read, json: async () => json((await read()) ?? "") };
    const answer = await /** @type {any} */ (isChallenge)(response, context);
    said.set(response, answer ?? undefined);
    return response;
  };
}
