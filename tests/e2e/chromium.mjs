// Chromium and how it is started, for the end-to-end tests and the soak.
export { chromium } from "playwright-core";

const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // A host name that no browser trusts by itself, as it does 127.0.0.1: a page there is no secure context.
  "--host-resolver-rules=MAP relatch.test 127.0.0.1",
];

export const options = { executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args };
