// A worker, dedicated or shared, with a session over the store that the page has too.
import { createSession } from "/pkg/dist/index.js";
import { idb } from "./idb.mjs";

const base = `${location.origin}/t/${new URLSearchParams(location.search).get("realm")}`;
const pick = { accessToken: "result.accessToken", refreshToken: "result.refreshToken", expiresIn: "result.expiresIn" };
const session = createSession({ refresh: { url: `${base}/users/refresh`, pick }, storage: idb });

/** Answers a number with the statuses of that many calls, counted, and the session's status. */
const serve = (port) => {
  port.onmessage = async ({ data }) => {
    const calls = Array.from({ length: data }, (_, i) =>
      session.fetch(`${base}/home/review/detail/${i}`).then(
        (r) => r.status,
        (e) => e.message,
      ),
    );
    const counts = {};
    for (const result of await Promise.all(calls)) counts[result] = (counts[result] ?? 0) + 1;
    port.postMessage({ counts, status: session.status });
  };
};
if ("onconnect" in self) self.onconnect = ({ ports: [port] }) => serve(port);
else serve(self);
