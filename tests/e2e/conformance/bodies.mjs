// Every kind of body, first try and replay, byte for byte at the server.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import test from "node:test";
import { world } from "../harness.mjs";

const KINDS = [
  "string",
  "json",
  "empty",
  "params",
  "blob",
  "typed-blob",
  "file",
  "form",
  "form-file",
  "buffer",
  "bytes",
  "words",
  "dataview",
  "object",
  "string-object",
  "number",
  "false",
  "date",
  "url",
  "other-buffer",
  "other-bytes",
  "other-params",
  "other-form",
  "other-blob",
];
/** Kinds whose bytes are these: told apart from what the browser itself makes of a body. */
const PLAIN = [
  "blob",
  "typed-blob",
  "file",
  "buffer",
  "bytes",
  "dataview",
  "other-buffer",
  "other-bytes",
  "other-blob",
];
const SIZE = 4096;
const digest = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** The bodies' test in one browser. */
export function bodies(browser) {
  const w = world({ browser });
  // WebKit reads no form with a file (docs/fetch.md): its tries differ in the boundary, and one in a Request, or of
  // another frame, is not sent.
  const isWebKit = browser === "webkit";
  const unsent = (kind, input) => isWebKit && (kind === "other-form" || (kind === "form-file" && input === "request"));

  test(`${browser}: every kind of body is the same to the byte in first try, replay and native fetch`, async (t) => {
    const tab = await w.open("/tests/e2e/conformance/page.html");
    await tab.page.evaluate((prefix) => start(prefix), tab.realm);
    const calls = KINDS.flatMap((kind) =>
      ["path", "request"]
        .filter((input) => !unsent(kind, input))
        .map((input) => {
          const part = { method: "POST", body: { kind, size: SIZE, seed: 3 } };
          return {
            style: "bearer",
            origin: "own",
            path: "/echo",
            input,
            request: input === "request" ? part : {},
            initForm: "plain",
            init: input === "request" ? {} : part,
            mutate: true,
          };
        }),
    );
    const result = await tab.page.evaluate(([calls, first]) => batch(calls, first), [calls, 0]);
    const [native, expired] = ["native", "expired"].map((mode) => JSON.parse(result[mode]).traces);
    const bytes = Uint8Array.from({ length: SIZE }, (_, i) => (i * 31 + 3 * 7) & 255);
    for (const [i, call] of calls.entries()) {
      const name = `${call.input} ${(call.init.body ?? call.request.body).kind}`;
      const of = (traces) => traces.filter(({ query }) => query.id === String(i));
      const [want] = of(native);
      const [first, second, ...more] = of(expired);
      const told = ({ length, sha256, headers }) => ({
        length,
        sha256,
        kind: isWebKit ? headers["content-type"]?.replace(/boundary=.*/, "") : headers["content-type"],
      });
      assert.deepEqual([first.token, second.token, more.length], ["expired", "good", 0], name);
      assert.deepEqual(told(second), told(first), name);
      const { kind, ...rest } = told(want);
      const { kind: ours, ...same } = told(first);
      assert.deepEqual(same, rest, name);
      assert.equal(ours?.replace(/boundary=.*/, ""), kind?.replace(/boundary=.*/, ""), name);
      if (PLAIN.includes((call.init.body ?? call.request.body).kind))
        assert.deepEqual([first.length, first.sha256], [SIZE, digest(bytes)], name);
    }
    t.diagnostic(`${calls.length} bodies`);
    assert.equal(JSON.parse(result.expired).refreshes, 1);
    await tab.close();
  });

  test(`${browser}: a file of 20 MB in a form is replayed whole`, async () => {
    const tab = await w.open();
    await tab.control({ trace: true });
    const [status, length] = await tab.page.evaluate(async () => {
      const session = make("bearer");
      await signIn(session);
      await expire();
      const form = new FormData();
      form.append("file", new File([new Uint8Array(20_000_000).fill(7)], "f.bin"));
      const response = await session.fetch(`${base}/echo`, { method: "POST", body: form });
      return [response.status, (await response.json()).length];
    });
    const traces = await (await fetch(`${tab.api}/control/traces`, { method: "POST" })).json();
    const [first, second] = traces.filter(({ path }) => path === "/echo");
    assert.equal(status, 200);
    assert.ok(length > 20_000_000);
    assert.deepEqual([second.length, second.sha256], [first.length, first.sha256]);
    if (!isWebKit) assert.equal(second.headers["content-type"], first.headers["content-type"]);
    await tab.close();
  });

  test(`${browser}: no page error, no unhandled rejection with bodies`, () => assert.deepEqual(w.errors, []));
}
