// Bad options, by the npm package: those of tests/options.json, which tests/web/options.rs gives to the Rust face.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test, { before } from "node:test";

const rows = JSON.parse(await readFile(new URL("../options.json", import.meta.url), "utf8"));
let createSession;

before(async () => {
  // A page's address, because without one only absolute URLs are taken, and other words are used.
  globalThis.location = new URL("https://page.example/app/");
  ({ createSession } = await import("../../pkg/dist/index.js"));
});

/** Makes a session of one option, and signs in if that is what is bad. */
async function make(option, given) {
  const [group, name] = option.split(".");
  const options = { refresh: { url: "/refresh" } };
  if (group !== "tokens") options[group] = name ? { ...options[group], [name]: given } : given;
  const session = createSession(options);
  await session.setTokens({ accessToken: given }).finally(() => session.close());
}

for (const [option, given, name, must] of rows) {
  test(`${option}: ${JSON.stringify(given)}`, async () => {
    await assert.rejects(make(option, given), (error) => {
      assert.equal(error.name, "RelatchError");
      assert.equal(error.code, "invalid_option");
      assert.equal(error.message, `relatch: ${name} must be ${must}`);
      return true;
    });
  });
}

test("there are forty of them at least, of every option that both faces have limits for", () => {
  assert.ok(rows.length >= 40);
  assert.deepEqual(
    [...new Set(rows.map(([option]) => option))],
    [
      "origins",
      "refresh.url",
      "header.name",
      "header.scheme",
      "maxReplays",
      "maxWait",
      "refreshTimeout",
      "tokens.accessToken",
    ],
  );
});
