// The response of a held call (A7): read, so that it holds no connection, and still the caller's own.
import { ignore } from "./values.js";

/** So much of a body is kept, in bytes, and its end waited for so long, in ms. */
const KEPT_MAX = 1_000_000;
const WAIT_MAX_MS = 1_000;

/**
 * Reads a copy to its end: what the original then has left is in memory. One that is too long, or has no end, is given
 * up, and what came of it goes into a response in its place, whose body ends with an error.
 * @param {any} got
 * @param {(kept: Response) => void} instead
 * @returns {() => void} ends the reading
 */
export function hold(got, instead) {
  let reader;
  try {
    reader = got.clone().body.getReader();
  } catch {
    // No body, or one that somebody reads already.
    return ignore;
  }
  /** @type {Uint8Array[]} */
  const parts = [];
  let size = 0;
  const drop = () => {
    clearTimeout(timer);
    reader.cancel().catch(ignore);
  };
  const giveUp = () => {
    drop();
    got.body?.cancel().catch(ignore);
    const body = new ReadableStream({
      pull(controller) {
        const part = parts.shift();
        if (part) controller.enqueue(part);
        else controller.error(new TypeError("not kept"));
      },
    });
    const kept = new Response(body, got);
    for (const name of ["url", "redirected", "type"]) {
      Object.defineProperty(kept, name, /** @type {any} */ ({ __proto__: null, value: got[name] }));
    }
    instead(kept);
  };
  const timer = setTimeout(giveUp, WAIT_MAX_MS);
  const read = () =>
    reader.read().then((/** @type {ReadableStreamReadResult<Uint8Array>} */ { done, value }) => {
      if (done) return clearTimeout(timer);
      parts.push(value);
      size += value.byteLength;
      if (size > KEPT_MAX) giveUp();
      else read();
    }, ignore);
  read();
  return drop;
}
