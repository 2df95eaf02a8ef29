import { createSession } from "relatch";
import { apiOf, publish, scenario } from "./scenario.js";

publish(scenario(createSession, apiOf(location)));
