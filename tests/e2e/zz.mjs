import { launchWebKit } from "./webkit.mjs";
import { startServer } from "./server.mjs";
const s = await startServer(); const b = await launchWebKit();
const c = await b.newContext(); const p = await c.newPage();
await p.goto(s.main + "/tests/e2e/page.html?realm=zz");
console.log(await p.evaluate(async () => {
  const out = {};
  const bytes = () => new Uint8Array([1,2,3,4]);
  const t = async (n, make, f) => { const b = bytes(); const r = make(b); const q = r[f](); b.fill(9); out[n] = [...new Uint8Array(await (await q).arrayBuffer?.() ?? await q)].join(); };
  for (const f of ["arrayBuffer", "blob"]) {
    await t("buffer " + f, (b) => new Request("/", { method: "POST", body: b.buffer }), f);
    await t("buffer second " + f, (b) => new Request(new Request("/", { method: "POST", body: b.buffer }), { mode: "no-cors", method: "POST" }), f);
    await t("view " + f, (b) => new Request("/", { method: "POST", body: b }), f);
  }
  { const b = bytes(); const r = new Request("/", { method: "POST", body: b.buffer }); b.fill(9); out.lateBuffer = [...new Uint8Array(await r.arrayBuffer())].join(); }
  { const b = bytes(); const r = new Request("/", { method: "POST", body: b }); b.fill(9); out.lateView = [...new Uint8Array(await r.arrayBuffer())].join(); }
  { const q = new URLSearchParams("a=1"); const r = new Request("/", { method: "POST", body: q }); q.set("a", "2"); out.lateParams = await r.text(); }
  { const q = new URLSearchParams("a=1"); const r = new Request("/", { method: "POST", body: q }).arrayBuffer(); q.set("a", "2"); out.params = new TextDecoder().decode(await r); }
  { const q = new FormData(); q.set("a", "1"); const r = new Request("/", { method: "POST", body: q }); q.set("a", "2"); out.lateForm = (await r.text()).includes("\r\n2"); }
  return out;
}));
await b.close(); s.stop();
