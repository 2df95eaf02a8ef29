const { writeFileSync } = require("node:fs");
const { createSession } = require("relatch");
const { scenario } = require("./scenario.js");

test("twenty calls on an expired token", async () => {
  const outcome = await scenario(createSession, process.env.RELATCH_API);
  expect(outcome.right).toBe(20);
  writeFileSync("outcome.json", JSON.stringify(outcome));
});
