export const tool = "miniflare";
export const fast = true;
// Before a date of 2026 workerd's own fetch takes the token along to wherever a redirect leads.
export const cases = {
  "Cloudflare's workerd, in Miniflare %": (t) => t.outcome("node", "main.js", "2025-01-01"),
  "Cloudflare's workerd with a date of 2026": (t) => t.outcome("node", "main.js", "2026-07-01"),
};
