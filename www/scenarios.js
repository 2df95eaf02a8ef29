// What the tour shows. `run` does the same to each lane; `words` say beforehand what will happen, `why` afterwards what
// it was good for. `ok`: is this how relatch should come out of it?

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const once = (figures) =>
  figures.right === figures.calls && figures.refreshes === 1 && figures.reuse === 0 && figures.signedIn;

/** As many documents as tabs, each with its own client over the same store. */
async function inTabs(lane, n, each) {
  const frames = await Promise.all(
    Array.from({ length: n }, async () => {
      const frame = document.createElement("iframe");
      frame.hidden = true;
      frame.title = "a tab of the tour";
      frame.src = `/www/tab.html#${encodeURIComponent(JSON.stringify(lane.options))}`;
      document.body.append(frame);
      for (let i = 0; i < 500 && !frame.contentWindow?.client; i++) await sleep(20);
      if (!frame.contentWindow?.client) throw new Error("a tab did not start");
      return frame;
    }),
  );
  try {
    await Promise.all(frames.map((frame) => each(frame.contentWindow.client)));
  } finally {
    for (const frame of frames) {
      frame.contentWindow.client.close();
      frame.remove();
    }
  }
}

export const scenarios = [
  {
    id: "one",
    title: "One expired token",
    words: "The server takes back the access token. The page does not know, and sends one request.",
    why:
      "401, refresh, again: for one request everybody gets it right. " +
      "This is all that the usual wrapper was ever tried with.",
    async run(lane) {
      await lane.expire();
      await lane.calls(1);
    },
    ok: once,
  },
  {
    id: "storm",
    title: "200 at once",
    words:
      "The same, but a dashboard sends 200 requests at once. The refresh token may be used once; " +
      "the server takes a second use for a theft, as RFC 9700 asks it to.",
    why:
      "Without a single flight each 401 starts a refresh of its own. " +
      "The second one looks like a thief, and the server ends the session. " +
      "relatch holds all of them behind one refresh.",
    async run(lane) {
      await lane.expire();
      await lane.calls(200);
    },
    ok: once,
  },
  {
    id: "tabs",
    title: "Five tabs",
    words: "Five documents share one session, as tabs do. Each sends four requests on the expired token.",
    why:
      "A promise in one tab is unknown to the others. " +
      "relatch takes a Web Lock of the origin (or a lease in the storage), looks again under " +
      "it, and adopts what another tab has got.",
    async run(lane) {
      await lane.expire();
      await inTabs(lane, 5, (client) => lane.calls(4, { client }));
    },
    ok: once,
  },
  {
    id: "logout",
    title: "Logout during a refresh",
    words: "A request waits for a slow refresh. The user signs out meanwhile; then the answer comes.",
    why:
      "A late answer must not sign anybody in again. " +
      "relatch counts epochs: what was begun before the logout is thrown away.",
    async run(lane) {
      await lane.control({ refresh_delay_ms: 600 });
      await lane.expire();
      const call = lane.calls(1);
      await sleep(200);
      await lane.client.signOut();
      await call;
      await sleep(600);
    },
    // The call itself is the caller's 401: nobody is signed in.
    ok: ({ signedIn, reuse }) => !signedIn && reuse === 0,
  },
  {
    id: "hung",
    title: "A refresh that hangs",
    words:
      "The auth server takes the request and never answers. " +
      "(relatch's deadline is 30 s; here it is set to 1.5 s. We wait for 4.)",
    why:
      "Every call must end. relatch gives each its own 401 when the refresh has had its time, " +
      "keeps the tokens, and once the server is well again the next call succeeds.",
    // Shorter than anybody would set it, so that a visitor need not wait.
    client: { refreshTimeout: 1500 },
    async run(lane) {
      await lane.control({ refresh_fault: "hang" });
      await lane.expire();
      await lane.calls(3, { patience: 4000 });
      lane.hung = lane.ends.filter((end) => end === "still waiting").length;
      await lane.control({ refresh_fault: null });
      // A backoff may be running.
      await sleep(1200);
      lane.ends.length = 0;
      await lane.calls(1, { patience: 4000 });
    },
    ok: ({ right, signedIn, hung }) => right === 1 && signedIn && hung === 0,
  },
  {
    id: "offline",
    title: "The line drops",
    words: "A train goes into a tunnel: the connection is lost during the refresh. Then there is a line again.",
    why:
      "A network error says nothing about the session. relatch keeps the tokens and tries again after a short " +
      "backoff, or when the browser says that it is online; the usual wrapper shows the login.",
    async run(lane) {
      await lane.control({ refresh_fault: "drop_before" });
      await lane.expire();
      await lane.calls(3);
      await lane.control({ refresh_fault: null });
      await sleep(1200);
      lane.ends.length = 0;
      await lane.calls(1);
    },
    ok: ({ right, signedIn }) => right === 1 && signedIn,
  },
  {
    id: "clock",
    title: "A wrong clock",
    words:
      "This machine's clock is two hours ahead of the server's. The token is good for an hour. " +
      "Five requests, one after the other.",
    why:
      "A wrapper that compares `exp` with its own clock finds every token expired and refreshes before each " +
      "request. relatch measures a lifetime (`expires_in`, else `exp − iat`) and never compares the two clocks.",
    naive: { checksExpiry: true },
    before: { access_lifetime_ms: 3_600_000, skew_ms: -7_200_000 },
    async run(lane) {
      for (let i = 0; i < 5; i++) await lane.calls(1);
    },
    ok: ({ right, refreshes, signedIn }) => right === 5 && refreshes === 0 && signedIn,
  },
];
