import { readFile } from "node:fs/promises";

export const tool = "vitest";
export const fast = false;
export const cases = {
  "Vitest %": async (t) => {
    await t.exec("vitest", "run");
    return JSON.parse(await readFile(`${t.dir}/outcome.json`, "utf8"));
  },
};
