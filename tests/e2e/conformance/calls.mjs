// Calls of fetch, described as data: what fast-check generates and shrinks, and what the page makes real arguments of
// (make.js). Most are valid; a part of each member's values is what fetch must refuse.
import fc from "fast-check";

/** Given in one of so many calls; left out in the others, and when shrunk. */
const maybe = (arb, oneIn) =>
  fc.oneof({ weight: oneIn - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: arb });
const mostly = (good, bad) =>
  fc.oneof({ weight: 25, arbitrary: fc.constantFrom(...good) }, { weight: 1, arbitrary: fc.constantFrom(...bad) });

const METHODS = mostly(
  ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "get", "post", "delete", "patch", "QUERY"],
  ["TRACE", "CONNECT", "a b", "", "Track"],
);
const NAMES = mostly(
  [
    "x-own",
    "X-Own",
    "accept",
    "accept-language",
    "content-type",
    "Content-Type",
    "x-request-id",
    "cookie",
    "referer",
    "if-none-match",
    "range",
    "sec-own",
    "proxy-own",
  ],
  ["a b", "", "한"],
);
const VALUES = mostly(
  ["1", "a, b", " padded ", "", "text/html", "application/json", "\u00e9", "bytes=0-3"],
  ["a\nb", "한"],
);
const OWN_AUTH = fc.constantFrom(
  ["authorization", "Bearer mine"],
  ["Authorization", "Basic bWluZQ=="],
  ["x-auth-token", "mine"],
);

const HEADERS = fc.record({
  form: mostly(
    ["object", "pairs", "headers", "generator", "map", "iterable", "null-object", "other-headers"],
    ["string", "number", "triple", "null"],
  ),
  list: fc.oneof(
    { weight: 12, arbitrary: fc.array(fc.tuple(NAMES, VALUES), { maxLength: 3 }) },
    { weight: 1, arbitrary: fc.tuple(fc.tuple(fc.constant("x-own"), VALUES), OWN_AUTH) },
  ),
});

const BODY = fc.record({
  kind: mostly(
    [
      "string",
      "json",
      "empty",
      "null",
      "params",
      "blob",
      "typed-blob",
      "file",
      "form",
      "form-file",
      "buffer",
      "bytes",
      "words",
      "dataview",
      "object",
      "string-object",
      "number",
      "false",
      "date",
      "url",
      "other-buffer",
      "other-bytes",
      "other-params",
      "other-form",
      "other-blob",
      "stream",
    ],
    ["stream-without-duplex", "used-stream", "shared", "symbol", "throwing"],
  ),
  size: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 2000 }) },
    { weight: 1, arbitrary: fc.integer({ min: 60_000, max: 70_000 }) },
  ),
  seed: fc.integer({ min: 0, max: 255 }),
});

const MEMBERS = fc.record(
  {
    mode: maybe(mostly(["cors", "same-origin", "no-cors"], ["navigate", "websocket", "bogus"]), 6),
    credentials: maybe(mostly(["omit", "same-origin", "include"], ["bogus"]), 4),
    cache: maybe(mostly(["default", "no-store", "reload", "no-cache", "force-cache"], ["only-if-cached", "bogus"]), 5),
    redirect: maybe(mostly(["follow", "error", "manual"], ["bogus"]), 4),
    referrer: maybe(mostly(["", "about:client", "own", "foreign", "relative"], ["http://["]), 5),
    referrerPolicy: maybe(
      mostly(
        ["", "no-referrer", "origin", "same-origin", "strict-origin", "unsafe-url", "no-referrer-when-downgrade"],
        ["bogus"],
      ),
      5,
    ),
    integrity: maybe(mostly(["", "match"], ["sha256-AAAA", "nonsense"]), 8),
    keepalive: maybe(fc.constantFrom(true, false, 1, ""), 6),
    priority: maybe(mostly(["high", "low", "auto"], ["bogus"]), 6),
    duplex: maybe(mostly(["half"], ["full", "bogus"]), 8),
    window: maybe(mostly([null], ["window"]), 12),
    signal: maybe(mostly([null], ["bogus", 1]), 12),
    unknown: maybe(fc.constant(1), 12),
  },
  { noNullPrototype: true },
);

const PART = fc.record({
  method: maybe(METHODS, 2),
  headers: maybe(HEADERS, 2),
  body: maybe(BODY, 2),
  members: maybe(MEMBERS, 2),
});

const ORIGIN = fc.constantFrom("own", "own", "own", "second", "foreign");
const PATH = fc.constantFrom(
  "/echo",
  "/echo",
  "/echo",
  "/echo",
  "/open/echo",
  "/status/200",
  "/status/204",
  "/status/404",
  "/status/503",
  "/forbidden",
  "/step-up",
  "/home/review/detail/7",
);
const REDIRECT = fc.record({
  status: fc.constantFrom(301, 302, 303, 307, 308),
  origin: ORIGIN,
  path: fc.constantFrom("/echo", "/open/echo"),
});

const ABORT = fc.record({
  // soon: while it is held, or at the server. body: after the first chunk of the answer.
  when: fc.constantFrom("before", "at once", "soon", "body"),
  how: fc.constantFrom("controller", "any", "timeout"),
  reason: fc.constantFrom("default", "error", "string", "null"),
  where: fc.constantFrom("init", "request"),
});

const INPUT = mostly(
  [
    "path",
    "path",
    "absolute",
    "relative",
    "url",
    "string-object",
    "location-like",
    "request",
    "request",
    "other-request",
  ],
  ["symbol", "invalid", "credentials", "used-request", "throwing", "none"],
);
const INIT = fc.oneof(
  {
    weight: 24,
    arbitrary: fc.constantFrom(
      "plain",
      "plain",
      "plain",
      "plain",
      "null-object",
      "inherited",
      "getters",
      "function",
      "hidden",
      "accessors",
      "request",
    ),
  },
  { weight: 6, arbitrary: fc.constantFrom("undefined", "null") },
  { weight: 1, arbitrary: fc.constantFrom("number", "string") },
);

/**
 * One call. `style`: which header carries the token. `request`: what a Request given as input is made of. `mutate`: the
 * caller goes on with its own objects at once.
 */
export const CALL = fc
  .record({
    style: fc.constantFrom("bearer", "bearer", "article"),
    origin: ORIGIN,
    path: PATH,
    redirect: maybe(REDIRECT, 5),
    input: INPUT,
    request: PART,
    initForm: INIT,
    init: PART,
    abort: maybe(ABORT, 5),
    mutate: fc.boolean(),
  })
  .map(settle);

/** Takes out what would leave the outcome to chance, and bodies that would make most calls a mere TypeError. */
function settle(generated) {
  const call = structuredClone(generated);
  const { abort, request, init } = call;
  const isRequest = /request/.test(call.input);
  for (const part of [request, init]) {
    // An auth header of the caller's own is the one that would carry the token. With another, the server's 401 would
    // speak of that one for ever.
    for (const pair of part.headers?.list ?? []) {
      if (/^(authorization|x-auth-token)$/i.test(pair[0]) && (call.style === "bearer") !== /^auth/i.test(pair[0])) {
        pair[0] = call.style === "bearer" ? "authorization" : "x-auth-token";
      }
    }
    // A header given twice: Firefox sends the one or both, by the form of the headers, if it is the content type or
    // empty.
    if (part.headers)
      part.headers.list = part.headers.list.filter(([name], i, list) => {
        const same = list.filter(([other]) => other.toLowerCase() === name.toLowerCase());
        return same[0] === list[i] || (!/^content-type$/i.test(name) && same.every(([, value]) => value.trim()));
      });
    if (part.body && part.body.seed > 12) part.method ??= "POST";
    const method = part.method ?? (part === init && isRequest ? request.method : undefined) ?? "GET";
    // Most bodies go with a method that takes one; a part of the calls keeps its body on a GET, which fetch refuses.
    if (/^(get|head)$/i.test(method) && part.body && part.body.seed > 12) part.body = undefined;
    // What is under way with keepalive has 64 KiB among all calls.
    if (part.body)
      part.body.size = request.members?.keepalive || init.members?.keepalive ? part.body.size % 300 : part.body.size;
  }
  if (isRequest && init.method && /^(get|head)$/i.test(init.method) && request.body?.seed > 12)
    request.body = undefined;
  if (abort) {
    // An init that is a Request has a signal of its own, which takes the place of the input's.
    if (!/^(other-)?request$/.test(call.input) || call.initForm === "request") abort.where = "init";
    if (abort.where === "init" && /^(undefined|null|number|string)$/.test(call.initForm)) call.initForm = "plain";
    // The moment of a timeout is not ours to choose.
    if (abort.how === "timeout") abort.when = "soon";
    for (const part of [request, init]) if (part.members) part.members.signal = undefined;
    if (abort.when === "soon" || abort.when === "body") {
      // A request that takes long, or a long answer: only these are sure to be under way still.
      call.path = abort.when === "soon" ? "/slow" : "/stream";
      call.redirect = undefined;
      // Without a good token the answer is a quick 401.
      if (call.origin === "foreign") call.origin = "second";
      for (const part of [request, init]) {
        part.method = part.body = undefined;
        if (part.headers)
          part.headers.list = part.headers.list.filter(([name]) => !/^(authorization|x-auth-token)$/.test(name));
        if (part.members) Object.assign(part.members, { integrity: undefined, mode: undefined, cache: undefined });
      }
    }
  }
  if (!isRequest) call.request = {};
  if (/^(undefined|null|number|string)$/.test(call.initForm)) call.init = {};
  if (call.path !== "/status/200" || call.redirect) {
    for (const part of [call.request, call.init])
      if (part.members?.integrity === "match") part.members.integrity = undefined;
  }
  return JSON.parse(JSON.stringify(call));
}
