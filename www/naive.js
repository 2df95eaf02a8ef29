// The wrapper that most applications have: on a 401 get a new access token, store it, send again. It is honest work,
// and right for one request, in one tab, on a good day. It stands beside relatch in the tour; nothing here is made
// worse than what is found in tutorials.

/** `key`: its place in localStorage. `checksExpiry`: asks the token's `exp` before each request, as many do. */
export function naiveClient({ base, key, checksExpiry = false }) {
  const tokens = () => JSON.parse(localStorage.getItem(key));
  const store = (given) => localStorage.setItem(key, JSON.stringify(given));

  async function refresh() {
    const response = await fetch(`${base}/users/refresh`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ refreshToken: tokens()?.refreshToken }),
    });
    if (!response.ok) throw new Error("the refresh failed");
    store((await response.json()).result);
  }

  const send = (path, init) =>
    fetch(base + path, { ...init, headers: { ...init?.headers, Authorization: `Bearer ${tokens()?.accessToken}` } });

  const isOver = (token) => JSON.parse(atob(token.split(".")[1])).exp * 1000 < Date.now();

  return {
    async fetch(path, init) {
      try {
        if (checksExpiry && isOver(tokens().accessToken)) await refresh();
        const response = await send(path, init);
        if (response.status !== 401) return response;
        await refresh();
      } catch (error) {
        // Show the login.
        localStorage.removeItem(key);
        throw error;
      }
      return send(path, init);
    },
    setTokens: async (given) => store(given),
    signOut: async () => localStorage.removeItem(key),
    isSignedIn: () => tokens() !== null,
    close() {},
  };
}
