import { createSession } from "relatch";
import { scenario } from "./scenario.js";

/** A refresh whose answer is a redirect: its target must not see the refresh token. */
async function redirected(api) {
  const to = encodeURIComponent(`${api}/open/echo`);
  const refresh = { url: `${api}/redirect?status=307&to=${to}` };
  const session = createSession({ origins: [new URL(api).origin], refresh });
  await session.setTokens({ accessToken: "a", refreshToken: "r", expiresIn: 60 });
  const told = await session.refresh().catch((error) => `${error.code}: ${error.cause?.message}`);
  session.close();
  if (told !== "refresh_failed: a redirect was refused") throw new Error(`a redirect was followed: ${told}`);
}

export default {
  async fetch(request) {
    const api = new URL(request.url).searchParams.get("api");
    const outcome = await scenario(createSession, api);
    await redirected(api);
    return Response.json(outcome);
  },
};
