//! One refresh for every 401.
//!
//! relatch wraps `window.fetch`, keeps a JWT access token and a refresh token, puts the access token on requests, and when
//! requests fail with 401 queues them behind **one** refresh and replays each of them. JavaScript frontends use it as
//! the npm package `relatch`; the layers are [`core`], a pure sans-I/O engine, and, on `wasm32`, `web`, the shell that
//! turns browser events into the engine's inputs and its effects into browser calls.
#![forbid(unsafe_code)]
#![warn(missing_debug_implementations)]

pub mod core;
#[cfg(target_arch = "wasm32")]
mod web;

#[cfg(target_arch = "wasm32")]
pub use web::Session;

/// Smaller than the standard allocator by more than the engine's own code. Its free list is searched from the start, which
/// is fast enough here: nothing is allocated on the short way, and what a call or a flight allocates is a handful.
#[cfg(all(target_arch = "wasm32", feature = "npm"))]
#[global_allocator]
static ALLOCATOR: lol_alloc::LockedAllocator<lol_alloc::FreeListAllocator> =
    lol_alloc::LockedAllocator::new(lol_alloc::FreeListAllocator::new());
