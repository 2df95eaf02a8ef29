import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createSession } from "relatch";
import { App } from "./App.jsx";
import { SessionProvider } from "./session.jsx";

// The auth server of this repository: `cargo xtask serve`, and its address in the query.
const api = new URLSearchParams(location.search).get("api") ?? "http://127.0.0.1:8080/t/react";

const session = createSession({
  origins: [new URL(api).origin],
  refresh: {
    url: `${api}/users/refresh`,
    pick: { accessToken: "result.accessToken", refreshToken: "result.refreshToken", expiresIn: "result.expiresIn" },
  },
});

createRoot(document.getElementById("root")).render(
  <StrictMode>
    <SessionProvider session={session}>
      <App api={api} />
    </SessionProvider>
  </StrictMode>,
);
