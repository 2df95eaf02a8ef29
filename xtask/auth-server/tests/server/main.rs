//! The server over HTTP, as its users see it.

mod client;
mod faults;
mod routes;
mod tokens;
