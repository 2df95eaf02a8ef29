//! One refresh for every 401.
//!
//! relatch wraps `window.fetch`, keeps a JWT access token and a refresh token, puts the access token on requests, and when
//! requests fail with 401 queues them behind **one** refresh and replays each of them. JavaScript frontends use it as
//! the npm package `relatch`; the layers are [`core`], a pure sans-I/O engine, and, on `wasm32`, `web`, the shell that
//! turns browser events into the engine's inputs and its effects into browser calls.
#![forbid(unsafe_code)]
#![warn(missing_debug_implementations)]

pub mod core;
