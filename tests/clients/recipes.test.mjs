// docs/recipes.md: each block with its real client, bundled as a user would, in a browser, against a real server.
import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import test, { after } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { world } from "../e2e/harness.mjs";
import { backend } from "./backend.mjs";
import { blocks } from "./extract.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const stage = `${here}node_modules/.recipes`;
const w = world();
const recipes = new Map((await blocks("docs/recipes.md")).map(({ name, code }) => [name?.replace(/\.js$/, ""), code]));
const shared = recipes.get("session");
recipes.delete("session");
after(() => rm(stage, { recursive: true, force: true }));

/** The page's program: the block, its drive, and what signs in and counts. */
async function bundle(name, api, isInIndexedDb) {
  // To a WebSocket no 401 comes back: its token is nearly over by what its lifetime says.
  const isSocket = name === "websocket";
  await mkdir(stage, { recursive: true });
  const recipe = (code) => code.replaceAll('"./session.js"', '"./session.recipe.js"');
  const session = shared.replace("https://api.example.com", api);
  await writeFile(`${stage}/session.recipe.js`, session);
  if (isInIndexedDb) {
    await writeFile(`${stage}/local.recipe.js`, session);
    const there = recipes.get("indexeddb").replace("./session.js", "./local.recipe.js");
    await writeFile(`${stage}/session.recipe.js`, `${there} export { API };`);
  }
  await writeFile(`${stage}/${name}.recipe.js`, recipe(recipes.get(name)));
  await writeFile(`${stage}/${name}.js`, await readFile(`${here}drives/${name}.js`, "utf8"));
  await writeFile(
    `${stage}/main.js`,
    `
    import { API, session } from "./session.recipe.js";
    globalThis.API = API;
    globalThis.signOut = () => session.clear();
    const { call } = await import("./${name}.js");
    const post = (route, body) => fetch(API + route, { method: "POST", body: JSON.stringify(body ?? {}) });
    globalThis.drive = async () => {
      ${isSocket ? 'await post("/control", { access_lifetime_ms: 20_000 });' : ""}
      const login = await post("/users/sign-in", { name: "ada", password: "latch" });
      await session.setTokens((await login.json()).result);
      await ${isSocket ? 'post("/control", { access_lifetime_ms: 600_000 })' : 'post("/control/expire")'};
      return Promise.all(Array.from({ length: 20 }, (_, i) => call(i)));
    };`,
  );
  const { outputFiles } = await build({
    entryPoints: [`${stage}/main.js`],
    bundle: true,
    format: "esm",
    write: false,
    alias: { relatch: fileURLToPath(new URL("../../pkg/dist/index.js", import.meta.url)) },
    define: {
      "process.env.NODE_ENV": '"development"',
      __VUE_OPTIONS_API__: "true",
      __VUE_PROD_DEVTOOLS__: "false",
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
    },
    logLevel: "error",
  });
  return outputFiles[0].text;
}

async function run(name, use, isInIndexedDb = false) {
  const t = await w.open();
  const api = await backend(t.api);
  try {
    await t.page.addScriptTag({ type: "module", content: await bundle(name, api.url, isInIndexedDb) });
    await t.page.waitForFunction(() => globalThis.drive);
    await use(t);
  } finally {
    api.stop();
    await t.close();
  }
}

const ids = Array.from({ length: 20 }, (_, i) => i);

for (const name of recipes.keys()) {
  test(`${name}: twenty calls on an expired token, one refresh`, async () => {
    await run(name, async (t) => {
      assert.deepEqual(await t.page.evaluate(() => drive()), ids);
      assert.equal((await t.counters()).refresh_calls, 1);
      if (["react", "vue", "svelte"].includes(name)) {
        const seen = await t.page.evaluate(() => globalThis.seen);
        assert.equal(seen[0], "loading");
        assert.equal(seen.at(-1), "fresh");
        assert.equal(await t.page.evaluate(() => signOut().then(() => seen.at(-1))), "signed-out");
      }
    });
  });
}

for (const name of ["react", "vue", "svelte"]) {
  test(`${name}, over IndexedDB: the status leaves "loading" by itself`, async () => {
    const use = async (t) => {
      await t.page.waitForFunction(() => globalThis.seen.at(-1) !== "loading", undefined, { timeout: 5_000 });
      assert.deepEqual(await t.page.evaluate(() => globalThis.seen), ["loading", "signed-out"]);
      assert.deepEqual(await t.page.evaluate(() => drive()), ids);
      assert.equal(await t.page.evaluate(() => globalThis.seen.at(-1)), "fresh");
    };
    await run(name, use, true);
  });
}

test("every recipe has its drive, and every drive its recipe", async () => {
  const drives = (await readdir(`${here}drives`)).map((file) => file.replace(/\.js$/, ""));
  assert.deepEqual([...recipes.keys()].sort(), drives.sort());
});

test("no page error, no unhandled rejection in all of this", () => {
  assert.deepEqual(w.errors, []);
});
