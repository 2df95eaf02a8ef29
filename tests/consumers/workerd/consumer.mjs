export const tool = "miniflare";
export const fast = true;
export const cases = { "Cloudflare's workerd, in Miniflare %": (t) => t.outcome("node", "main.js") };
