// What only a refresh needs, and what waits for it: loaded when one is due.
export { form } from "./form.js";
export { hold } from "./held.js";
export { keep } from "./kept.js";
export { guard, raise, read } from "./mark.js";
export { when } from "./retry.js";
