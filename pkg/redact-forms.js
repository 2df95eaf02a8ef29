// The forms in which one text travels inside another: escaped for a URL or a form, as JSON, as base64. Instead of
// looking for each form of a secret, whatever is to be shown is undone in every way.

/** An escape in an escape in an escape. */
const DEPTH_MAX = 3;
/** More is not looked into; what is that long is not shown. Characters. */
const LENGTH_MAX = 4096;
/** Shorter runs of the alphabet are words. Characters. */
const BASE64_MIN = 6;

const utf8 = new TextDecoder();

/** @param {string} text */
export const percent = (text) =>
  text.replace(/(?:%[\da-f]{2})+/gi, (run) =>
    utf8.decode(Uint8Array.from(run.slice(1).split("%"), (hex) => Number.parseInt(hex, 16))),
  );

const ESCAPES = new Map([
  ["n", "\n"],
  ["t", "\t"],
  ["r", "\r"],
  ["b", "\b"],
  ["f", "\f"],
]);

/** @param {string} text */
const json = (text) =>
  text.replace(/\\(?:u([\da-f]{4})|(.))/gis, (_, hex, char) =>
    hex ? String.fromCharCode(Number.parseInt(hex, 16)) : (ESCAPES.get(char) ?? char),
  );

/**
 * @param {string} run
 * @returns {string[]}
 */
function base64(run) {
  const plain = run.replaceAll("-", "+").replaceAll("_", "/").replaceAll("=", "");
  const made = [];
  // What stands before it in the run may be no part of it.
  for (let from = 0; from < 4; from++) {
    const part = plain.slice(from);
    // One character alone is less than a byte.
    const binary = atob(part.length % 4 === 1 ? part.slice(0, -1) : part);
    made.push(binary, utf8.decode(Uint8Array.from(binary, (char) => char.charCodeAt(0))));
  }
  return made;
}

/**
 * The text, and all that it is when undone.
 * @param {string} text
 */
export function forms(text) {
  const all = new Set([text]);
  let latest = [text];
  for (let depth = 0; depth < DEPTH_MAX && latest.length; depth++) {
    /** @type {string[]} */
    const next = [];
    for (const form of latest) {
      if (form.length > LENGTH_MAX) continue;
      const runs = form.match(/[\w+/-]{6,}={0,2}/g) ?? [];
      const made = [percent(form), form.replaceAll("+", " "), json(form)];
      for (const run of runs) if (run.length >= BASE64_MIN) made.push(...base64(run));
      for (const one of made) {
        if (all.has(one)) continue;
        all.add(one);
        next.push(one);
      }
    }
    latest = next;
  }
  return all;
}
