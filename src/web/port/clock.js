// The monotonic clock. It stands still while the page is prerendered: no lock is granted to such a page before it is
// shown, and nobody looks at it who could be kept waiting. So no deadline runs until then.

/** @type {number | undefined} when the page was shown, if that was later than it was loaded; in ms */
let shown;

/** In ms. */
export function clock() {
  if (/** @type {any} */ (globalThis.document)?.prerendering) return 0;
  shown ??= /** @type {any} */ (performance.getEntriesByType?.("navigation")[0])?.activationStart ?? 0;
  return performance.now() - /** @type {number} */ (shown);
}
