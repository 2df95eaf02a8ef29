import { createSession } from "relatch";
import { scenario } from "./scenario.js";

console.log(JSON.stringify(await scenario(createSession, process.env.RELATCH_API)));
