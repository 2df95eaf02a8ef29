// What a user's own code passes on may be undefined, under exactOptionalPropertyTypes too; and what must not compile.
import {
  createSession,
  RelatchError,
  type Claims,
  type RefreshContext,
  type Session,
  type SessionEventMap,
  type SessionOptions,
  type Tokens,
} from "relatch";

declare const maybe: { clientId?: string; timeout?: number; fetch?: typeof fetch; origins?: string[] };

const session = createSession({
  origins: maybe.origins,
  refresh: { url: "/r", clientId: maybe.clientId, pick: { accessToken: maybe.clientId }, terminal: undefined },
  header: { name: undefined },
  maxWait: maybe.timeout,
  fetch: maybe.fetch,
});
await session.getAccessToken({ minValidity: maybe.timeout });

// Reads as a set of cases, each with its own details.
function told(event: SessionEventMap[keyof SessionEventMap]): string {
  return event.type;
}
for (const type of ["refreshed", "adopted", "changed", "replayed", "held", "expired", "failed", "step-up"] as const) {
  session.addEventListener(type, told);
  session.removeEventListener(type, told);
}
session.addEventListener("refreshed", {
  handleEvent: ({ detail }) => detail.reason satisfies RefreshContext["reason"],
});
session.addEventListener(
  "step-up",
  ({ detail }) => {
    const acr: string | null = detail.acrValues;
    // @ts-expect-error: an event never carries a token
    return [acr, detail.accessToken];
  },
  { once: true },
);

const claims: Claims | null = session.claims;
const expiry: number | undefined = claims?.exp;
// @ts-expect-error: a claim of one's own is unknown until it is looked at
const role: string = claims?.role;

// Options can be put together elsewhere.
const options: SessionOptions = { refresh: ({ signal }) => (signal.aborted ? null : { accessToken: "a" }) };
const tokens = { accessToken: "a", refreshToken: null } satisfies Tokens;
const made: Session = createSession(options);
await made.setTokens(tokens);

// A closed set of codes.
function advice(error: RelatchError): string {
  switch (error.code) {
    case "signed_out":
    case "session_expired":
      return "log in";
    case "closed":
      return "open";
    // @ts-expect-error: there is no such code
    case "unauthorized":
      return "";
    default:
      return error.message;
  }
}
advice(new RelatchError("closed", "the session was closed"));

// @ts-expect-error: not a code
new RelatchError("oops", "");
// @ts-expect-error: seconds are a number
await session.setTokens({ accessToken: "a", expiresIn: "900" });
// @ts-expect-error: status is read only
session.status = "fresh";
// @ts-expect-error: a refresh gives tokens or null, not a response
createSession({ refresh: async ({ fetch }) => fetch("/r") });
// @ts-expect-error: body is "json" or "form"
createSession({ refresh: { url: "/r", body: "xml" } });
// @ts-expect-error: unknown options are a misspelling
createSession({ refresh: { url: "/r" }, orgins: [] });
export { expiry, role };
