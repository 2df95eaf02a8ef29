//! The simulator: the real engine in several tabs, over one simulated store, lock, auth server and API, on a schedule
//! that a seed makes. All of it is deterministic: the same seed gives the same trace.
//!
//! `plan` makes a schedule of a seed; `world` runs it, with a `Tab` doing for the engine what `src/web` does in the
//! browser; `watch` holds the invariants; `shrink` makes a failing schedule small; `hunt` runs many.
#![forbid(unsafe_code)]

mod calm;
mod hunt;
mod plan;
mod rng;
mod server;
mod shell;
mod shrink;
mod store;
mod watch;
mod world;

pub use hunt::{Case, Figures, broken, corpus, hunt};
pub use plan::{Config, Place, Plan, Step};
pub use relatch_engine::sabotage::Rule;
pub use server::{Server, Tok};
pub use shrink::shrink;
pub use watch::Violation;
pub use world::run;
