import { createSession, setWasm } from "./node_modules/relatch/dist/slim.js";
import { apiOf, scenario } from "./scenario.js";

setWasm("./node_modules/relatch/dist/relatch_bg.wasm");
const answer = async (port) => {
  try {
    port.postMessage(await scenario(createSession, apiOf(location)));
  } catch (error) {
    port.postMessage({ error: `${error.name}: ${error.message} ${error.cause ?? ""}` });
  }
};
onmessage = (event) => event.waitUntil(answer(event.data));
