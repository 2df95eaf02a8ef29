//! The face for Rust frontends (Yew, Leptos, Dioxus, or none): what the npm package's `createSession` is for
//! JavaScript, over the same shell and engine. It reads and checks options, and turns the shell's values into Rust's;
//! like the npm face it decides nothing.

mod builder;
mod checks;
mod error;
mod event;
mod install;
mod place;
mod refresh;
mod session;
mod store;
mod sys;
mod tokens;

pub use builder::SessionBuilder;
pub use error::Error;
pub use event::Event;
pub use install::Installed;
pub use refresh::{Refresh, RefreshContext, RefreshPost};
pub use session::{Listener, Session};
pub use store::{Storage, Store, StoreFuture};
pub use tokens::Tokens;
