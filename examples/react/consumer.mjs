// How `cargo xtask consumers react` builds and uses this example.
export const tool = "react";
export const fast = true;
export const cases = {
  "React %, a provider and a hook ([examples/react](examples/react)), by Vite 8": async (t) => {
    await t.exec("vite", "build");
    return t.use(await t.serve("dist"), async (page) => {
      const shows = (id, text) => page.locator(`#${id}`, { hasText: text }).waitFor();
      await shows("status", "signed-out");
      await page.click("#sign-in");
      await shows("status", "fresh");
      await page.click("#expire");
      await shows("result", "expired");
      await page.click("#send");
      await shows("result", "of 20 succeeded");
      const right = Number.parseInt(await page.locator("#result").textContent(), 10);
      await page.click("#sign-out");
      // No button's doing: the hook heard of it.
      await shows("status", "signed-out");
      return { right };
    });
  },
};
