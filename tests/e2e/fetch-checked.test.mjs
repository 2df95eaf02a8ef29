// What was checked is what is sent (S0): a base that moves, a Request that lies about itself, members that are read
// once, and a prototype that somebody polluted.
import assert from "node:assert/strict";
import test from "node:test";
import { world } from "./harness.mjs";
import { json, origin } from "./origin.mjs";

const w = world();

/** Runs in the page: a session over two origins' worth of arguments, and a base to move. */
const helpers = () => {
  Object.assign(globalThis, {
    baseTo(href) {
      document.querySelector("base")?.remove();
      if (href) document.head.append(Object.assign(document.createElement("base"), { href }));
    },
  });
};

test("a base that moves between call, 401 and replay changes nothing, on every path", async () => {
  const stranger = await origin((_, response) => json(response, 200, { stranger: true }));
  const t = await w.open();
  await t.page.evaluate(helpers);
  const rows = await t.page.evaluate(async (elsewhere) => {
    const rows = {};
    const native = fetch;
    const slow = (...call) => sleep(20).then(() => native(...call));
    const told = async (promise) => {
      const response = await promise;
      const { method, length } = await response.json().catch(() => ({}));
      return [new URL(response.url).origin === location.origin, response.status, method, length].join(" ");
    };
    const post = { method: "POST", body: "secret" };
    for (const [name, options, init] of [
      ["native", {}],
      ["an asynchronous fetch", { fetch: slow }],
      ["native, POST", {}, post],
      ["an asynchronous fetch, POST", { fetch: slow }, post],
    ]) {
      const session = make("bearer", options);
      await signIn(session);
      await session.ready;
      for (const path of [`${base}/echo`, `../../..${base}/echo`]) {
        for (const state of ["good", "rejected", "held"]) {
          if (state === "rejected") await expire();
          if (state === "held") await outdate(session);
          const call = session.fetch(path, init);
          baseTo(elsewhere);
          rows[`${name}, ${path[0]}, ${state}`] = await told(call);
          baseTo();
        }
      }
      // While the wasm is not there yet.
      const fresh = make("bearer", options);
      const early = fresh.fetch(`${base}/echo`, init);
      baseTo(elsewhere);
      rows[`${name}, before the wasm`] = await told(early);
      baseTo();
      const uninstall = session.install();
      await expire();
      const installed = fetch(`${base}/echo`, init);
      baseTo(elsewhere);
      rows[`${name}, installed`] = await told(installed);
      baseTo();
      uninstall();
      await session.clear();
      const bare = session.fetch(`${base}/open/echo`, init);
      baseTo(elsewhere);
      rows[`${name}, signed out`] = await told(bare);
      baseTo();
      session.close();
    }
    rows.restored = fetch === native;
    return rows;
  }, `${stranger.url}/`);
  const { restored, ...calls } = rows;
  assert.equal(restored, true);
  assert.equal(Object.keys(calls).length, 36);
  for (const [name, told] of Object.entries(calls))
    assert.equal(told, name.includes("POST") ? "true 200 POST 6" : "true 200 GET 0", name);
  assert.deepEqual(stranger.seen, []);
  stranger.close();
  await t.close();
});

test("a fetch of one's own is handed what is absolute", async () => {
  const t = await w.open();
  const seen = await t.page.evaluate(async () => {
    const seen = [];
    const native = fetch;
    const session = make("bearer", {
      fetch(input, init) {
        seen.push(typeof input === "string" ? input : input.url);
        return native(input, init);
      },
    });
    const early = session.fetch(`${base}/open/echo`);
    await early;
    await signIn(session);
    for (const input of [`${base}/echo`, `../../..${base}/echo`, new URL(`${location.origin}${base}/echo`)])
      await session.fetch(input);
    await session.fetch(`${base}/echo`, { redirect: "follow" });
    return seen.map((url) => new URL(url).pathname.startsWith(base) && url.startsWith(location.origin));
  });
  assert.deepEqual(seen, Array(seen.length).fill(true));
  assert.ok(seen.length >= 5);
  await t.close();
});

test("a Request that says it goes elsewhere is known by where it goes", async () => {
  const stranger = await origin((_, response) => json(response, 200, {}));
  const t = await w.open();
  const result = await t.page.evaluate(async (elsewhere) => {
    const own = `${location.origin}${base}/echo`;
    class Subclass extends Request {
      get url() {
        return own;
      }
    }
    const overridden = (request, members) => {
      for (const [name, value] of Object.entries(members)) Object.defineProperty(request, name, { value });
      return request;
    };
    const frame = document.body.appendChild(document.createElement("iframe")).contentWindow;
    const requests = () => [
      overridden(new Request(elsewhere), { url: own }),
      new Subclass(elsewhere),
      overridden(new frame.Request(elsewhere), { url: own }),
      Object.setPrototypeOf(new Request(elsewhere), { __proto__: Request.prototype, url: own }),
      overridden(new Request(elsewhere, { method: "POST", body: "b" }), { url: own, method: "GET" }),
    ];
    const rows = [];
    for (const state of ["early", "good", "held"]) {
      const session = make("bearer");
      if (state !== "early") {
        await signIn(session);
        await session.ready;
      }
      if (state === "held") await outdate(session);
      for (const request of requests()) rows.push((await session.fetch(request)).url.startsWith(elsewhere));
    }
    // And what else it says of itself.
    const session = make("bearer");
    await signIn(session);
    const lies = [
      overridden(new Request(own, { method: "POST", body: "body" }), { method: "GET", body: null }),
      overridden(new Request(own), { headers: new Headers({ authorization: "Basic x" }), mode: "no-cors" }),
      overridden(new Request(own), { signal: AbortSignal.abort() }),
      overridden(new Request(own), { method: "DELETE", url: elsewhere }),
    ];
    for (const state of ["good", "held"]) {
      for (const lie of lies) {
        if (state === "held") await outdate(session);
        const { method, length, headers } = await (
          await session.fetch(
            lie.clone
              ? overridden(lie.clone(), {
                  url: lie.url,
                  method: lie.method,
                })
              : lie,
          )
        ).json();
        rows.push([method, length, /^Bearer /.test(headers.authorization)].join());
      }
    }
    return rows;
  }, stranger.url);
  assert.deepEqual(result.slice(0, 15), Array(15).fill(true));
  const truth = ["POST,4,true", "GET,0,true", "GET,0,true", "GET,0,true"];
  assert.deepEqual(result.slice(15), [...truth, ...truth]);
  assert.deepEqual(stranger.seen.map(({ token }) => token).filter(Boolean), []);
  assert.equal(stranger.seen.length, 15);
  stranger.close();
  await t.close();
});

test("an init is read as fetch reads it, and what only another fetch knows goes along unread", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const native = fetch;
    const names = ["method", "cache", "headers", "credentials", "signal", "redirect", "body", "keepalive", "mode"];
    const values = { method: "POST", body: "x", credentials: "same-origin", headers: { "X-Own": "1" } };
    const forms = {
      accessors(reads) {
        const init = {};
        for (const name of [...names, "next", "dispatcher"])
          Object.defineProperty(init, name, {
            enumerable: true,
            get() {
              reads.push(name);
              return values[name];
            },
          });
        return init;
      },
      hidden(reads) {
        const init = {};
        for (const name of names)
          Object.defineProperty(init, name, {
            get() {
              reads.push(name);
              return values[name];
            },
          });
        return init;
      },
      inherited: (reads) => Object.create(forms.hidden(reads)),
      proxy: (reads) =>
        new Proxy(
          {},
          {
            get(_, name) {
              reads.push(name);
              return values[name];
            },
          },
        ),
    };
    const known = (reads) => reads.filter((name) => names.includes(name)).join();
    const rows = {};
    for (const state of ["good", "held", "early"]) {
      for (const [form, made] of Object.entries(forms)) {
        const session = make("bearer");
        if (state !== "early") {
          await signIn(session);
          await session.ready;
        }
        if (state === "held") await outdate(session);
        const [ours, theirs] = [[], []];
        const call = session.fetch(`${base}/open/echo`, made(ours));
        const atOnce = known(ours);
        const body = await (await call).json();
        await native(`${base}/open/echo`, made(theirs));
        rows[`${state} ${form}`] = [
          known(ours) === known(theirs) && atOnce === known(ours),
          ours.some((name) => /next|dispatcher/.test(name)),
          body.method,
          body.headers["x-own"],
        ].join(" ");
        session.close();
      }
    }
    // What passes.
    const seen = [];
    const session = make("bearer", {
      fetch(input, init) {
        seen.push(init?.next?.revalidate, { ...init }.next?.revalidate, init?.dispatcher);
        return native(input, init);
      },
    });
    await signIn(session);
    class Init {
      #next = { revalidate: 3 };
      get next() {
        return this.#next;
      }
      dispatcher = 4;
    }
    seen.length = 0;
    await session.fetch(`${base}/echo`, { next: { revalidate: 1 }, dispatcher: 2 });
    await session.fetch(`${base}/echo`, new Init());
    await session.fetch(new Request(`${base}/echo`), { next: { revalidate: 1 }, dispatcher: 2 });
    await outdate(session);
    const calls = seen.length;
    await session.fetch(`${base}/echo`, { next: { revalidate: 5 }, dispatcher: 6, mode: "cors" });
    return { rows, seen: [seen.slice(0, calls), seen.slice(-3)].map((list) => list.map((v) => v ?? null)) };
  });
  for (const [name, told] of Object.entries(result.rows)) assert.equal(told, "true false POST 1", name);
  assert.deepEqual(result.seen, [
    // A spread finds no accessor of a class, as with the caller's own.
    [1, 1, 2, 3, null, 4, 1, 1, 2],
    [5, 5, 6],
  ]);
  await t.close();
});

test("headers' iterator and an input's toString are asked once, on every path", async () => {
  const t = await w.open();
  const rows = await t.page.evaluate(async () => {
    const rows = {};
    for (const state of ["good", "rejected", "held", "early", "foreign"]) {
      const session = make("bearer");
      if (state !== "early") {
        await signIn(session);
        await session.ready;
      }
      if (state === "held") await outdate(session);
      if (state === "rejected") await expire();
      let [iterated, asked, told] = [0, 0, 0];
      const headers = {
        get [Symbol.iterator]() {
          asked++;
          return function* () {
            iterated++;
            yield ["x-own", "1"];
          };
        },
      };
      const url = `${location.origin}${base}/open/echo`;
      const address = state === "foreign" ? `${second}/open/echo` : url;
      const input = { toString: () => (told++ ? `${location.origin}/elsewhere` : address) };
      const response = await session.fetch(input, { headers });
      const { headers: sent } = await response.json();
      rows[state] = [iterated, asked, told, sent["x-own"]].join();
    }
    return rows;
  });
  for (const [state, told] of Object.entries(rows)) assert.equal(told, "1,1,1,1", state);
  await t.close();
});

test("whatever is put on Object.prototype reaches no lock, no refresh and no header", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const native = fetch;
    const names = (
      "0,1,2,3,4,5,mode,steal,ifAvailable,signal,headers,body,method,redirect,credentials,cache,referrer,integrity,keepalive," +
      "duplex,priority,window,referrerPolicy,url,tail,lease,log,logs,skip,store,web,fetch,key,scope,terminal,clientId,form," +
      "accessToken,refreshToken,expiresIn,error,detail,value,get,enumerable,next,authorization,Authorization,bits,asks," +
      "flight,release,epoch,generation,lifetime,status,bubbles,cancelable,cause"
    ).split(",");
    const rows = {};
    for (const name of names) {
      const plain = name === "get" || name === "value" || name === "enumerable";
      const session = make("bearer", { key: `k-${name}` });
      await signIn(session);
      await session.ready;
      const request = navigator.locks.request;
      let lockOptions;
      navigator.locks.request = (lock, options, callback) => {
        lockOptions = [];
        for (const member in options) lockOptions.push(member);
        if (options[name] !== undefined && name !== "signal") lockOptions.push(`inherited ${name}`);
        return request.call(navigator.locks, lock, options, callback);
      };
      const before = JSON.parse(localStorage[`k-${name}`]);
      delete before.accessToken;
      localStorage[`k-${name}`] = JSON.stringify(before);
      await sleep(3);
      if (!plain) Object.prototype[name] = "evil";
      let told;
      try {
        const response = await session.fetch(`${base}/echo`);
        const bare = await session.fetch(new Request(`${base}/echo`));
        delete Object.prototype[name];
        const echoed = await response.json();
        told = [response.status, bare.status, echoed.method, echoed.length, session.told("refreshed").length].join(" ");
      } catch (error) {
        told = String(error);
      }
      delete Object.prototype[name];
      navigator.locks.request = request;
      rows[name] = `${told} ${lockOptions}`;
      session.close();
    }
    // A refresh that brings nothing is no success by what stands at the prototype's indices.
    const session = make("bearer", { key: "holes", refresh: async () => undefined });
    await signIn(session);
    const record = JSON.parse(localStorage.holes);
    delete record.accessToken;
    localStorage.holes = JSON.stringify(record);
    await sleep(3);
    for (const i of [0, 1, 2, 3, 4, 5, 6, 7, 8]) Object.prototype[i] = "evil";
    const failed = await session.refresh().then(
      () => "refreshed",
      (error) => error.code,
    );
    for (const i of [0, 1, 2, 3, 4, 5, 6, 7, 8]) delete Object.prototype[i];
    return { rows, failed, evil: localStorage.holes.includes("evil"), native: fetch === native };
  });
  for (const [name, told] of Object.entries(result.rows)) assert.equal(told, "200 200 GET 0 1 signal", name);
  assert.deepEqual([result.failed, result.evil, result.native], ["refresh_failed", false, true]);
  await t.close();
});

test("no page error, no unhandled rejection in all of this", () => {
  assert.deepEqual(w.errors, []);
});
