//! What the engine wants done, and what it tells.

use super::error::Code;
use super::flight::{FlightId, Reason};
use super::queue::CallId;
use super::session::{Record, Stamp};

/// One thing for the shell to carry out, in the order in which [`super::Engine::poll`] gives them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Effect<T> {
    /// Send the call's request. `with`: carry the current access token, whose stamp this is; `None`: no auth header.
    /// Answer with `handle_response` or `handle_failure`.
    Send { call: CallId, with: Option<Stamp> },
    /// The call waits from now on: watch its abort signal and tell `handle_abort`.
    Wait { call: CallId },
    /// The call is over: resolve or reject it. The id is free again.
    Settle { call: CallId, outcome: Outcome },
    /// Ask for the origin's lock; answer with `handle_lock`.
    Lock { flight: FlightId },
    /// Give the lock back, or stop asking for it.
    Unlock { flight: FlightId },
    /// Look into the store; answer with `handle_read`. `None`: the first look.
    Read { flight: Option<FlightId> },
    /// Spend the refresh token; answer with `handle_answer`.
    Call { flight: FlightId, refresh: T, reason: Reason },
    /// The token call's answer is not wanted any more: abort it.
    AbortCall { flight: FlightId },
    /// Store the record; answer with `handle_written` if it is a flight's.
    Write { flight: Option<FlightId>, record: Record<T> },
    /// Remove the record from the store.
    Remove,
    /// Tell the application.
    Tell(Event),
}

/// How a call ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// With its own latest response, body unread.
    Response,
    /// With what the network rejected it with.
    Failure,
    /// With its own signal's reason.
    Aborted,
    /// With the current access token.
    Token,
    /// With nothing: `refresh()` succeeded.
    Done,
    /// With an error of relatch's own.
    Error(Code),
}

/// What another hand did to the stored session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    Tokens,
    SignedIn,
    SignedOut,
}

impl Change {
    /// All of them, in the order of their numbers.
    pub const ALL: [Change; 3] = [Change::Tokens, Change::SignedIn, Change::SignedOut];

    pub fn as_str(self) -> &'static str {
        match self {
            Change::Tokens => "tokens",
            Change::SignedIn => "signed-in",
            Change::SignedOut => "signed-out",
        }
    }
}

/// Never carries a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    Refreshed { generation: u32, reason: Reason, duration_ms: u64, waiting: u32 },
    Adopted { generation: u32, change: Change },
    Replayed { call: CallId, generation: u32 },
    Held { call: CallId, sent: bool },
    Expired { status: u16 },
    Failed { code: Code, status: u16, retry_in_ms: u64 },
    StepUp { call: CallId },
}
