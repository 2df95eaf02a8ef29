// The two ways to talk to the server: as the article does, and as RFC 6749 does. Each has its own session and key.
import { api, realm } from "./server.js";

const PASSWORD = "latch";
const CLIENT_ID = "relatch-demo";

async function post(fetch, route, body) {
  const response = await fetch(api(route), { method: "POST", body, headers: headersOf(body) });
  const answer = await response.json().catch(() => null);
  return { response, answer };
}

/** URLSearchParams names its own type. */
const headersOf = (body) => (typeof body === "string" ? { "Content-Type": "application/json" } : {});

const refused = (status, reason) => new Error(`The sign-in was refused (${status}${reason ? `: ${reason}` : ""}).`);

export const styles = {
  article: {
    label: "article",
    options: {
      header: { name: "X-AUTH-TOKEN", scheme: "" },
      refresh: {
        url: api("/users/refresh"),
        send: { refreshToken: "refreshToken" },
        pick: {
          accessToken: "result.accessToken",
          refreshToken: "result.refreshToken",
          expiresIn: "result.expiresIn",
        },
      },
    },
    async signIn(name, fetch) {
      const body = JSON.stringify({ name, password: PASSWORD });
      const { response, answer } = await post(fetch, "/users/sign-in", body);
      if (!response.ok || !answer?.result) throw refused(response.status, answer?.message);
      return answer.result;
    },
  },
  oauth: {
    label: "OAuth 2.0",
    options: {
      header: { name: "Authorization", scheme: "Bearer" },
      refresh: { url: api("/oauth/token"), body: "form", clientId: CLIENT_ID },
    },
    async signIn(name, fetch) {
      const body = new URLSearchParams({
        grant_type: "password",
        username: name,
        password: PASSWORD,
        client_id: CLIENT_ID,
      });
      const { response, answer } = await post(fetch, "/oauth/token", body);
      if (!response.ok || !answer?.access_token)
        throw refused(response.status, answer?.error_description ?? answer?.error);
      return { accessToken: answer.access_token, refreshToken: answer.refresh_token, expiresIn: answer.expires_in };
    },
  },
};

/** The record's name in localStorage. */
export const keyOf = (style) => `relatch-demo:${realm}:${style}`;

/** The whole of what an application writes to have its 401s answered. */
export function makeSession(createSession, style, fetch) {
  return createSession({
    ...styles[style].options,
    key: keyOf(style),
    refreshTimeout: 5000,
    fetch,
  });
}

/** The stored record, or `null`. A demo may look; an application has no need to. */
export function record(key) {
  try {
    const value = JSON.parse(localStorage.getItem(key));
    return typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}

/** The article's proof: the access token is gone, the refresh token stays. `false` if there was none. */
export function deleteAccessToken(key) {
  const { accessToken, ...rest } = record(key) ?? {};
  if (!accessToken) return false;
  localStorage.setItem(key, JSON.stringify(rest));
  return true;
}

/** Tells the server as well. Not reached, it forgets the session by itself one day. */
export async function signOut(key, fetch) {
  const refreshToken = record(key)?.refreshToken;
  if (refreshToken) await post(fetch, "/users/sign-out", JSON.stringify({ refreshToken }));
}
