// No token, nor a piece of one, in anything that is emitted: errors, events, console, the session as text.
import assert from "node:assert/strict";
import test from "node:test";
import { world } from "./harness.mjs";

const w = world();

/** Runs a scenario and gives every token that was issued and everything that was emitted, as text. */
async function emitted(t, scenario, argument) {
  const lines = [];
  const keep = (message) => lines.push(message.text());
  t.page.on("console", keep);
  const result = await t.page.evaluate(
    async ([source, argument]) => {
      const tokens = new Set();
      const out = [];
      // Everything there is to be read of a value: as text, as JSON, every own property, the cause behind it.
      const describe = (value, depth = 0) => {
        if (value === null || (typeof value !== "object" && typeof value !== "function"))
          return void out.push(String(value));
        if (depth > 5) return;
        out.push(String(value), value.stack ?? "");
        try {
          out.push(JSON.stringify(value) ?? "");
        } catch {}
        for (const name of Reflect.ownKeys(value)) {
          out.push(String(name));
          try {
            describe(value[name], depth + 1);
          } catch {}
        }
      };
      const collect = (body) => {
        const visit = (value) => {
          if (typeof value !== "object" || value === null) return;
          for (const [name, member] of Object.entries(value)) {
            if (/^(access|refresh)_?token$/i.test(name) && typeof member === "string" && member.length > 20)
              tokens.add(member);
            else visit(member);
          }
        };
        try {
          visit(JSON.parse(body));
        } catch {}
      };
      const spied = async (...call) => {
        const response = await fetch(...call);
        collect(await response.clone().text());
        return response;
      };
      const session = make("bearer", { fetch: spied, refreshTimeout: 700 });
      for (const type of ["refreshed", "adopted", "changed", "replayed", "held", "expired", "failed", "step-up"]) {
        session.addEventListener(type, (event) => {
          describe(event.detail);
          console.log(type, JSON.stringify(event.detail), event);
        });
      }
      addEventListener("error", (event) => describe(event.error));
      addEventListener("unhandledrejection", (event) => describe(event.reason));
      const attempt = async (work) => {
        try {
          return await work();
        } catch (error) {
          describe(error);
          console.log(String(error), error);
        }
      };
      const login = async () => {
        const response = await spied(`${base}/users/sign-in`, {
          method: "POST",
          body: JSON.stringify({ name: "ada", password: "latch" }),
        });
        await session.setTokens((await response.json()).result);
      };
      await attempt(login);
      await new Function(`return (${source})`)()({ session, attempt, describe, login, spied, argument, tokens });
      describe(session);
      describe(Object.getPrototypeOf(session));
      out.push(Object.prototype.toString.call(session), `${session}`, JSON.stringify({ session }));
      console.log(session);
      return { tokens: [...tokens], out: out.join("\n") };
    },
    [String(scenario), argument],
  );
  t.page.off("console", keep);
  return { tokens: result.tokens, text: `${result.out}\n${lines.join("\n")}` };
}

/** The tokens, and their parts by themselves, that stand in the text. */
function found(tokens, text) {
  const pieces = tokens.flatMap((token) => [token, ...token.split(".").filter((part) => part.length >= 16)]);
  return pieces.filter((piece) => text.includes(piece) || text.includes(encodeURIComponent(piece)));
}

const FAULTS = [
  null,
  "invalid_grant",
  "server_error",
  "unavailable",
  "too_many",
  "garbage",
  "html403",
  "html200",
  "blank",
  "same",
  "expired",
  "hang",
  "drop_before",
  "drop",
];

for (const fault of FAULTS) {
  test(`no token in anything emitted when the refresh answers ${fault ?? "with tokens"}`, async () => {
    const t = await w.open();
    await t.control({ refresh_fault: fault });
    const { tokens, text } = await emitted(t, async ({ session, attempt, describe }) => {
      await expire();
      const calls = Array.from({ length: 5 }, (_, i) =>
        attempt(() => session.fetch(`${base}/home/review/detail/${i}?n=1`)),
      );
      await Promise.all(calls);
      await attempt(() => session.refresh());
      await attempt(() => session.getAccessToken({ minValidity: 10 }));
      await attempt(() => session.fetch(`${base}/step-up`));
      await attempt(() => session.fetch(`${base}/scope`));
      await attempt(() => session.fetch("http://["));
      await attempt(() => session.fetch(`${base}/slow`, { signal: AbortSignal.timeout(50) }));
      describe(session.status);
      await attempt(() => session.clear());
      await attempt(() => session.getAccessToken());
      session.close();
      await attempt(() => session.refresh());
    });
    assert.ok(tokens.length >= 2, "tokens were issued");
    assert.match(text, /RelatchError/);
    assert.deepEqual(found(tokens, text), []);
    await t.close();
  });
}

test("no token in anything emitted when options, tokens or the store are wrong", async () => {
  const t = await w.open();
  const { tokens, text } = await emitted(t, async ({ session, attempt, spied, tokens }) => {
    const [access, refresh] = [...tokens];
    for (const accessToken of [`${access}\n`, `${access} \u00e9`, [access], { access }]) {
      await attempt(() => session.setTokens({ accessToken, refreshToken: refresh }));
    }
    await attempt(() => session.setTokens({ accessToken: access, refreshToken: refresh.repeat(2000) }));
    await attempt(() => make("bearer", { header: { name: "X AUTH" } }));
    await attempt(() => session.getAccessToken({ minValidity: Number.NaN }));
    localStorage.setItem("relatch", `{"v":9,"accessToken":"${access}","refreshToken":"${refresh}"`);
    await attempt(() => session.fetch(`${base}/echo`));
    Storage.prototype.setItem = (key) => {
      throw new DOMException(`no room for ${key}`, "QuotaExceededError");
    };
    await attempt(() => session.setTokens({ accessToken: access, refreshToken: refresh }));
    for (const answer of [{ accessToken: `${access}\r\n` }, { accessToken: "" }, undefined, "x"]) {
      const own = make("bearer", { fetch: spied, storage: "memory", refresh: () => answer });
      await attempt(() => own.setTokens({ accessToken: access, refreshToken: refresh }));
      await attempt(() => own.refresh());
    }
  });
  assert.ok(tokens.length >= 2, "tokens were issued");
  assert.match(text, /invalid_option/);
  assert.match(text, /storage_failed/);
  assert.deepEqual(found(tokens, text), []);
  await t.close();
});

test("the search finds a token where there is one", async () => {
  const t = await w.open();
  for (const how of [0, 1, 2]) {
    const { tokens, text } = await emitted(
      t,
      async ({ session, describe, tokens, argument }) => {
        const [access] = [...tokens];
        if (argument === 0) console.log("token", access.split(".")[2]);
        if (argument === 1) describe(new Error("outer", { cause: { deep: [access] } }));
        if (argument === 2) session.leak = access;
      },
      how,
    );
    assert.notDeepEqual(found(tokens, text), [], `way ${how}`);
  }
  await t.close();
});
