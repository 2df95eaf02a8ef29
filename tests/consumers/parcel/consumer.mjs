export const tool = "parcel";
export const fast = false;
export const cases = {
  "Parcel %": async (t) => {
    await t.exec("parcel", "build", "index.html", "--no-cache", "--cache-dir", "cache");
    return t.browse(await t.serve("dist"));
  },
};
