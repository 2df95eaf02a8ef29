// From the import of the package to the first request handed to `fetch`, on a page whose user is signed in. The files
// come from a server on this machine, so what is measured is parsing, compiling and the work of the start.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";

const dist = new URL("../../pkg/dist/", import.meta.url);

const PAGE = `<!doctype html><meta charset="utf-8"><script type="module">
  const now = Date.now();
  localStorage.setItem("relatch", JSON.stringify({
    v: 1, epoch: 1, generation: 1, accessToken: "token", refreshToken: "r", obtainedAt: now, lifetime: 3600000,
  }));
  // A page that has come to rest, as when a user clicks; not the busy moment of its own loading.
  await new Promise((resolve) => setTimeout(resolve, 100));
  const start = performance.now();
  const { createSession } = await import("/index.js");
  const imported = performance.now();
  const sent = new Promise((resolve) => {
    const session = createSession({
      refresh: { url: "/refresh" },
      fetch: async (url, init) => {
        const header = new Headers(init.headers).get("authorization");
        resolve({ ms: performance.now() - start, imported: imported - start, header });
        return new Response("ok");
      },
    });
    session.fetch("/api/item");
  });
  globalThis.result = await sent;
</script>`;

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

export async function firstFetch(browser, rounds) {
  const server = createServer(async (request, response) => {
    response.setHeader("cross-origin-opener-policy", "same-origin");
    response.setHeader("cross-origin-embedder-policy", "require-corp");
    const name = /^\/([a-z]+\.js)$/.exec(request.url)?.[1];
    response.setHeader("cache-control", "max-age=3600");
    response.setHeader("content-type", name ? "text/javascript; charset=utf-8" : "text/html; charset=utf-8");
    response.end(name ? await readFile(new URL(name, dist)) : PAGE);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const times = { cold: [], warm: [] };
  try {
    for (let round = 0; round < rounds; round++) {
      const context = await browser.newContext();
      const page = await context.newPage();
      for (const kind of ["cold", "warm"]) {
        await page.goto(`http://127.0.0.1:${server.address().port}/`);
        await page.waitForFunction(() => globalThis.result);
        const { ms, imported, header } = await page.evaluate(() => result);
        if (header !== "Bearer token") throw new Error(`the first request carried ${header}`);
        times[kind].push({ ms, imported });
      }
      await context.close();
    }
  } finally {
    server.close();
  }
  const of = (kind, what) => median(times[kind].map((time) => time[what]));
  return Object.fromEntries(
    ["cold", "warm"].map((kind) => [kind, { ms: of(kind, "ms"), imported: of(kind, "imported") }]),
  );
}
