// The demo server: where it is, how to sign in and what it can be told to do wrong. See its routes for the rest.

const REALM_KEY = "relatch-demo-realm";
/** A request about the page itself may not hang it. */
const TIMEOUT_MS = 5000;

/** Each visitor has a realm, so that one does not revoke another's session. A second tab is given it in the address. */
function ownRealm() {
  const given = new URLSearchParams(location.search).get("realm");
  const known = given ?? sessionStorage.getItem(REALM_KEY);
  if (known && /^[\w-]{1,64}$/.test(known)) return known;
  const bytes = crypto.getRandomValues(new Uint8Array(6));
  const made = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  sessionStorage.setItem(REALM_KEY, made);
  return made;
}

export const realm = ownRealm();
const base = `/t/${realm}`;
/** The path on the server of a route in this page's realm. */
export const api = (route) => base + route;
/** The other way round; another path comes back as it is. */
export const routeOf = (path) => (path.startsWith(`${base}/`) ? path.slice(base.length) : path);

export class ServerError extends Error {
  constructor(message, options) {
    super(message, options);
    this.name = "ServerError";
  }
}

async function ask(path, init) {
  let response;
  try {
    response = await fetch(path, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (cause) {
    throw new ServerError("The demo server does not answer. Start it again, then press “Try again”.", { cause });
  }
  if (!response.ok) throw new ServerError(`The demo server answered ${response.status} to ${path}.`);
  return response;
}

export const counters = async () => (await ask(api("/control/counters"))).json();
/** `what`: expire or revoke. */
export const order = (what) => ask(api(`/control/${what}`), { method: "POST" });
export const configure = (settings) =>
  ask(api("/control"), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(settings),
  });
/** Rejects when the page was not opened from the demo server. */
export const config = async () => (await ask("/config.json")).json();

const HEALTHY = {
  refresh_fault: null,
  refresh_fault_count: null,
  refresh_delay_ms: 0,
  api_fault: null,
  api_fault_count: null,
  api_delay_ms: 0,
  reject_fresh: false,
};

const fault = (id, label, settings) => ({ id, label, settings: { ...HEALTHY, ...settings } });

/** What `POST /control` is sent for each; every one starts from a healthy server. */
export const faults = [
  fault("none", "None"),
  fault("slow", "Refresh takes 2 seconds", { refresh_delay_ms: 2000 }),
  fault("hang", "Refresh never answers (5 s deadline)", { refresh_fault: "hang" }),
  fault("server_error", "Refresh answers 500", { refresh_fault: "server_error" }),
  fault("unavailable", "Refresh answers 503, once", { refresh_fault: "unavailable", refresh_fault_count: 1 }),
  fault("too_many", "Refresh answers 429, once", { refresh_fault: "too_many", refresh_fault_count: 1 }),
  fault("garbage", "Refresh answers garbage", { refresh_fault: "garbage" }),
  fault("html403", "Refresh meets a captive portal", { refresh_fault: "html403" }),
  fault("blank", "Refresh gives a blank token", { refresh_fault: "blank" }),
  fault("same", "Refresh gives the old token again", { refresh_fault: "same" }),
  fault("drop_before", "Refresh loses its connection", { refresh_fault: "drop_before" }),
  fault("invalid_grant", "Refresh token is not valid", { refresh_fault: "invalid_grant" }),
  fault("api_slow", "API takes 500 ms", { api_delay_ms: 500 }),
  fault("api_error", "API answers 500", { api_fault: "server_error" }),
  fault("reject_fresh", "API rejects every token", { reject_fresh: true }),
];
