// The declarations, resolved through the package's own exports, under several of TypeScript's ways and two of its ages.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, rm, symlink } from "node:fs/promises";
import test, { before } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const exec = promisify(execFile);
const here = fileURLToPath(new URL(".", import.meta.url));
const compilers = {
  "TypeScript 7": "../clients/node_modules/typescript/bin/tsc",
  "TypeScript 5.4": "../clients/node_modules/typescript-5.4/bin/tsc",
};
const projects = {
  "tsconfig.json": "node16 resolution, import and require, strict, exactOptionalPropertyTypes",
  "bundler.json": "bundler resolution",
  "node.json": "Node.js without the DOM's types",
};

before(async () => {
  await mkdir(`${here}node_modules`, { recursive: true });
  await rm(`${here}node_modules/relatch`, { force: true });
  await symlink("../../../pkg", `${here}node_modules/relatch`);
});

for (const [compiler, bin] of Object.entries(compilers)) {
  for (const [project, what] of Object.entries(projects)) {
    test(`${compiler}: ${what}`, async () => {
      const { stdout } = await exec(process.execPath, [here + bin, "--noEmit", "-p", here + project]).catch(
        (error) => error,
      );
      // Whether Node's own declarations agree with a compiler is not ours to say.
      const ours = stdout
        .split("\n")
        .filter((line) => line && !line.startsWith(" ") && !line.includes("/@types/node/"));
      assert.deepEqual(ours, []);
    });
  }
}
