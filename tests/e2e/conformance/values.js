// Bodies and headers of a call's description (calls.mjs), made anew for each call.

/** Another frame's constructors: what it makes is no instance of ours. */
export const other = document.body.appendChild(document.createElement("iframe")).contentWindow;

const bytesOf = ({ size, seed }) => Uint8Array.from({ length: size }, (_, i) => (i * 31 + seed * 7) & 255);
const textOf = ({ size, seed }) =>
  String.fromCodePoint(...Array.from({ length: Math.min(size, 1000) }, (_, i) => 32 + ((i * 7 + seed) % 900)));

function form(spec, { FormData, File }, withFile) {
  const form = new FormData();
  form.append("text", textOf(spec));
  form.append("두", "a\r\nb");
  if (withFile) form.append("file", new File([bytesOf(spec)], 'f "1".bin', { type: "application/x-test" }));
  return form;
}

/** What the call being made does with what it was given: how often it asks, and what it gives up. */
let counts;

/** Counts anew, for one call. */
export function fresh() {
  counts = { told: 0, asked: 0, iterated: 0, cancelled: [] };
  return counts;
}

function stream(spec) {
  const { cancelled } = counts;
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(bytesOf(spec));
      controller.close();
    },
    cancel(reason) {
      cancelled.push(reason);
    },
  });
}

/** Of an iterator that is its own, which a second asking would find at its end. */
function iterable(pairs) {
  const mine = counts;
  return {
    get [Symbol.iterator]() {
      mine.asked++;
      return () => {
        mine.iterated++;
        return pairs.map((pair) => pair.values())[Symbol.iterator]();
      };
    },
  };
}

export const BODIES = {
  string: (b) => textOf(b),
  json: (b) => JSON.stringify({ text: textOf(b) }),
  empty: () => "",
  null: () => null,
  params: (b) => new URLSearchParams({ a: textOf(b), b: "1" }),
  blob: (b) => new Blob([bytesOf(b)]),
  "typed-blob": (b) => new Blob([bytesOf(b)], { type: "Application/X-Test" }),
  file: (b) => new File([bytesOf(b)], "f.txt", { type: "text/plain" }),
  form: (b) => form(b, globalThis, false),
  "form-file": (b) => form(b, globalThis, true),
  buffer: (b) => bytesOf(b).buffer,
  bytes: (b) => new Uint8Array([9, ...bytesOf(b), 9, 9]).subarray(1, -2),
  words: (b) => new Uint16Array(bytesOf({ ...b, size: b.size & ~1 }).buffer),
  dataview: (b) => new DataView(new Uint8Array([9, 9, ...bytesOf(b), 9]).buffer, 2, b.size),
  object: () => ({ an: "object" }),
  "string-object": (b) => new String(textOf(b)),
  number: (b) => b.size,
  false: () => false,
  date: () => new Date(0),
  url: () => new URL("https://example.com/?a=1"),
  "other-buffer": (b) => other.Uint8Array.from(bytesOf(b)).buffer,
  "other-bytes": (b) => other.Uint8Array.from(bytesOf(b)),
  "other-params": (b) => new other.URLSearchParams({ a: textOf(b) }),
  "other-form": (b) => form(b, other, true),
  "other-blob": (b) => new other.Blob([bytesOf(b)], { type: "text/x-other" }),
  stream: stream,
  "stream-without-duplex": stream,
  "used-stream": (b) => {
    const used = stream(b);
    used.getReader();
    return used;
  },
  shared: (b) =>
    new Uint8Array(new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer, 0, b.size % 100),
  symbol: () => Symbol("body"),
  throwing: () => ({
    toString: () => {
      throw new RangeError("the body's own");
    },
  }),
};

/** What the caller does with its body right after the call. */
export function spoil(body) {
  if (body instanceof ArrayBuffer || body instanceof other.ArrayBuffer) new Uint8Array(body).fill(1);
  else if (ArrayBuffer.isView(body)) new Uint8Array(body.buffer).fill(1);
  else if (typeof body?.append === "function") body.append("more", "more");
}

export function headersOf({ form, list }) {
  const pairs = list.map(([name, value]) => [name, value]);
  switch (form) {
    case "object":
      return Object.fromEntries(pairs);
    case "null-object":
      return Object.assign(Object.create(null), Object.fromEntries(pairs));
    case "pairs":
      return pairs;
    case "headers":
      return new Headers(pairs);
    case "other-headers":
      return new other.Headers(pairs);
    case "generator":
      return (function* () {
        yield* pairs;
      })();
    case "map":
      return new Map(pairs);
    case "iterable":
      return iterable(pairs);
    case "string":
      return "x-own: 1";
    case "number":
      return 1;
    case "triple":
      return [["a", "b", "c"]];
    default:
      return null;
  }
}
