import { rename } from "node:fs/promises";

// The project is CommonJS, as its package.json says; the scenario is not.
const prepare = async (t) => rename(`${t.dir}/scenario.js`, `${t.dir}/scenario.mjs`).catch(() => {});

export const fast = true;
export const cases = {
  "Node.js %, `require`: the ES module": async (t) => {
    await prepare(t);
    return t.outcome("node", "--require", "./one-copy.js", "main.js");
  },
  "Node.js %, `require` as before 20.19: CommonJS": async (t) => {
    await prepare(t);
    return t.outcome("node", "--no-experimental-require-module", "main.js");
  },
};
