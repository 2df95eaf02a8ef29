// Makes real arguments of a call's description (calls.mjs), in the page. Everything that a call may change is made anew
// for each.

import { BODIES, fresh, headersOf, other, spoil } from "./values.js";

const MATCH =
  "sha256-" +
  btoa(
    String.fromCharCode(
      ...new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode('{"status":200}'))),
    ),
  );

function member(name, value) {
  if (name === "integrity" && value === "match") return MATCH;
  if (name === "referrer")
    return { own: `${location.origin}/www/?a=1`, foreign: "https://foreign.example/", relative: "x/y" }[value] ?? value;
  return value;
}

/** An init's members as a plain object. */
function membersOf(part, signal) {
  const members = {};
  if (part.method !== undefined) members.method = part.method;
  if (part.headers) members.headers = headersOf(part.headers);
  if (part.body) {
    members.body = BODIES[part.body.kind](part.body);
    if (/^(used-)?stream$/.test(part.body.kind)) members.duplex = "half";
  }
  for (const [name, value] of Object.entries(part.members ?? {})) members[name] = member(name, value);
  if (signal) members.signal = signal;
  return members;
}

/** The same members, in another of the forms that an init may have. */
function initOf(form, members) {
  switch (form) {
    case "undefined":
      return undefined;
    case "null":
      return null;
    case "number":
      return 5;
    case "string":
      return "init";
    case "null-object":
      return Object.assign(Object.create(null), members);
    case "inherited":
      return Object.create(members);
    case "function":
      return Object.assign(() => {}, members);
    case "getters": {
      // Members that are no own properties, and nothing that a for-in or a spread would find.
      class Init {
        #members = members;
        reads = [];
        static read(init, name) {
          init.reads.push(name);
          return init.#members[name];
        }
      }
      for (const name of Object.keys(members))
        Object.defineProperty(Init.prototype, name, {
          get() {
            return Init.read(this, name);
          },
        });
      const init = new Init();
      Object.defineProperty(init, "reads", { enumerable: false });
      return init;
    }
    case "hidden":
    case "accessors": {
      // A plain object whose members no loop finds, or that counts who reads them.
      const [init, reads] = [{}, []];
      for (const [name, value] of Object.entries(members)) {
        const get = () => {
          reads.push(name);
          return value;
        };
        Object.defineProperty(init, name, { get, enumerable: form === "accessors" });
      }
      Object.defineProperty(init, "reads", { value: reads });
      return init;
    }
    case "request":
      return new Request("/elsewhere", members);
    default:
      return members;
  }
}

function signalOf({ when, how, reason }) {
  if (how === "timeout") return { signal: AbortSignal.timeout(15), abort() {} };
  const controller = new AbortController();
  const why = { error: new RangeError("the caller's own"), string: "enough", null: null }[reason];
  const abort = () => (reason === "default" ? controller.abort() : controller.abort(why));
  if (when === "before") abort();
  return { signal: how === "any" ? AbortSignal.any([controller.signal]) : controller.signal, abort };
}

/** Where the call goes. `id` is what the server knows it by. */
function urlOf(call, id, world) {
  const at = (origin, path) =>
    `${world.origins[origin]}/t/${world.realm}${path}${path.includes("?") ? "&" : "?"}id=${id}`;
  const extra = call.path === "/slow" ? "?ms=5000" : call.path === "/stream" ? "?chunks=400&ms=25" : "";
  if (!call.redirect) return at(call.origin, call.path + extra);
  const { status, origin, path } = call.redirect;
  return at(call.origin, `/redirect?status=${status}&to=${encodeURIComponent(at(origin, path))}`);
}

/** Made with mode no-cors, which drops headers, and given another by the init. */
const isFreed = ({ request, init, initForm }) =>
  request.members?.mode === "no-cors" &&
  (init.members?.mode ?? (initForm === "request" ? "cors" : undefined)) === "cors";

/**
 * The arguments for one run of the call. `auth`: the header that the caller sets by hand, for the run through native
 * fetch; it goes to where the request's headers come from.
 */
export function make(call, id, world, auth) {
  const mine = fresh();
  const url = urlOf(call, id, world);
  const parts = structuredClone({ request: call.request, init: call.init });
  let initForm = call.initForm;
  if (auth) {
    // An init's headers take the place of a Request's, and a Request given as init always has some.
    const isRequest = /request/.test(call.input);
    const part = parts.init.headers || !isRequest || initForm === "request" ? parts.init : parts.request;
    part.headers ??= { form: "object", list: [] };
    part.headers.list.push(auth);
    if (part === parts.init && /^(undefined|null)$/.test(initForm)) initForm = "plain";
  }
  const abort = call.abort && signalOf(call.abort);
  const signal = (where) => (abort && call.abort.where === where ? abort.signal : undefined);
  const path = url.startsWith(location.origin) ? url.slice(location.origin.length) : url;
  const request = (type) => new type.Request(url, membersOf(parts.request, signal("request")));
  let input;
  switch (call.input) {
    case "path":
      input = path;
      break;
    case "relative":
      input = url.startsWith(location.origin) ? `../../..${path}` : url;
      break;
    case "url":
      input = new URL(url);
      break;
    case "string-object":
      input = new String(url);
      break;
    case "location-like":
      input = { href: "https://elsewhere.example/", toString: () => (mine.told++ ? "/told-twice" : url) };
      break;
    case "request":
      input = request(globalThis);
      break;
    case "other-request":
      input = request(other);
      break;
    case "used-request":
      input = new Request(url, { ...membersOf(parts.request), method: "POST", body: "used", mode: "cors" });
      input.text();
      break;
    case "symbol":
      input = Symbol("input");
      break;
    case "invalid":
      input = "http://[/";
      break;
    case "credentials":
      input = url.replace("://", "://user:word@");
      break;
    case "throwing":
      input = {
        toString: () => {
          throw new RangeError("the input's own");
        },
      };
      break;
    default:
      input = url;
  }
  const members = membersOf(parts.init, signal("init"));
  const init = initOf(initForm, members);
  if (auth && /^(other-)?request$/.test(call.input) && isFreed(call)) {
    // The caller's header would be dropped with the Request's first mode: it goes on when all is known.
    try {
      const whole = new Request(input, init);
      whole.headers.set(...auth);
      return { args: [whole], input, init, members, abort, counts: mine };
    } catch {
      // fetch says so, too.
    }
  }
  const args = call.input === "none" ? [] : initForm === "undefined" ? [input] : [input, init];
  return { args, input, init, members, abort, counts: mine };
}

/** The caller goes on with what is its own. */
export function mutate({ input, init, members }) {
  spoil(members.body);
  if (input instanceof URL) input.pathname = "/elsewhere";
  if (init !== members) return;
  if (members.headers instanceof Headers || members.headers instanceof Map) members.headers.set("x-late", "1");
  else if (Array.isArray(members.headers)) members.headers.push(["x-late", "1"]);
  else if (members.headers && typeof members.headers === "object" && !members.headers.next)
    members.headers["x-late"] = "1";
  members.method = "DELETE";
  members.late = 1;
}

export const isNative = (value, name) => value instanceof globalThis[name] || value instanceof other[name];
