//! What the engine wants done, and what it tells.

use super::error::Code;
use super::flight::{FlightId, Reason};
use super::policy::ENDED;
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
    /// The store holds a record of a session that is over, because a slow tab wrote it (G5), or an older generation of
    /// this one. Put back what this tab knows to have followed, then answer with `handle_restored`, whether or not it
    /// could be put. Without a flight the marks guard it, because a tab that was frozen hears of much at once, and what
    /// followed may be long over: see [`Guarded`].
    Restore {
        /// Whose look found it; `None`: no flight's.
        flight: Option<FlightId>,
        /// What followed: this tab's own session. `None`: the new value of the `storage` event that made the tab look;
        /// without an event it is what this tab read, wrote or removed last before it found the late record.
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

/// What becomes of an [`Effect::Restore`] of no flight. The shell reads both marks at one time and then goes by this
/// table, if the store still holds what was found; if it does not, what came meanwhile was news, and nothing is to be
/// done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guarded {
    /// It is put back, and `handle_restored` hears what was put.
    Put,
    /// It is not, and `handle_restored` hears what was found: that is the session.
    Believe,
    /// Nothing: what followed is on its way.
    Wait,
}

/// What an [`Effect::Restore`] of no flight is about.
#[derive(Clone, Copy, Debug)]
pub struct Heir {
    /// It is this tab's own session.
    pub own: bool,
    /// Epoch and generation of what is to be put back; `None`: it is no record.
    pub record: Option<(u32, u32)>,
    /// The latest generation of that epoch by its mark; 0: there is no mark.
    pub mark: u32,
    /// The epoch of what was found, …
    pub found: u32,
    /// … its mark, …
    pub found_mark: u32,
    /// … and whether it was the latest that this tab put its own session over: it comes again, because another tab
    /// defends it likewise.
    pub again: bool,
}

impl Heir {
    /// The table. The shell in the browser has it in `src/web/port/mark.js`, which is loaded when it is needed.
    pub fn guarded(self) -> Guarded {
        let Some((epoch, generation)) = self.record else {
            return Guarded::Put;
        };
        if self.own && self.again && epoch < self.found && self.found_mark != ENDED {
            // Two logins at once: all tabs take the one of the greater number.
            Guarded::Believe
        } else if self.mark <= generation {
            Guarded::Put
        } else if self.own && self.mark == ENDED && epoch != self.found {
            Guarded::Believe
        } else {
            Guarded::Wait
        }
    }
}
