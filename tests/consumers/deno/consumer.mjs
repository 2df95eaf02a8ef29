export const tool = "deno";
export const fast = false;
const run = ["run", "--allow-net", "--allow-env"];
export const cases = {
  "Deno %": (t) => t.outcome("deno", ...run, "main.js"),
  // A location is no browser: nothing holds a token back there.
  "Deno %, with a location": (t) => t.outcome("deno", ...run, "--location", t.api, "main.js"),
};
