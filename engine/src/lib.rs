//! The engine: who may send what with which token, and when the one refresh runs.
//!
//! Pure Rust and sans I/O, in four kinds of methods:
//! *inputs* (`open`, `handle_*`, `set_tokens`, …) carry [`Now`] and facts and change the state;
//! [`Engine::poll`] hands out the effects to carry out, one at a time ([`Driver`] is the shape of whoever does);
//! [`Engine::deadline`] says when to call [`Engine::handle_timeout`]; the rest are getters. Nothing here knows a
//! browser, a clock or a random source, so all of it runs, and is tested, natively.
//!
//! The rules that the comments cite (S… sending, A… a 401, G… the flight) are those of the repository's
//! `docs/rules.md`.

#![forbid(unsafe_code)]
#![warn(missing_debug_implementations, missing_docs)]

pub mod challenge;
mod driver;
mod engine;
pub mod error;
mod event;
pub mod expiry;
mod flight;
mod guard;
pub mod limits;
pub mod policy;
mod queue;
mod routes;
#[cfg(not(feature = "sabotage"))]
mod sabotage;
#[cfg(feature = "sabotage")]
pub mod sabotage;
mod session;
pub mod verdict;

pub use driver::Driver;
pub use engine::{Engine, Pass};
pub use error::Code;
pub use event::{Change, Effect, Event, Outcome};
pub use expiry::Now;
pub use flight::{Answer, Failure, FlightId, Grant, Reason};
pub use policy::{Policy, Reply};
pub use queue::{CallId, Want};
pub use session::{Record, Stamp, Status, Stored, Token};
