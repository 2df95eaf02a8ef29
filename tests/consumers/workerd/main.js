import { build } from "esbuild";
import { Miniflare } from "miniflare";

// As wrangler does it: the condition, and .wasm files as modules of their own beside the script.
await build({
  entryPoints: ["worker.js"],
  bundle: true,
  format: "esm",
  outfile: "out/worker.js",
  conditions: ["workerd", "worker", "browser"],
  plugins: [
    {
      name: "wasm",
      setup(build) {
        build.onResolve({ filter: /\.wasm$/ }, () => ({ path: "./relatch_bg.wasm", external: true }));
      },
    },
  ],
});
const { copyFile } = await import("node:fs/promises");
await copyFile("node_modules/relatch/dist/relatch_bg.wasm", "out/relatch_bg.wasm");
const { RELATCH_API, RELATCH_SECOND } = process.env;
const server = new Miniflare({
  modules: [
    { type: "ESModule", path: "out/worker.js" },
    { type: "CompiledWasm", path: "out/relatch_bg.wasm" },
  ],
  compatibilityDate: process.argv[2],
});
const query = new URLSearchParams({ api: RELATCH_API, second: RELATCH_SECOND });
const response = await server.dispatchFetch(`http://worker/?${query}`);
console.log((await response.text()).replaceAll("\n", " "));
await server.dispose();
