import { useState } from "react";
import { useSession } from "./session.jsx";

/** Knows nothing of the buttons below, and is right all the same. */
function Status() {
  const { status } = useSession();
  return (
    <p>
      Status:{" "}
      <b id="status" role="status">
        {status}
      </b>
    </p>
  );
}

export function App({ api }) {
  const { session } = useSession();
  const [result, setResult] = useState("");
  const post = (route, body) => fetch(api + route, { method: "POST", body: JSON.stringify(body ?? {}) });

  async function signIn() {
    const login = await post("/users/sign-in", { name: "ada", password: "latch" });
    await session.setTokens((await login.json()).result);
    setResult(`signed in as ${session.claims.name}`);
  }

  async function expire() {
    await post("/control/expire");
    setResult("the access token has expired");
  }

  async function send() {
    const calls = Array.from({ length: 20 }, (_, i) => session.fetch(`${api}/home/review/detail/${i}`));
    const right = (await Promise.all(calls)).filter(({ ok }) => ok).length;
    setResult(`${right} of 20 succeeded`);
  }

  return (
    <main>
      <h1>relatch in React</h1>
      <Status />
      <button type="button" id="sign-in" onClick={signIn}>
        Sign in
      </button>
      <button type="button" id="expire" onClick={expire}>
        Let the access token expire
      </button>
      <button type="button" id="send" onClick={send}>
        Send 20 requests
      </button>
      <button type="button" id="sign-out" onClick={() => session.clear()}>
        Sign out
      </button>
      <p id="result" role="status">
        {result}
      </p>
    </main>
  );
}
