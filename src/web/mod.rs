//! The shell: turns browser events into the engine's inputs and its effects into browser calls. It decides nothing,
//! holds no `RefCell` borrow across a call into JavaScript or an await, and does not panic: a panic in an async wasm
//! function would leave a promise pending for ever.
//!
//! One half is Rust, the other is the port, in `port/`: what is nothing but browser calls costs several times fewer
//! bytes there. Between them stand two doors, [`inbox`] and [`outbox`], through which only numbers, rows of values and
//! token handles go; their names are in [`wire`].

#[cfg(feature = "npm")]
mod export;
mod inbox;
mod outbox;
mod pump;
pub(crate) mod shell;
pub(crate) mod start;
pub(crate) mod sys;
mod token;
pub(crate) mod wire;
