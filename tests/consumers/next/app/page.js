import { createSession } from "relatch";
import { Client } from "./client";
import { scenario } from "../scenario.js";

export const dynamic = "force-dynamic";

// On the server, at each request.
export default async function Page({ searchParams }) {
  const { api, side } = await searchParams;
  if (side === "client") return <Client />;
  const outcome = api ? await scenario(createSession, api) : {};
  // biome-ignore lint/security/noDangerouslySetInnerHtml: a test's own outcome, for the test to read
  return <script dangerouslySetInnerHTML={{ __html: `globalThis.outcome = ${JSON.stringify(outcome)}` }} />;
}
