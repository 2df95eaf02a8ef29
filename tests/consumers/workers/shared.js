import { createSession } from "./node_modules/relatch/dist/index.js";
import { apiOf, scenario } from "./scenario.js";

self.onconnect = async ({ ports: [port] }) => port.postMessage(await scenario(createSession, apiOf(location)));
