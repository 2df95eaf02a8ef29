// A form's copy, for WebKit, which reads none that has a file (src/web/port/body.js).

/** @param {Iterable<[string, any]>} entries */
export function form(entries) {
  const copy = new FormData();
  for (const [name, value] of entries) copy.append(name, value);
  return copy;
}
