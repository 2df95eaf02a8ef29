import { createSession } from "relatch";
import { redirects } from "./redirects.js";
import { scenario } from "./scenario.js";

const { RELATCH_API, RELATCH_SECOND } = process.env;
const outcome = await scenario(createSession, RELATCH_API);
await redirects(createSession, RELATCH_API, RELATCH_SECOND);
console.log(JSON.stringify(outcome));
