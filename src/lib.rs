//! One refresh for every 401.
//!
//! relatch wraps `window.fetch`, keeps a JWT access token and a refresh token, puts the access token on requests, and
//! when requests fail with 401 queues them behind **one** refresh and replays each of them. It is the idea of OkHttp's
//! `Authenticator`, for browsers.
//!
//! This crate is for frontends in Rust: Yew, Leptos, Dioxus, or none of them. JavaScript frontends use the npm package
//! of the same name, which is this crate behind a small facade.
//!
//! ```no_run
//! use relatch::{Event, Refresh, Session, Tokens};
//!
//! # async fn example(tokens: Tokens) -> Result<(), relatch::Error> {
//! let session = Session::builder(
//!     Refresh::post("/users/refresh").pick("result.accessToken", "result.refreshToken", "result.expiresIn"),
//! )
//! .header("X-AUTH-TOKEN") // default: Authorization: Bearer …
//! .build()?;
//!
//! session.set_tokens(&tokens).await?; // after a login
//! session
//!     .listen(|event| {
//!         if let Event::Expired { .. } = event {
//!             web_sys::console::log_1(&"show the login".into());
//!         }
//!     })
//!     .forget();
//!
//! let response = session.fetch("/home/review/detail/151").await?; // a web_sys::Response
//! # let _ = response;
//! # Ok(())
//! # }
//! ```
//!
//! # With `gloo-net` and `reqwest`
//!
//! [`Session::install`] puts the session's `fetch` in the place of the page's, which these crates call. They then need
//! no change:
//!
//! ```no_run
//! # async fn example(session: relatch::Session) {
//! let _installed = session.install(); // until it is dropped
//! // gloo_net::http::Request::get("/home/review/detail/151").send().await
//! # }
//! ```
//!
//! # Where it runs
//!
//! On `wasm32-unknown-unknown` with wasm-bindgen's `web` and `bundler` targets, as Trunk, `dx` and `cargo-leptos` use
//! them; the crate brings JavaScript files of its own, which the `no-modules` target cannot take along. On other
//! targets it compiles, so that code shared with a server needs no `cfg`, and [`SessionBuilder::build`] gives
//! [`Error::NoBrowser`].
//!
//! The engine, `relatch-engine`, is a crate of its own: pure Rust without I/O, which runs everywhere. The feature `npm`
//! adds what the npm package's wasm exports, and its allocator: it is not for dependents.
#![forbid(unsafe_code)]
#![warn(missing_debug_implementations, missing_docs)]

mod frontend;
mod web;

pub use frontend::*;
pub use relatch_engine::{Change, Code, Reason, Status};

/// The page for Rust frontends, whose code is compiled like the other examples.
#[cfg(doctest)]
#[doc = include_str!("../docs/rust.md")]
struct RustPage;

/// Smaller than the standard allocator by more than the engine's own code. Its free list is searched from the start,
/// which is fast enough here: nothing is allocated on the fast path, and what a call or a flight allocates is a
/// handful.
#[cfg(all(target_arch = "wasm32", feature = "npm"))]
#[global_allocator]
static ALLOCATOR: lol_alloc::LockedAllocator<lol_alloc::FreeListAllocator> =
    lol_alloc::LockedAllocator::new(lol_alloc::FreeListAllocator::new());
