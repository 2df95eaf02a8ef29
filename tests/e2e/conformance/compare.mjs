// Compares what a call's caller and the server saw through relatch with what they saw through fetch. Where the two must
// differ stands in EXCEPTIONS, and nowhere else.
import { isDeepStrictEqual } from "node:util";

const isTypeError = ({ error }) => error?.type === "TypeError" && error.name === "TypeError";
/** A Request as init has every member, so that nothing of the input's is left. */
const redirectMode = ({ init, initForm, request }) =>
  init.members?.redirect ?? (initForm === "request" ? undefined : request.members?.redirect) ?? "follow";
const isTraced = ({ abort }) => !/^(at once|soon)$/.test(abort?.when);

const example = (call) => ({
  style: "bearer",
  origin: "own",
  path: "/echo",
  input: "path",
  request: {},
  initForm: "plain",
  init: {},
  mutate: false,
  ...call,
});
const atOnce = { when: "at once", how: "controller", reason: "error", where: "init" };

/**
 * `example`: a call that shows it, run beside the generated ones, so that the list cannot outlive what it excuses.
 * `applies`: may this call, in this mode, differ at all? `differs`: is this how? The documentation of each is a row of
 * docs/fetch.md.
 */
export const EXCEPTIONS = [
  {
    name: "a header of one's own does not follow a redirect",
    example: example({ style: "article", redirect: { status: 302, origin: "second", path: "/echo" } }),
    // Browsers strip Authorization when a redirect leaves the origin, and no other header.
    applies: (call) =>
      call.style === "article" &&
      call.redirect &&
      redirectMode(call) === "follow" &&
      (call.origin === "second" || (call.origin === "own" && call.redirect.origin !== "own")),
    differs: (_, ours) => isTypeError(ours.seen) && ours.traces.every((trace) => trace.path.endsWith("/redirect")),
  },
  {
    name: "a 401 whose body does not match the integrity is a network error",
    example: example({ path: "/status/200", init: { members: { integrity: "match" } } }),
    // The browser never shows the 401, so nothing tells that the token has expired.
    applies: (call, mode) => mode === "expired" && [call.request, call.init].some(({ members }) => members?.integrity),
    // One attempt, redirects followed.
    differs: (_, ours) =>
      isTypeError(ours.seen) &&
      ours.traces.at(-1)?.token === "expired" &&
      ours.traces.slice(0, -1).every(({ path }) => path.endsWith("/redirect")),
  },
  {
    name: "a call aborted before it is sent tells the abort, even if sending it would have failed",
    example: example({ origin: "second", abort: atOnce, init: { members: { mode: "same-origin" } } }),
    // It waits for a token, or for its body to be read once.
    applies: (call) => call.abort?.when === "at once",
    differs: (native, ours) => isTypeError(native.seen) && ours.seen.error?.isReason && ours.traces.length === 0,
  },
  {
    name: "Firefox forgets an abort's reason if the request has keepalive; held, the call tells it",
    only: "firefox",
    example: example({
      path: "/slow",
      abort: { ...atOnce, when: "soon", how: "timeout" },
      init: { members: { keepalive: true } },
    }),
    applies: ({ abort, request, init }) =>
      /^(soon|at once)$/.test(abort?.when) && [request, init].some(({ members }) => members?.keepalive),
    differs: (native, ours) =>
      native.seen.error?.name === "AbortError" && !native.seen.error.isReason && ours.seen.error?.isReason,
  },
  {
    name: "what is not allowed to leave the origin fails when it would have been sent",
    example: example({ origin: "second", init: { members: { mode: "same-origin" } } }),
    // Browsers say so before any microtask queued after the call. It is no error of the arguments.
    applies: (call) =>
      call.origin === "second" && [call.request, call.init].some(({ members }) => members?.mode === "same-origin"),
    differs: (native, ours) =>
      isTypeError(native.seen) &&
      native.seen.atOnce &&
      !ours.seen.atOnce &&
      isDeepStrictEqual({ ...native.seen, atOnce: false }, ours.seen),
  },
  {
    name: "after a member that is wrong those that follow are read all the same",
    example: example({
      initForm: "accessors",
      init: { headers: { form: "string", list: [] }, members: { keepalive: true } },
    }),
    // A plain init is read whole, and then looked at.
    applies: ({ initForm }) => /^(plain|null-object|hidden|accessors)$/.test(initForm),
    differs: (native, ours) =>
      native.seen.atOnce &&
      native.seen.error &&
      ours.traces.length === 0 &&
      `${ours.seen.reads}`.startsWith(`${native.seen.reads}`) &&
      ours.seen.asked <= 1 &&
      isDeepStrictEqual(unread(native), unread(ours)),
  },
  {
    name: "a header of one's own travels with mode: same-origin",
    example: example({ style: "article" }),
    // Of which the server sees Sec-Fetch-Mode, and, without a referrer, an Origin of null (Fetch §3.2).
    applies: (call) => call.style === "article" && call.origin === "own",
    differs: (native, ours) =>
      isDeepStrictEqual(withoutMode(native, ours), withoutMode(ours, ours)) &&
      ours.traces.every(({ headers }) => headers["sec-fetch-mode"] === "same-origin"),
  },
];

/** Without how often anything was read. */
const unread = ({ seen: { reads: _, asked: __, iterated: ___, ...seen } }) => seen;

/** Without what mode: same-origin changes: Sec-Fetch-Mode, and Origin if it is null in our run. */
function withoutMode({ seen, traces }, ours) {
  const hidden = ["sec-fetch-mode"];
  if (ours.traces.some(({ headers }) => headers.origin === "null"))
    hidden.push("origin", "access-control-allow-origin");
  return JSON.parse(JSON.stringify({ seen, traces }, (key, value) => (hidden.includes(key) ? undefined : value)));
}

/** Without what is drawn at random: a boundary, of which the server counts no length either. */
function clean({ n, ...trace }) {
  const headers = { ...trace.headers };
  if (headers["content-type"]) headers["content-type"] = headers["content-type"].replace(/boundary=.*/, "boundary=");
  if (Number(headers["content-length"]) !== trace.length) delete headers["content-length"];
  return { ...trace, headers };
}

/** What belongs to each call of a batch, by mode. */
export function split(result, calls, first) {
  const rows = calls.map(() => ({}));
  const refreshes = {};
  for (const [mode, text] of Object.entries(result)) {
    const { seen, traces, refreshes: count } = JSON.parse(text);
    refreshes[mode] = count;
    for (const [i, one] of seen.entries()) rows[i][mode] = { seen: one, traces: [], raw: [] };
    for (const trace of traces) {
      const row = rows[Number(trace.query.id) - first]?.[mode];
      row?.raw.push(trace);
      row?.traces.push(clean(trace));
    }
  }
  return { rows, refreshes };
}

/** The differences of one call's row, each as text; and the exceptions that were met. */
export function compare(call, row) {
  const differences = [];
  const met = [];
  for (const mode of ["valid", "expired", "deleted"]) {
    const native = row.native;
    const ours = lastAttempt(mode, call, native, row[mode], differences);
    if (isDeepStrictEqual(ours.seen, native.seen) && (!isTraced(call) || isDeepStrictEqual(ours.traces, native.traces)))
      continue;
    const exception = EXCEPTIONS.find((e) => e.applies(call, mode) && e.differs(native, ours));
    if (exception) met.push(exception.name);
    else
      differences.push(
        ...paths({ seen: native.seen, traces: native.traces }, { seen: ours.seen, traces: ours.traces }, mode),
      );
  }
  return { differences, met };
}

/** Where two values differ, and how. */
function paths(native, ours, at) {
  if (isDeepStrictEqual(native, ours)) return [];
  const inner =
    typeof native === "object" &&
    typeof ours === "object" &&
    native &&
    ours &&
    Array.isArray(native) === Array.isArray(ours);
  if (!inner) return [`${at}: native ${JSON.stringify(native)}, relatch ${JSON.stringify(ours)}`];
  return [...new Set([...Object.keys(native), ...Object.keys(ours)])].flatMap((key) =>
    paths(native[key], ours[key], `${at}.${key}`),
  );
}

/** Takes off the attempt with an expired token, which may only differ from the one after it by its token. */
function lastAttempt(mode, call, native, ours, differences) {
  if (mode !== "expired" || !isTraced(call)) return ours;
  const before = ours.traces.slice(0, ours.traces.length - native.traces.length);
  if (before.length === 0) {
    // An open resource looks at no token.
    const open = (trace) =>
      /\/(redirect|open\/echo)$/.test(trace.path) && trace.token === "expired" ? { ...trace, token: "good" } : trace;
    return { ...ours, traces: ours.traces.map(open) };
  }
  const again = ours.raw.slice(before.length);
  const same = (a, b) => {
    const { n: _, token: __, ...one } = a;
    const { n: ___, token: ____, ...two } = b;
    return isDeepStrictEqual(one, two);
  };
  if (before.length > native.traces.length || !before.every((_, i) => same(ours.raw[i], again[i]))) {
    differences.push(`expired: the replay differs from the first attempt: ${JSON.stringify(ours.raw)}`);
  }
  return { ...ours, traces: ours.traces.slice(before.length) };
}
