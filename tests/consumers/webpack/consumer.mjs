export const tool = "webpack";
export const fast = false;
export const cases = {
  "webpack %": async (t) => {
    await t.exec("node", "build.mjs");
    return t.browse(await t.serve("public"));
  },
};
