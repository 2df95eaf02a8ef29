//! The simulator: the real engine in several tabs, over one simulated store, lock, auth server and API, on a schedule
//! that a seed makes. All of it is deterministic: the same seed gives the same trace.
//!
//! `plan` makes a schedule of a seed; `world` and `happen` run it. `driven` does for the engine what `src/web` does in
//! the browser, `app` calls it, `storage` and `net` answer it. `watch` and `check_*` hold the invariants;
//! `calm` is every schedule's end; `shrink` makes a failing schedule small; `hunt` runs many.
#![forbid(unsafe_code)]

mod app;
mod calm;
mod check_call;
mod check_flight;
mod check_store;
mod draw;
mod driven;
mod happen;
mod hunt;
mod marks;
mod net;
mod own;
mod parts;
mod plan;
mod rng;
mod server;
mod shrink;
mod storage;
mod store;
mod watch;
mod world;

pub use hunt::{Case, Figures, broken, corpus, hunt};
pub use plan::{Config, Place, Plan, Step, VISIBILITY_MS};
pub use relatch_engine::sabotage::Rule;
pub use server::{Server, Tok};
pub use shrink::shrink;
pub use watch::Violation;
pub use world::run;
