import { createSession } from "relatch";
import { expect, test } from "vitest";
import { writeFileSync } from "node:fs";
import { scenario } from "./scenario.js";

test("twenty calls on an expired token", async () => {
  const outcome = await scenario(createSession, process.env.RELATCH_API);
  expect(outcome.right).toBe(20);
  writeFileSync("outcome.json", JSON.stringify(outcome));
});
