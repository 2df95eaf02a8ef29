import { readFile } from "node:fs/promises";

export const tool = "jest";
export const fast = false;
export const cases = {
  "Jest %, as it comes (CommonJS)": async (t) => {
    // Jest's own Babel turns the project's modules into CommonJS, and leaves node_modules alone.
    await t.exec("jest");
    return JSON.parse(await readFile(`${t.dir}/outcome.json`, "utf8"));
  },
};
