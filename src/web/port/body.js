// Bodies that can be sent again: taken at the call, because the caller may change or use up what it gave.
import { joined } from "./given.js";
import { late } from "./lock.js";
import { ignore, is } from "./values.js";

/** Of these types a body is small enough, and read more quickly, as bytes. */
const TEXT = /json|text|url/;

/**
 * Takes the body of a call that is sent later, or again. Gives whether it can be sent only once, as a stream is.
 * `call.body` is then a promise of the bytes, or `true` where each try sends a clone of `call.input`.
 * @param {import("./calls.js").Call} call
 * @param {Request} request made of the call's arguments
 * @param {any} init the call's own copy; its body goes where the call takes it over
 * @param {boolean} ours whether the session handles this call
 */
export function takeBody(call, request, init, ours) {
  const { headers, keepalive } = request;
  const { body } = init;
  const given = call.headers;
  // WebKit reads no form with a file, and of a clone it may forget the file. There, each try sends a copy of the form.
  const entries = is(body, "FormData") && [...body];
  try {
    // Of a stream no such Request can be made (Fetch, the Request constructor, step 41): it is sent once.
    const taken =
      ours &&
      !(is(body, "ReadableStream") && request.body) &&
      // With keepalive the page may be gone before a body is read: it is sent as it is, and a clone is kept.
      new Request(
        keepalive ? request.clone() : request,
        /** @type {RequestInit} */ ({ __proto__: null, mode: "no-cors", method: "POST" }),
      );
    // Read at once, because WebKit takes only now what the caller may change. As a Blob, which leaves files on the
    // disk, unless it is text and small enough for the shorter way.
    call.body =
      taken &&
      (keepalive ||
        taken[TEXT.test(/** @type {any} */ (headers.get("content-type"))) ? "arrayBuffer" : "blob"]().catch(
          async (error) => {
            if (!entries) throw error;
            headers.delete("content-type");
            call.headers = given;
            return (await late()).form(entries);
          },
        ));
    call.body.catch?.(ignore);
  } catch {}
  const once = !call.body;
  if (once || keepalive) call.input = request;
  delete init.body;
  // What the body's own type was.
  const type = headers.get("content-type");
  if (type && !new Headers(given).has("content-type")) call.headers = joined(given, "Content-Type", type);
  return once;
}
