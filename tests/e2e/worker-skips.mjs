// Which of the tests that run in both modes cannot run with the session in a worker, and why. docs/worker.md says the
// same to users.

const SKIPS = [
  ["isChallenge widens", "options that are functions are the worker's own"],
  ["a header of the caller's own, skip", "options that are functions are the worker's own"],
  ["your own refresh function", "options that are functions are the worker's own"],
  ["the 401 that a replay replaces", "options that are functions are the worker's own"],
  ["getAccessToken, claims and a forced refresh", "the page never sees an access token"],
  ["two step-up answers in one turn", "options that are functions are the worker's own"],
  ["Retry-After is whole seconds", "options that are functions are the worker's own"],
  ["install puts session.fetch", "there is no install"],
  ["after close nothing is held", "the worker goes on when a page closes its end; the page's calls reject as closed"],
  [
    "null bodies, statuses, clones",
    "a Response of 204 is built anew, and so has no body, where Chromium's own has an empty one",
  ],
  ["a page that goes away", "the worker, or its page's messages, go with the page"],
  ["a stream that cannot be sent", "bodies are sent as bytes, so that it can"],
  ["offline with an expired token", "the browser's emulation of being offline does not reach workers"],
  ["back online after a night", "the test's clock is the page's"],
];

/** The reason, or false. */
export const notInWorker = (name) => SKIPS.find(([part]) => name.includes(part))?.[1] ?? false;
export const skipped = SKIPS.map(([part]) => part);
