// What only a refresh needs, and what waits for it: loaded when one is due.
export { hold } from "./held.js";
export { raise, read } from "./mark.js";
