// A back end in the test's own process: rotates strictly, refuses what is expired, and counts.
import { createSession } from "../../pkg/dist/index.js";

export const BASE = "https://api.example";

/**
 * @param {{ refuse?: (request: Request) => Response, options?: object }} given how the API says that the token is over
 */
export async function backend({
  refuse = () => new Response("no", { status: 401 }),
  create = createSession,
  ...options
} = {}) {
  const seen = { refreshes: 0, requests: 0, reuse: 0, tokens: [] };
  let good = "";
  let live = "r0";
  const issue = () => {
    seen.refreshes++;
    live = `r${seen.refreshes}`;
    good = `a${seen.refreshes}`;
    return { accessToken: good, refreshToken: live, expiresIn: 3600 };
  };
  const session = create({
    origins: [BASE],
    storage: "memory",
    refresh: async ({ refreshToken }) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (refreshToken !== live) {
        seen.reuse++;
        return null;
      }
      return issue();
    },
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const token = request.headers.get("authorization");
      seen.requests++;
      seen.tokens.push(token);
      if (token === null || token === `Bearer ${good}`) {
        const answered = given.answer?.(request, token);
        return answered ?? Response.json({ ok: true, path: new URL(request.url).pathname });
      }
      return refuse(request);
    },
    ...options,
  });
  const given = { session, seen, answer: undefined, expire: () => (good = "none"), good: () => good };
  await session.setTokens({ accessToken: "a0", refreshToken: live, expiresIn: 3600 });
  good = "a0";
  // The first call opens the session; the storm comes on the fast path and the slow one alike.
  await session.fetch(`${BASE}/first`);
  return given;
}

/** So many calls at once on a token that only the server knows to be over. */
export function storm({ session, expire }, n = 20, init = undefined) {
  expire();
  return Promise.all(Array.from({ length: n }, (_, i) => session.fetch(`${BASE}/x/${i}`, init)));
}
