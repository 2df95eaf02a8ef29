import { publish } from "./scenario.js";

const kind = new URLSearchParams(location.search).get("kind");
const url = `./${kind}.js${location.search}`;
const message = (target) =>
  new Promise((resolve, reject) => {
    target.onmessage = ({ data }) => resolve(data);
    target.onerror = (event) => reject(new Error(`the worker failed: ${event.message}`));
  });

const answers = {
  module: () => message(new Worker(url, { type: "module" })),
  classic: () => message(new Worker(url)),
  shared: () => {
    const worker = new SharedWorker(url, { type: "module" });
    return message(worker.port);
  },
  async service() {
    // A service worker may not call import(), so only what is imported at its start is there.
    const registration = await navigator.serviceWorker.register(url, { type: "module" });
    const worker = registration.installing ?? registration.active;
    const { port1, port2 } = new MessageChannel();
    worker.postMessage(port2, [port2]);
    return message(port1);
  },
};
publish(answers[kind.split("-")[0]]());
