export const tool = "rollup";
export const fast = false;
export const cases = {
  "Rollup %": async (t) => {
    await t.exec("rollup", "--config", "--failAfterWarnings");
    return t.browse(await t.serve("public"));
  },
};
