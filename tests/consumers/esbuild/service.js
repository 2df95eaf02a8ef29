import { createSession } from "relatch";
import { apiOf, scenario } from "./scenario.js";

self.onmessage = (event) => {
  const answer = scenario(createSession, apiOf(location)).catch(({ message }) => ({ error: message }));
  event.waitUntil(answer.then((outcome) => event.data.postMessage(outcome)));
};
