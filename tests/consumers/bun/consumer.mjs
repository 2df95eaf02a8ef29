export const tool = "bun";
export const fast = false;
export const cases = { "Bun %": (t) => t.outcome("bun", "main.js") };
