// Draws benches/results/browser.json. Bars are on a logarithmic scale, because the slowest peer is a thousand times
// slower than the fastest; each bar says its figure.
import { byId, el, svg } from "./dom.js";

/** Bars end here, so that their figures have room. In percent of the chart's width. */
const LONGEST = 72;

const format = (value) =>
  value >= 100 || Number.isInteger(value) ? Math.round(value).toLocaleString("en") : value.toPrecision(2);

function bar(value, least, most, unit) {
  const share = most === least ? 1 : Math.log(value / least) / Math.log(most / least);
  const width = 3 + share * (LONGEST - 3);
  const figure = `${format(value)} ${unit}`.trim();
  // The row's name stands beside it.
  return svg(
    "svg",
    { role: "img", "aria-label": figure },
    svg("rect", { x: 0, y: "15%", height: "70%", width: `${width}%`, rx: 2 }),
    svg("text", { x: `${width + 1.5}%`, y: "72%" }, figure),
  );
}

/** `rows`: names and figures. What is 0 or less cannot be drawn to this scale and is measured as nothing. */
function chart(title, words, rows, unit, smallest) {
  const shown = Object.entries(rows)
    .map(([name, value]) => [name, Math.max(value, smallest)])
    .sort(([, a], [, b]) => a - b);
  const [least, most] = [shown[0][1], shown.at(-1)[1]];
  const lines = shown.map(([name, value]) => {
    const line = el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, bar(value, least, most, unit)));
    if (name === "relatch") line.className = "own";
    return line;
  });
  return el(
    "section",
    { class: "card" },
    el("h2", {}, title),
    el("p", {}, words),
    el("table", {}, el("tbody", {}, ...lines)),
  );
}

const figures = (rows, of) => Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, of(row)]));

function charts({ short, storms, memory, bytes }) {
  const added = (kind) => {
    const { native, ...rest } = short[kind];
    return figures(rest, (time) => time - native);
  };
  const at = (n, what) =>
    figures(Object.fromEntries(Object.entries(storms).filter(([, sizes]) => sizes[n])), (sizes) => sizes[n][what]);
  return [
    chart("GET with a good token", "Microseconds added to the call.", added("get"), "µs", 0.01),
    chart("POST JSON with a good token", "Microseconds added to the call.", added("post"), "µs", 0.01),
    chart(
      "A Request with a good token",
      "Microseconds added to the call; not every client takes one.",
      added("request"),
      "µs",
      0.01,
    ),
    chart(
      "1,000 calls on an expired token: refreshes",
      "One is enough. A server that rotates refresh tokens takes the second for a theft.",
      at(1000, "refreshes"),
      "",
      1,
    ),
    chart(
      "1,000 calls on an expired token: answered",
      "How many of them ended with the answer that they were sent for.",
      at(1000, "good"),
      "",
      1,
    ),
    chart(
      "1,000 calls on an expired token: time",
      "Milliseconds until all have settled; the refresh itself takes 20.",
      at(1000, "ms"),
      "ms",
      1,
    ),
    chart(
      "Memory of a call that waits",
      "Bytes of JavaScript heap and wasm memory, the promise and the response included.",
      figures(memory, (m) => m.heap + m.wasm),
      "B",
      1,
    ),
    chart(
      "Bytes",
      "Brotli, bundled and minified alike; relatch with its wasm, its store and its care for tabs.",
      figures(bytes, (b) => b.brotli),
      "B",
      1,
    ),
  ];
}

try {
  const response = await fetch("/benches/results/browser.json");
  if (!response.ok) throw new Error(`the results were answered with ${response.status}`);
  byId("charts").append(...charts(await response.json()));
} catch (error) {
  byId("problem").hidden = false;
  byId("problem").textContent = `The results cannot be shown: ${error.message}. \`cargo xtask bench\` writes them.`;
}
