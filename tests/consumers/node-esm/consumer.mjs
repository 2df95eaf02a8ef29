export const fast = true;
export const cases = { "Node.js %, `import`": (t) => t.outcome("node", "main.js") };
