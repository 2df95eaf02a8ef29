export const tool = "deno";
export const fast = false;
export const cases = { "Deno %": (t) => t.outcome("deno", "run", "--allow-net", "--allow-env", "main.js") };
