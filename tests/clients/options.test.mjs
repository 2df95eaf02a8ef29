// Bad options, by the npm package: those of tests/options.json, which tests/web/options.rs gives to the Rust face.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import test, { before } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const pkg = fileURLToPath(new URL("../../pkg", import.meta.url));

const rows = JSON.parse(await readFile(new URL("../options.json", import.meta.url), "utf8"));
/** `createSession` of the build in words, and of the one for production. */
let inWords, forProduction;

before(async () => {
  // A page's address, because without one only absolute URLs are taken, and other words are used.
  globalThis.location = new URL("https://page.example/app/");
  ({ createSession: inWords } = await import("../../pkg/dist/index.development.js"));
  ({ createSession: forProduction } = await import("../../pkg/dist/index.js"));
});

/** Makes a session of one option, and signs in if that is what is bad. */
async function make(createSession, option, given) {
  const [group, name] = option.split(".");
  const options = { refresh: { url: "/refresh" } };
  if (group !== "tokens") options[group] = name ? { ...options[group], [name]: given } : given;
  const session = createSession(options);
  await session.setTokens({ accessToken: given }).finally(() => session.close());
}

for (const [option, given, name, must] of rows) {
  test(`${option}: ${JSON.stringify(given)}`, async () => {
    const message = `relatch: ${name} must be ${must}`;
    await assert.rejects(make(inWords, option, given), { name: "RelatchError", code: "invalid_option", message });
    // Words cost every visitor bytes: production names the option, or where the engine found it, the code.
    const short = name.startsWith("tokens.") ? "relatch: invalid option" : `relatch: invalid option ${name}`;
    const production = { name: "RelatchError", code: "invalid_option", message: short };
    await assert.rejects(make(forProduction, option, given), production);
  });
}

test("the condition `development` gives the build in words, to import and to require", async () => {
  const run = promisify(execFile);
  for (const conditions of [[], ["--conditions=development"]]) {
    for (const load of ['await import("relatch")', 'createRequire(process.cwd() + "/x")("relatch")']) {
      const code = `import { createRequire } from "node:module";
        const { createSession } = ${load};
        try { createSession(); } catch (error) { console.log(error.message); }`;
      const { stdout } = await run(process.execPath, [...conditions, "--input-type=module", "-e", code], { cwd: pkg });
      const expected = conditions.length > 0 ? "options must be an object; got undefined" : "invalid option options";
      assert.equal(stdout.trim(), `relatch: ${expected}`);
    }
  }
});

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
