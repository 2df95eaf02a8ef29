// The tarball that would be published.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after, before } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { publint } from "publint";
import { formatMessage } from "publint/utils";

const exec = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
let folder, tarball, packed;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "relatch-"));
  const { stdout } = await exec("npm", ["pack", "--json", "--pack-destination", folder, "./pkg"], { cwd: root });
  // An array in npm up to 11, an object by name in later ones.
  packed = Object.values(JSON.parse(stdout))[0];
  tarball = join(folder, packed.filename);
});
after(() => rm(folder, { recursive: true, force: true }));

test("the tarball holds the files of packed.txt, and no other", async () => {
  const expected = (await readFile(new URL("packed.txt", import.meta.url), "utf8")).trim().split("\n");
  assert.deepEqual(packed.files.map(({ path }) => path).sort(), expected.sort());
});

test("the licences in the tarball are the repository's", async () => {
  for (const name of ["LICENSE-MIT", "LICENSE-APACHE"]) {
    assert.equal(await readFile(join(root, "pkg", name), "utf8"), await readFile(join(root, name), "utf8"));
  }
});

test("npm package and crate are of one version", async () => {
  const { version } = JSON.parse(await readFile(join(root, "pkg/package.json"), "utf8"));
  const cargo = await readFile(join(root, "Cargo.toml"), "utf8");
  assert.equal(version, /\[workspace\.package\]\s+version = "(.+)"/.exec(cargo)?.[1]);
});

test("publint finds nothing", async () => {
  const bytes = await readFile(tarball);
  const pack = { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) };
  const { messages, pkg } = await publint({ pack, strict: true });
  assert.equal(pkg.name, "relatch");
  assert.deepEqual(
    messages.map((message) => formatMessage(message, pkg, { color: false })),
    [],
  );
});

test("attw finds nothing: types and code agree for import, require and bundlers", async () => {
  const bin = fileURLToPath(new URL("node_modules/.bin/attw", import.meta.url));
  // Into a file: it ends before a pipe has taken all of what it says. Its exit code speaks of what is explained below,
  // too.
  const report = join(folder, "attw.json");
  await exec("sh", ["-c", '"$0" "$1" --format json --profile node16 > "$2"', bin, tarball, report]).catch(() => {});
  const { analysis, problems } = JSON.parse(await readFile(report, "utf8"));
  // `./relatch.wasm` is no module for TypeScript; `./slim`, `./dpop`, `./inspector` and `./worker` are for bundlers and
  // pages, as ES modules only.
  const explained = (kind, { entrypoint, resolutionKind }) =>
    resolutionKind === "node10" ||
    entrypoint === "./relatch.wasm" ||
    (kind === "CJSResolvesToESM" &&
      ["./slim", "./dpop", "./inspector", "./worker"].includes(entrypoint) &&
      resolutionKind === "node16-cjs");
  const rest = Object.entries(problems).flatMap(([kind, found]) =>
    found.filter((p) => !explained(kind, p)).map((p) => ({ kind, ...p })),
  );
  assert.deepEqual(rest, []);
  assert.deepEqual(Object.keys(analysis.entrypoints), [
    ".",
    "./slim",
    "./dpop",
    "./inspector",
    "./worker",
    "./oauth",
    "./cookie",
    "./challenge",
    "./jwt",
    "./timing",
    "./relatch.wasm",
    "./package.json",
  ]);
});
