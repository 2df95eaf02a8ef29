// The public types, as users write against them. `@ts-expect-error` lines must not compile.
import { createSession, RelatchError, type RelatchErrorCode, type Session } from "relatch";
import { createDpop, DpopError, type Dpop } from "relatch/dpop";
import { connect, serve, type RemoteSession } from "relatch/worker";
import { createSession as slim, setWasm } from "relatch/slim";

const session: Session = createSession({ refresh: { url: "/users/refresh" } });

// A drop-in for fetch, in both directions.
const drop: typeof fetch = session.fetch;
const response: Response = await session.fetch(new URL("https://a.example/"), { method: "POST", body: "x" });
response.clone();
drop("/x");

await session.setTokens({ accessToken: "a" });
await session.setTokens({ accessToken: "a", refreshToken: undefined, expiresIn: null });
const token: string = await session.getAccessToken({ minValidity: 30 });
token.trim();

createSession({
  refresh: async ({ refreshToken, fetch, signal, reason }) => {
    const why: "rejected" | "expired" | "advisory" | "forced" = reason;
    const answer = await fetch("/r", { method: "POST", body: refreshToken, signal });
    return answer.ok && why ? { accessToken: await answer.text() } : null;
  },
  header: { name: "X-AUTH-TOKEN", scheme: "" },
  storage: { get: async () => null, set: async () => {}, remove: () => {} },
  skip: (input) => String(input).includes("public"),
});

session.addEventListener("failed", ({ detail }) => {
  const code: RelatchErrorCode = detail.code;
  const ms: number = detail.retryInMs;
  return [code, ms];
});
session.addEventListener("adopted", ({ detail }) => {
  if (detail.change === "signed-out") return;
  // @ts-expect-error: there is no such change
  if (detail.change === "elsewhere") return;
});

switch (session.status) {
  case "fresh":
  case "stale":
    break;
  // @ts-expect-error: there is no such status
  case "valid":
    break;
}

try {
  await session.refresh();
} catch (error) {
  if (error instanceof RelatchError && error.code === "session_expired") session.close();
}

// @ts-expect-error: refresh is required
createSession({});
// @ts-expect-error: an access token is required
session.setTokens({ refreshToken: "r" });
// @ts-expect-error: not a storage
createSession({ refresh: { url: "/r" }, storage: "disk" });

{
  using scoped = createSession({ refresh: { url: "/r" } });
  scoped.install()();
}

setWasm(new URL("https://cdn.example/relatch.wasm"));
slim({ refresh: { url: "/r" } });

const dpop: Dpop = createDpop({ tokenEndpoints: ["/oauth/token"] });
createSession(dpop.options({ refresh: { url: "/oauth/token", body: "form", clientId: "web" } }));
const proof: string = await dpop.proof("GET", "https://a.example/", token);
proof.trim();
const why: "key_unavailable" | "not_dpop" = new DpopError().code;
why.trim();
// @ts-expect-error: the header is DPoP's own business
dpop.options({ refresh: { url: "/r" }, header: { scheme: "Bearer" } });

session.addEventListener("step-up", ({ detail }) => {
  const wanted: [string, string | null, string | null, number | null] = [
    detail.error,
    detail.scope,
    detail.acrValues,
    detail.maxAge,
  ];
  wanted.length;
});

serve(session, { login: async (given, inner) => inner.setTokens({ accessToken: String(given) }) });
declare const worker: SharedWorker;
const remote: RemoteSession = connect(worker);
const through: Response = await remote.fetch("/x");
through.clone();
remote.addEventListener("expired", ({ detail }) => detail.status.toFixed());
