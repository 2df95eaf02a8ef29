// One side of the tour: a client, a user of its own on the server, and what both of them counted.
import { createSession } from "/pkg/dist/index.js";
import { naiveClient } from "./naive.js";

const PICK = { accessToken: "result.accessToken", refreshToken: "result.refreshToken", expiresIn: "result.expiresIn" };
function relatchClient({ base, key, refreshTimeout }) {
  const session = createSession({
    key,
    refresh: { url: `${base}/users/refresh`, pick: PICK },
    refreshTimeout,
  });
  return {
    fetch: (path, init) => session.fetch(base + path, init),
    setTokens: (given) => session.setTokens(given),
    signOut: () => session.clear(),
    isSignedIn: () => session.status !== "signed-out",
    close: () => session.close(),
  };
}

/** `kind`: "relatch" or "naive". */
export const makeClient = ({ kind, ...options }) =>
  kind === "relatch" ? relatchClient(options) : naiveClient(options);

export class Lane {
  /** A realm of its own on the server, so that lanes and visitors do not meet. */
  constructor(kind, options = {}) {
    this.kind = kind;
    const id = `tour-${kind}-${crypto.getRandomValues(new Uint32Array(2)).join("")}`;
    this.options = { kind, base: `/t/${id}`, key: id, ...options };
    this.client = makeClient(this.options);
    /** How each call ended: a status, or a word. */
    this.ends = [];
  }

  async #post(route, body = {}) {
    const response = await fetch(this.options.base + route, {
      method: "POST",
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(5000),
    });
    if (!response.ok) throw new Error(`the server answered ${response.status} to ${route}`);
    return response.json();
  }

  async signIn() {
    await this.client.setTokens((await this.#post("/users/sign-in", { name: "ada", password: "latch" })).result);
  }

  control = (settings) => this.#post("/control", settings);
  expire = () => this.#post("/control/expire");

  /** Sends so many calls at once. `patience` in milliseconds: what has not ended by then is counted as hanging. */
  async calls(n, { client = this.client, patience = 30_000 } = {}) {
    const late = (ms) => new Promise((resolve) => setTimeout(resolve, ms, "still waiting"));
    const one = (i) =>
      client.fetch(`/home/review/detail/${i}`).then(
        ({ status }) => status,
        () => "signed out or failed",
      );
    const calls = Array.from({ length: n }, (_, i) => Promise.race([one(i), late(patience)]));
    this.ends.push(...(await Promise.all(calls)));
  }

  /** What this side and the server counted. */
  async figures() {
    const counted = await (await fetch(`${this.options.base}/control/counters`)).json();
    return {
      calls: this.ends.length,
      right: this.ends.filter((end) => end === 200).length,
      requests: counted.requests,
      unauthorized: counted.unauthorized,
      refreshes: counted.refresh_calls,
      reuse: counted.reuse,
      signedIn: this.client.isSignedIn(),
    };
  }

  end() {
    this.client.close();
    localStorage.removeItem(this.options.key);
  }
}
