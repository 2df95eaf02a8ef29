// The tables, and what must hold. Ratios only: times differ from machine to machine.

/** Timer and scheduler shake by as much as this; a smaller difference is none. */
const NOISE_US = 0.05;
const LABELS = { get: "GET, absolute URL", path: "GET, path", post: "POST JSON", request: "`Request`" };

const added = (short, kind, name) => short[kind][name] - short[kind].native;
const LIBRARIES = (row) => Object.keys(row).filter((name) => !["native", "hand-written", "relatch"].includes(name));

/** A ratio may be this much worse than the recorded one: what the machine does meanwhile moves ratios, too. */
const PLAY = 1.5;

/**
 * `ratio`: a figure that should be small. With `recorded`, the results of an earlier run, a ratio that has become much
 * worse is a claim broken, even within its limit.
 */
export function claims({ short, storms, memory, real, start }, recorded) {
  const rows = [];
  const claim = (what, holds, figure, ratio) => rows.push({ what, holds: Boolean(holds), figure, ratio });
  for (const kind of Object.keys(short ?? {})) {
    const mine = added(short, kind, "relatch");
    const ratio = mine / Math.max(added(short, kind, "hand-written"), NOISE_US);
    claim(`${LABELS[kind]}: at most 3 × the hand-written wrapper`, ratio <= 3, `${ratio.toFixed(2)} ×`, ratio);
    const [least, name] = LIBRARIES(short[kind])
      .map((name) => [added(short, kind, name), name])
      .sort(([a], [b]) => a - b)[0];
    claim(`${LABELS[kind]}: less than every library`, mine < least, `${(least / mine).toFixed(1)} × less than ${name}`);
  }
  for (const [n, s] of Object.entries(storms?.relatch ?? {})) {
    claim(
      `${n} calls on an expired token: one refresh, all answered, each sent at most twice`,
      s.refreshes === 1 && s.good === Number(n) && s.sent <= 2 * n,
      `${s.refreshes}, ${s.good}, ${s.sent}`,
    );
  }
  if (storms) {
    const each = (n) => (storms.relatch[n].ms - 20) / n;
    const ratio = each(100_000) / each(10_000);
    claim(
      "Linear: a call in a storm of 100,000 costs at most twice one in a storm of 10,000",
      ratio <= 2,
      `${ratio.toFixed(2)} ×`,
      ratio,
    );
  }
  if (memory) {
    const { wasm, good, calls } = memory.relatch;
    claim("At most 512 B of wasm memory for each held call", wasm <= 512 && good === calls, `${wasm.toFixed(0)} B`);
  }
  const over = { known: "the token known to be over", unknown: "the token over at the server only" };
  for (const kind of real ? ["known", "unknown"] : []) {
    claim(
      `1,000 calls over a real server, ${over[kind]}: at most 1.2 × the floor, one refresh`,
      real[kind].ratio <= 1.2 && real[kind].refreshes === 1,
      `${real[kind].ratio.toFixed(2)} ×`,
      real[kind].ratio,
    );
  }
  if (start) claim("Import to first fetch: at most 10 ms", start.warm.ms <= 10, `${start.warm.ms.toFixed(1)} ms`);
  for (const { what, ratio, figure } of [...rows]) {
    const was = recorded?.ratios[what];
    if (ratio !== undefined && was !== undefined)
      claim(`No worse: ${what}`, ratio <= Math.max(was, 0.5) * PLAY, `${figure}, was ${was.toFixed(2)} ×`);
  }
  return rows;
}

const table = (head, rows) => {
  const lines = [head, ...rows].map((row) => `| ${row.join(" | ")} |\n`);
  lines.splice(1, 0, `|${head.map((_, i) => (i ? "--:" : "---")).join("|")}|\n`);
  return lines.join("");
};

const parts = {
  short(short, { rounds }) {
    const names = Object.keys(short.get).filter((name) => name !== "native");
    const kinds = Object.keys(short);
    return `## Added to a call with a good token

Microseconds over native fetch with a header, all on the same stubbed fetch which answers at once; medians of \
${rounds} rounds in
which each has its turn. "–": takes no such input.

${table(
  ["", ...kinds.map((kind) => LABELS[kind])],
  names.map((name) => [
    name,
    ...kinds.map((kind) => (name in short[kind] ? added(short, kind, name).toFixed(2) : "–")),
  ]),
)}`;
  },
  storms(storms) {
    const rows = Object.entries(storms).flatMap(([name, sizes]) =>
      Object.entries(sizes).map(([n, s]) => [
        name,
        Number(n).toLocaleString("en"),
        s.ms.toFixed(0),
        s.good,
        s.sent,
        s.bad,
        s.refreshes,
      ]),
    );
    return `## Calls at once on an expired token

The refresh takes 20 ms; everything else is answered at once. Only the server knows that the token is over. A client \
without a
single flight refreshes as often as it is refused, and a server that rotates refresh tokens takes the second for a \
theft.

${table(["", "calls", "settled after ms", "answered 200", "requests sent", "with the bad token", "refreshes"], rows)}`;
  },
  memory(memory) {
    return `## Memory of a held call

Bytes for each call that waits for a refresh, its promise and its response included, after a garbage collection.

${table(
  ["", "calls held", "JavaScript heap", "wasm memory"],
  Object.entries(memory).map(([name, m]) => [
    name,
    m.calls.toLocaleString("en"),
    m.heap.toFixed(0),
    m.wasm ? m.wasm.toFixed(0) : "–",
  ]),
)}`;
  },
  crossings({ short, held }) {
    return `## Steps over the border of the wasm

${table(
  ["a call", "into the wasm", "out of it"],
  [
    ["with a good token", short.into.toFixed(2), short.out.toFixed(2)],
    ["refused, held and replayed", held.into.toFixed(2), held.out.toFixed(2)],
  ],
)}`;
  },
  real({ calls, refreshMs, known, unknown }) {
    const row = (what, r) => [what, r.floor.toFixed(0), r.relatch.toFixed(0), r.ratio.toFixed(2), r.refreshes];
    const fresh = (known.freshRatio + unknown.freshRatio) / 2;
    return `## Over a real server

${calls.toLocaleString("en")} calls at once over HTTP on this machine, bodies read. The floor: the same requests by \
native fetch, one after the other
group, and one refresh (${refreshMs} ms at the server) by native fetch. The ratio is of each round by itself.

${table(
  ["the token is over", "floor ms", "relatch ms", "ratio", "refreshes"],
  [row("and the page knows it", known), row("at the server only", unknown)],
)}
With a good token the same calls take ${fresh.toFixed(2)} × the time of native fetch.
`;
  },
  start({ cold, warm }) {
    const row = (what, t) => [what, t.imported.toFixed(1), t.ms.toFixed(1)];
    return `## From import to the first request

Milliseconds, medians, files from a server on this machine, the user signed in.

${table(
  ["", "module evaluated", "first request sent"],
  [row("first visit, nothing cached or compiled", cold), row("second visit", warm)],
)}`;
  },
  bytes(bytes) {
    return `## Bytes

What a page loads, bundled and minified alike; relatch with its wasm and with the store, the tabs and the timing \
that the others leave
to you.

${table(
  ["", "raw", "gzip", "brotli"],
  Object.entries(bytes).map(([name, b]) => [
    name,
    b.raw.toLocaleString("en"),
    b.gzip.toLocaleString("en"),
    b.brotli.toLocaleString("en"),
  ]),
)}`;
  },
};

/** The README's short table: of each claim the figure that a reader may want. */
export function readme({ short, storms, bytes, memory, real }) {
  const names = ["relatch", "hand-written", ...LIBRARIES(short.get)];
  const figure = (kind, name) => (name in short[kind] ? added(short, kind, name).toFixed(2) : "–");
  const rows = names.map((name) => {
    const storm = storms[name][1_000];
    return [
      name,
      figure("get", name),
      figure("post", name),
      storm.refreshes.toLocaleString("en"),
      storm.good.toLocaleString("en"),
      bytes[name]?.brotli.toLocaleString("en") ?? "–",
    ];
  });
  const head = ["", "µs added to a GET", "µs added to a POST", "refreshes", "answered", "bytes, brotli"];
  return `\n${table(head, rows)}
In between: refreshes, and right answers, for 1,000 calls at once on an expired token. Over a real server \
those take ${real.unknown.ratio.toFixed(2)} × the
time of the same requests and one refresh by native fetch; each held call costs ${memory.relatch.wasm.toFixed(0)} \
bytes of wasm memory.\n\n`;
}

export function markdown(results, rows) {
  const sections = Object.entries(parts)
    .filter(([name]) => results[name])
    .map(([name, part]) => part(results[name], results));
  return `# In the browser

Made by \`cargo xtask bench\`: relatch and its peers in one page in Chromium, each set up as its README says. The \
same figures in
[browser.json](browser.json), and drawn in \`www/bench.html\`. Times are of one machine; compare them within a table \
only.

${sections.join("\n")}
## What must hold

${table(
  ["claim", "figure", ""],
  rows.map(({ what, figure, holds }) => [what, figure, holds ? "holds" : "**broken**"]),
)}`;
}
