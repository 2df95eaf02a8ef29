import { createSession } from "relatch";
import { redirects } from "./redirects.js";
import { scenario } from "./scenario.js";

const [api, second] = ["RELATCH_API", "RELATCH_SECOND"].map((name) => Deno.env.get(name));
const outcome = await scenario(createSession, api);
await redirects(createSession, api, second);
console.log(JSON.stringify(outcome));
