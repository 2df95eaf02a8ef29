// Where no browser holds the token back (S9): every redirect, in both kinds of header, from one origin to another and
// on the same one. The server says what arrived with a token. The runner copies this file into each project.
const STATUSES = [301, 302, 303, 307, 308];

/** Throws if a token reached another origin, or if an ordinary redirect does not work. */
export async function redirects(createSession, api, second) {
  await every(createSession, api, second);
  if (globalThis.location) return;
  // What has a location is no browser yet: frameworks and tests put one there.
  globalThis.location = new URL(api);
  await every(createSession, api, second);
  delete globalThis.location;
}

async function every(createSession, api, second) {
  const control = (route, body) => fetch(api + route, { method: "POST", body: JSON.stringify(body ?? {}) });
  const login = await fetch(`${api}/users/sign-in`, {
    method: "POST",
    body: JSON.stringify({ name: "ada", password: "latch" }),
  });
  const { result: tokens } = await login.json();
  await control("/control", { trace: true });
  const rows = [];
  const wrong = [];
  for (const header of [undefined, { name: "X-AUTH-TOKEN" }]) {
    const origins = [new URL(api).origin, new URL(second).origin];
    const session = createSession({ origins, header, refresh: { url: `${api}/users/refresh` }, storage: "memory" });
    await session.setTokens(tokens);
    for (const status of STATUSES) {
      for (const method of ["GET", "POST", "PUT"]) {
        for (const way of ["home", "away", "there and back"]) {
          const id = rows.length;
          const echo = (base) => `${base}/echo?id=${id}`;
          // An open route: its 401 would ask for a refresh, as nobody sees that the token was left behind.
          const open = `${api}/open/echo?id=${id}`;
          const to = (url, base = api) => `${base}/redirect?status=${status}&to=${encodeURIComponent(url)}`;
          const url = { home: to(echo(api)), away: to(echo(second)), "there and back": to(to(open, second)) }[way];
          const init = { method, ...(method !== "GET" && { body: "kept" }) };
          const seen = await session.fetch(url, init).then(
            async (response) => {
              const body = response.status === 200 ? await response.json() : {};
              return {
                status: response.status,
                redirected: response.redirected,
                url: response.url,
                method: body.method,
                length: body.length,
              };
            },
            (error) => ({ error: error.name }),
          );
          rows.push({ status, method, way, header, seen });
          const end = { home: echo(api), away: echo(second), "there and back": open }[way];
          const isGet = status === 303 || (status < 303 && method === "POST");
          const want =
            way !== "home"
              ? header
                ? { error: "TypeError" }
                : { status: way === "away" ? 401 : 200, redirected: true, url: end }
              : // A header of one's own goes through no redirect but on the page's own origin, as in browsers.
                header
                ? undefined
                : {
                    status: 200,
                    redirected: true,
                    url: end,
                    method: isGet ? "GET" : method,
                    length: isGet || method === "GET" ? 0 : 4,
                  };
          if (want && Object.entries(want).some(([name, value]) => seen[name] !== value)) wrong.push(rows.at(-1));
        }
      }
    }
    session.close();
  }
  // A refresh token must not follow one either.
  const to = encodeURIComponent(`${second}/open/echo`);
  const refresh = { url: `${api}/redirect?status=307&to=${to}` };
  const session = createSession({ origins: [new URL(api).origin], refresh, storage: "memory" });
  await session.setTokens({ accessToken: "a", refreshToken: "r", expiresIn: 60 });
  const told = await session.refresh().catch((error) => error.code);
  if (told !== "refresh_failed") wrong.push(`a refresh that is redirected: ${told}`);
  session.close();
  const traces = await (await control("/control/traces")).json();
  await control("/control", { trace: false });
  for (const { path, query, headers, token } of traces.filter(({ query }) => query.id)) {
    const { way } = rows[query.id];
    // What was away once is a stranger's word, also where it leads home again.
    if (way !== "home" && token !== "none") wrong.push({ token, path, host: headers.host, ...rows[query.id] });
  }
  const abroad = traces.filter(({ headers }) => headers.host === new URL(second).host);
  if (!abroad.length || abroad.some(({ token }) => token !== "none")) wrong.push({ abroad });
  if (traces.some(({ path, query }) => path === "/open/echo" && !query.id))
    wrong.push("a refresh token followed a redirect");
  if (!traces.some(({ path, token }) => path === "/echo" && token === "good")) wrong.push("no token arrived at all");
  if (wrong.length) throw new Error(`${wrong.length} redirects were wrong: ${JSON.stringify(wrong.slice(0, 5))}`);
}
