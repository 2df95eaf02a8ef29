// What every consumer does with the relatch that it imported: sign in, let the access token expire, send twenty calls
// at once. The runner copies this file into each project, and asks the server what it saw.
export async function scenario(createSession, api) {
  const post = (route, body) => fetch(api + route, { method: "POST", body: JSON.stringify(body ?? {}) });
  const session = createSession({
    origins: [new URL(api).origin],
    refresh: {
      url: `${api}/users/refresh`,
      pick: { accessToken: "result.accessToken", refreshToken: "result.refreshToken", expiresIn: "result.expiresIn" },
    },
  });
  const login = await post("/users/sign-in", { name: "ada", password: "latch" });
  await session.setTokens((await login.json()).result);
  await post("/control/expire");
  const calls = Array.from({ length: 20 }, async (_, i) => {
    const response = await session.fetch(`${api}/home/review/detail/${i}`);
    return response.status === 200 && (await response.json()).result.reviewId === String(i);
  });
  const outcome = { right: (await Promise.all(calls)).filter(Boolean).length, status: session.status };
  session.close();
  try {
    createSession();
  } catch ({ message }) {
    // Only the development build says so.
    outcome.inWords = message.includes("must be");
  }
  return outcome;
}

/** In a page, or in a worker that was given the page's query. */
export const apiOf = ({ search }) => new URLSearchParams(search).get("api");

/** Gives what the promise gives, or what went wrong, to the runner. */
export const publish = async (promise) => {
  globalThis.outcome = await promise.catch((error) => ({ error: `${error.code ?? error.name}: ${error.message}` }));
};
