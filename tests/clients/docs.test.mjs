// What the documents say: their code compiles, their first steps work, their pages are complete.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { world } from "../e2e/harness.mjs";
import { blocks } from "./extract.mjs";

const exec = promisify(execFile);
const here = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("../..", import.meta.url));
const w = world();

// What a reader knows from the lines above a block. The recipes are not here: they are run.
const PRELUDE = `
import type { createSession as create, Session } from "relatch";
import type axiosType from "axios";
import type kyType from "ky";
declare global {
  const createSession: typeof create;
  const session: Session;
  const axios: typeof axiosType;
  const ky: typeof kyType;
  const accessToken: string, refreshToken: string, expiresIn: number;
}
`;

test("every block of JavaScript in the documents compiles against the types", async () => {
  const stage = join(here, "node_modules/.docs");
  await rm(stage, { recursive: true, force: true });
  await mkdir(stage, { recursive: true });
  await rm(join(here, "node_modules/relatch"), { force: true });
  await symlink("../../../pkg", join(here, "node_modules/relatch"));
  await writeFile(join(stage, "prelude.d.mts"), PRELUDE);
  const documents = [
    "README.md",
    "README.ko.md",
    "pkg/README.md",
    "docs/errors.md",
    "docs/getting-started.md",
    "docs/coming-from.md",
    "docs/faq.md",
    "docs/observing.md",
    "docs/worker.md",
  ];
  let count = 0;
  for (const document of documents) {
    const found = (await blocks(document)).filter(
      ({ language, name }) => /^[jt]s$/.test(language) && name !== "before",
    );
    assert.ok(found.length > 0, `${document} shows no code`);
    for (const [i, { code }] of found.entries()) {
      await writeFile(join(stage, `${document.replaceAll("/", "-")}.${i}.mts`), `${code}\nexport {};\n`);
      count++;
    }
  }
  const options = {
    compilerOptions: {
      strict: true,
      noImplicitAny: false,
      useUnknownInCatchVariables: false,
      noEmit: true,
      skipLibCheck: true,
      target: "es2022",
      lib: ["es2022", "dom", "dom.iterable"],
      module: "esnext",
      moduleResolution: "bundler",
      types: [],
    },
    include: ["*.mts"],
  };
  await writeFile(join(stage, "tsconfig.json"), JSON.stringify(options));
  const { stdout } = await exec(join(here, "node_modules/.bin/tsc"), ["-p", stage], { cwd: stage }).catch(
    (error) => error,
  );
  assert.equal(stdout, "");
  assert.ok(count > 30, `only ${count} blocks`);
});

for (const document of ["README.md", "README.ko.md"]) {
  test(`${document}'s first lines, from npm install to a working call, are under 15 and work`, async () => {
    const found = await blocks(document);
    const install = found.find(({ language }) => language === "sh").code.trim();
    const use = found.find(({ language }) => language === "js").code;
    assert.equal(install, "npm install relatch");
    const lines = `${install}\n${use}`.split("\n").filter((line) => line.trim());
    assert.ok(lines.length < 15, `${lines.length} lines`);

    const folder = await mkdtemp(join(tmpdir(), "relatch-"));
    try {
      const { stdout } = await exec("npm", ["pack", "--silent", "--pack-destination", folder, "./pkg"], { cwd: root });
      await writeFile(join(folder, "package.json"), "{}");
      await exec("npm", ["install", "--no-audit", "--no-fund", `./${stdout.trim()}`], { cwd: folder });
      // The reader's own password, and then what the last line gave, to look at.
      await writeFile(
        join(folder, "main.js"),
        `${use.replace('"…"', '"latch"')}\nObject.assign(globalThis, { session, response });\n`,
      );
      const { outputFiles } = await build({
        entryPoints: [join(folder, "main.js")],
        bundle: true,
        format: "esm",
        write: false,
      });
      const t = await w.open();
      await t.page.addScriptTag({ type: "module", content: outputFiles[0].text });
      await t.page.waitForFunction(() => globalThis.response);
      const result = await t.page.evaluate(async () => {
        const { result } = await response.json();
        return [response.status, result.reviewId, session.status, typeof localStorage.relatch];
      });
      assert.deepEqual(result, [200, "151", "fresh", "string"]);
      await t.close();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

test("every error code has its section with cause, fix and example, and every section its code", async () => {
  const types = await readFile(join(root, "pkg/index.d.ts"), "utf8");
  const union = /export type RelatchErrorCode =(.+?)\n\n/s.exec(types)[1];
  const codes = [...union.matchAll(/\| "(\w+)"/g)].map(([, code]) => code);
  const engine = await readFile(join(root, "engine/src/error.rs"), "utf8");
  const engineCodes = [...engine.matchAll(/=> "([a-z]+(?:_[a-z]+)*)",/g)].map(([, code]) => code);
  assert.deepEqual([...engineCodes, "wasm_unavailable"].sort(), [...codes].sort());
  const page = await readFile(join(root, "docs/errors.md"), "utf8");
  const sections = new Map(
    page
      .split(/^## /m)
      .slice(1)
      .map((text) => [/^`(\w+)`\n/.exec(text)?.[1], text]),
  );
  assert.deepEqual([...sections.keys()].sort(), [...codes].sort());
  for (const [code, text] of sections) {
    for (const part of ["**Cause.** ", "**Fix.** ", "\n```js\n"])
      assert.ok(text.includes(part), `${code}: no ${part.trim()}`);
  }
});

test("no page error, no unhandled rejection in all of this", () => {
  assert.deepEqual(w.errors, []);
});
