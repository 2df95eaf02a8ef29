import { createSession } from "./node_modules/relatch/dist/index.js";
import { apiOf, scenario } from "./scenario.js";

postMessage(await scenario(createSession, apiOf(location)));
