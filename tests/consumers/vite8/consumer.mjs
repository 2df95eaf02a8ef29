export const tool = "vite";
export const fast = true;
export const cases = {
  "Vite %, build": async (t) => {
    await t.exec("vite", "build");
    return t.browse(await t.serve("dist"));
  },
  "Vite %, dev": async (t) => t.browse(await t.start("vite", "--host", "127.0.0.1", "--port", "PORT", "--strictPort")),
};
