import type { RefreshRequest, TokenStore } from "./index.js";

/**
 * Stands for the refresh token in `Tokens`, and in the body of the refresh, where the server overlooks it: the real one
 * is in a cookie that no script can read.
 */
export const IN_COOKIE: "in the cookie";

/**
 * `refresh` and `storage` for a server that keeps the refresh token in an HttpOnly cookie. The access token is kept in
 * memory alone; each page gets its own by a refresh, which its first call waits for. Tabs take turns under the origin's
 * Web Lock, so that a rotating cookie is not spent twice.
 *
 * The server's answers are as ever: tokens in a 200 (a refresh token in it is not needed), and a 401 or 403 with a JSON
 * object where there is no cookie or a spent one, which ends the session (`expired`), also that of a visitor who never
 * signed in. Cookies go along by themselves, so the endpoint must refuse other sites: `SameSite`, and a JSON body that
 * no form can send.
 *
 * `clear()` does not remove the cookie: call your logout endpoint first. Tabs tell each other of a login and a logout
 * by a `BroadcastChannel`, which carries a number drawn at the login and one that stands for the user, and no token.
 * Since they share the cookie, a login in one is a login in all: their calls that wait get their own 401, and nothing
 * goes out as the new user that was made as the old one.
 *
 * @param refresh as {@link RefreshRequest}; `credentials` are `"include"` unless it says otherwise.
 *
 * @example
 * const session = createSession(cookie({ url: "/users/refresh" }));
 * const login = await fetch("/users/sign-in", { method: "POST", body });
 * await session.setTokens({ ...(await login.json()), refreshToken: IN_COOKIE });
 */
export function cookie(refresh: RefreshRequest): { refresh: RefreshRequest; storage: TokenStore };
