// The auth server, for tests and benchmarks.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

const root = new URL("../..", import.meta.url);

// Where the tests' pages come from, as in xtask/src/demo.rs.
const GUESTS = ["http://127.0.0.1:*", "http://localhost:*", "http://relatch.test:*", "null"];

/** The server's two origins: those of `cargo xtask test`, or of a server started here. */
export async function startServer() {
  if (process.env.RELATCH_TEST_MAIN) {
    return { main: process.env.RELATCH_TEST_MAIN, second: process.env.RELATCH_TEST_SECOND, stop() {} };
  }
  const child = spawn(
    "cargo",
    ["xtask", "serve", "--until-stdin-closes", ...GUESTS.flatMap((guest) => ["--guest", guest])],
    {
      cwd: root,
      stdio: ["pipe", "pipe", "inherit"],
    },
  );
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  return { ...JSON.parse(line), stop: () => child.stdin.end() };
}
