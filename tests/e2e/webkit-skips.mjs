// Which of the tests that also run in WebKit cannot, and why.

const SKIPS = [
  ["abort at the server", "WebKit's own fetch rejects with an AbortError, whatever the reason"],
  ["abort during the replay", "WebKit's own fetch rejects with an AbortError, whatever the reason"],
  ["abort while the body is read", "WebKit's own fetch rejects with an AbortError, whatever the reason"],
  ["AbortSignal.timeout tells", "WebKit's own fetch rejects with an AbortError, also after a timeout"],
];

/** The reason, or false. */
export const notInWebKit = (name) => SKIPS.find(([part]) => name.includes(part))?.[1] ?? false;
