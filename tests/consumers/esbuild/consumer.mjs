const build = (t, ...options) => t.exec("esbuild", "main.js", "--bundle", "--minify", "--outdir=public", ...options);

export const tool = "esbuild";
export const fast = true;
export const cases = {
  "esbuild %, with splitting": async (t) => {
    await build(t, "--format=esm", "--splitting");
    return t.browse(await t.serve("public"));
  },
  "esbuild %, one classic script": async (t) => {
    await build(t, "--format=iife");
    return t.browse(await t.serve("public"));
  },
  "A service worker, bundled by esbuild %": async (t) => {
    await t.exec("esbuild", "service.js", "--bundle", "--outdir=public", "--format=iife");
    return t.browse(await t.serve("public"), "/service.html");
  },
};
