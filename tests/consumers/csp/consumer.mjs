const policy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src http://127.0.0.1:*; " +
  "require-trusted-types-for 'script'";

export const fast = true;
export const cases = {
  "A page under `script-src 'self' 'wasm-unsafe-eval'` and Trusted Types": async (t) =>
    t.browse(await t.serve(".", { "content-security-policy": policy })),
};
