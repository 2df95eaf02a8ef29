// What both service workers do: the page sends a port, the outcome comes back through it.
import { apiOf, scenario } from "./scenario.js";

export function answerBy(createSession) {
  const answer = async (port) => {
    try {
      port.postMessage(await scenario(createSession, apiOf(location)));
    } catch (error) {
      port.postMessage({ error: `${error.name}: ${error.message} ${error.cause ?? ""}` });
    }
  };
  self.onmessage = (event) => event.waitUntil(answer(event.data));
}
