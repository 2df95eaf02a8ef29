// A worker, dedicated or shared, in which a session lives for the pages that connect.
import { createSession } from "/pkg/dist/index.js";
import { serve } from "/pkg/dist/worker.js";

const query = new URLSearchParams(location.search);
const base = `${location.origin}/t/${query.get("realm")}`;
const pick = { accessToken: "result.accessToken", refreshToken: "result.refreshToken", expiresIn: "result.expiresIn" };
/** How often each kind of message was posted, for a test that asks on this channel. */
const posted = {};
const { postMessage } = MessagePort.prototype;
MessagePort.prototype.postMessage = function (...call) {
  const { event } = call[0];
  if (event) posted[event] = (posted[event] ?? 0) + 1;
  return postMessage.apply(this, call);
};
const channel = new BroadcastChannel(`posted-${query.get("realm")}`);
channel.onmessage = ({ data }) => data === "?" && channel.postMessage(posted);
/** For the test, which asks the worker itself: a page cannot. */
globalThis.tokens = [];
const keep = async (response) => {
  const { result } = await response
    .clone()
    .json()
    .catch(() => ({}));
  if (result?.accessToken) globalThis.tokens.push(result.accessToken, result.refreshToken);
  return response;
};
const session = createSession({
  refresh: { url: `${base}/users/refresh`, pick },
  ...JSON.parse(query.get("options")),
  storage: "memory",
  fetch: async (...call) => {
    const response = await fetch(...call);
    return /refresh/.test(call[0]) ? keep(response) : response;
  },
});
serve(session, {
  async login({ name }) {
    const response = await fetch(`${base}/users/sign-in`, {
      method: "POST",
      body: JSON.stringify({ name, password: "latch" }),
    });
    const { result } = await (await keep(response)).json();
    await session.setTokens(result);
    return { name };
  },
});
