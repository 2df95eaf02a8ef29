// relatch/oauth, relatch/cookie, relatch/jwt, relatch/timing and relatch/inspector; session.log.
import { createSession } from "relatch";
import { IN_COOKIE, cookie } from "relatch/cookie";
import { decodeJwt } from "relatch/jwt";
import "relatch/inspector";
import { oauth, toTokens } from "relatch/oauth";
import { timing } from "relatch/timing";

const session = createSession({
  refresh: oauth({ url: "https://id.example/token", clientId: "web", scope: undefined }),
});
await session.setTokens(toTokens(await (await fetch("/token")).json()));
const byCookie = createSession({
  ...cookie({ url: "/refresh", pick: { accessToken: "result.accessToken" } }),
  key: "c",
});
await byCookie.setTokens({ accessToken: "a", refreshToken: IN_COOKIE });
// @ts-expect-error: a function of one's own needs no such help
cookie(async () => null);
const role: string | undefined = decodeJwt<{ role: string }>("a.b.c")?.claims.role;
const exp: number | undefined = decodeJwt("a.b.c")?.claims.exp;
// @ts-expect-error: a public client has an id
oauth({ url: "/token" });
// @ts-expect-error: the names are the standard's
oauth({ url: "/token", clientId: "web", pick: {} });
const stop: () => void = timing(session);
stop();
session.log = "headers";
session.log = { level: "body", show: ["status"] };
// @ts-expect-error: there is no such level
session.log = "loud";
const inspector = document.createElement("relatch-inspector");
inspector.session = createSession({ refresh: { url: "/r" }, fetch: inspector.fetch });
export { role, exp };
