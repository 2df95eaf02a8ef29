// What each client brings into a page, bundled and minified alike, no more of it than the benchmark uses.
import { readFile } from "node:fs/promises";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build } from "esbuild";

/** What `peers.js` imports of each. */
const imports = {
  relatch: null,
  "axios + axios-auth-refresh": [
    ["axios", "default as axios"],
    ["axios-auth-refresh", "createAuthRefresh"],
  ],
  ky: [["ky", "default as ky"]],
  wretch: [["wretch", "default as wretch"]],
  ofetch: [["ofetch", "createFetch"]],
  alova: [
    ["alova", "createAlova"],
    ["alova/client", "createServerTokenAuthentication"],
    ["alova/fetch", "default as fetch"],
  ],
  "@badgateway/oauth2-client": [["@badgateway/oauth2-client", "OAuth2Client, OAuth2Fetch"]],
  "openapi-fetch": [["openapi-fetch", "default as createClient"]],
};

const sizes = (parts) => ({
  raw: parts.reduce((sum, part) => sum + part.length, 0),
  gzip: parts.reduce((sum, part) => sum + gzipSync(part, { level: 9 }).length, 0),
  brotli: parts.reduce((sum, part) => sum + brotliCompressSync(part).length, 0),
});

export async function bytes() {
  const rows = {};
  for (const [name, modules] of Object.entries(imports)) {
    if (!modules) {
      const files = ["index.js", "inline.js"].map((file) =>
        readFile(new URL(`../../pkg/dist/${file}`, import.meta.url)),
      );
      rows[name] = sizes(await Promise.all(files));
      continue;
    }
    const used = modules.map(([from, names]) => `export { ${names} } from "${from}";`).join("\n");
    const { outputFiles } = await build({
      stdin: { contents: used, resolveDir: new URL(".", import.meta.url).pathname },
      bundle: true,
      minify: true,
      format: "esm",
      target: "es2022",
      write: false,
      logLevel: "error",
    });
    rows[name] = sizes([outputFiles[0].contents]);
  }
  return rows;
}
