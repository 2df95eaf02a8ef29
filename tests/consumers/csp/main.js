import { createSession } from "./node_modules/relatch/dist/index.js";
import { apiOf, publish, scenario } from "./scenario.js";

publish(scenario(createSession, apiOf(location)));
