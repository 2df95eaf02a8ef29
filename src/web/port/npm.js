// What the npm package's glue imports: crate.js without what Rust frontends alone need.
export { act } from "./dispatch.js";
export { ports } from "./port.js";
