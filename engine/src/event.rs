//! What the engine wants done, and what it tells.

use super::error::Code;
use super::flight::{FlightId, Reason};
use super::queue::CallId;
use super::session::{Record, Stamp};

/// One thing for the shell to carry out, in the order in which [`super::Engine::poll`] gives them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Effect<T> {
    /// Send the call's request. Answer with `handle_response` or `handle_failure`.
    Send {
        /// Whose request.
        call: CallId,
        /// Carry the current access token, whose stamp this is; `None`: no auth header.
        with: Option<Stamp>,
    },
    /// The call waits from now on: watch its abort signal and tell `handle_abort`.
    Wait {
        /// Which.
        call: CallId,
    },
    /// The call is over: resolve or reject it. The id is free again.
    Settle {
        /// Which.
        call: CallId,
        /// With what.
        outcome: Outcome,
    },
    /// Ask for the origin's lock; answer with `handle_lock`.
    Lock {
        /// Who asks.
        flight: FlightId,
    },
    /// Give the lock back, or stop asking for it.
    Unlock {
        /// Who asked.
        flight: FlightId,
        /// Keep it for so long, or until the [`Effect::Mark`] of before is stored: what this flight wrote may not have
        /// reached the tab that gets it next ([`crate::policy::SPREAD_MS`]).
        after_ms: u64,
    },
    /// Look up the mark of this epoch; answer with `handle_mark`.
    ReadMark {
        /// Who asks.
        flight: FlightId,
        /// The session's.
        epoch: u32,
    },
    /// Leave a mark beside the store: it has something newer of this epoch than all before this generation. The place
    /// must be linear across all tabs, which localStorage is not, and a mark is only ever raised. It holds no token.
    Mark {
        /// The session's.
        epoch: u32,
        /// What was committed; [`crate::policy::ENDED`] for an epoch that is over.
        generation: u32,
    },
    /// Look into the store; answer with `handle_read`.
    Read {
        /// Who asks; `None`: the first look.
        flight: Option<FlightId>,
    },
    /// Spend the refresh token; answer with `handle_answer`.
    Refresh {
        /// Who asks.
        flight: FlightId,
        /// The refresh token. It is sent once.
        refresh: T,
        /// Why the flight was started.
        reason: Reason,
    },
    /// The token call's answer is not wanted any more: abort it.
    AbortRefresh {
        /// Whose.
        flight: FlightId,
    },
    /// Store the record.
    Write {
        /// Whose; answer with `handle_written`. `None`: a login's, which hears no answer.
        flight: Option<FlightId>,
        /// What to store.
        record: Record<T>,
    },
    /// Remove the record from the store.
    Remove,
    /// The store holds a record of a session that is over, because a slow tab wrote it (G5). Put back what this tab
    /// knows to have followed, then answer with `handle_restored`, whether or not it could be put.
    Restore {
        /// Whose look found it; `None`: no flight's.
        flight: Option<FlightId>,
        /// What followed. `None`: the new value of the `storage` event that made the tab look; without an event it is
        /// what this tab read, wrote or removed last before it found the late record.
        record: Option<Record<T>>,
    },
    /// Dispatch the event to the application.
    Dispatch(Event),
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

/// What another tab, or the developer tools, did to the stored session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// Other tokens of the same epoch: a refresh, or an access token that was removed.
    Tokens,
    /// A login.
    SignedIn,
    /// A logout.
    SignedOut,
}

impl Change {
    /// All of them, in the order of their numbers.
    pub const ALL: [Change; 3] = [Change::Tokens, Change::SignedIn, Change::SignedOut];

    /// The change as JavaScript sees it.
    pub fn as_str(self) -> &'static str {
        match self {
            Change::Tokens => "tokens",
            Change::SignedIn => "signed-in",
            Change::SignedOut => "signed-out",
        }
    }
}

/// What is dispatched to the application. Never carries a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// A refresh committed (G5).
    Refreshed {
        /// The one that is current now.
        generation: u32,
        /// Why it was started.
        reason: Reason,
        /// From its start to its commit, the wait for the lock included.
        duration_ms: u64,
        /// How many calls waited for it.
        waiting: u32,
    },
    /// A change to the store by another tab, or by the developer tools, was taken over.
    Adopted {
        /// The one that is current now.
        generation: u32,
        /// What was changed.
        change: Change,
    },
    /// The application itself signed in or out, by this object: for what shows the session's status.
    Changed {
        /// [`Change::SignedIn`] or [`Change::SignedOut`].
        change: Change,
    },
    /// A request is sent again after its 401 (A3, A4).
    Replayed {
        /// Whose.
        call: CallId,
        /// Of the token that it carries.
        generation: u32,
    },
    /// A call waits for the flight (S5, A4).
    Held {
        /// Which.
        call: CallId,
        /// It has got a 401; otherwise it was not sent yet.
        sent: bool,
    },
    /// The session is over and its tokens are gone (G6). Once for each epoch.
    Expired {
        /// The authorization server's answer; 0 without one.
        status: u16,
    },
    /// Something went wrong, and the tokens were kept (G7).
    Failed {
        /// What.
        code: Code,
        /// The authorization server's answer; 0 without one.
        status: u16,
        /// No refresh is started before that.
        retry_in_ms: u64,
    },
    /// The token is good but not good enough (A1): no refresh helps.
    StepUp {
        /// Whose response says so.
        call: CallId,
    },
}
