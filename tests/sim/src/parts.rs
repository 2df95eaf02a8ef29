//! What the world consists of: what happens, what was asked for, and the tabs.

use std::cmp::Ordering;

use relatch_engine::{Answer, CallId, Engine, FlightId, Grant, Outcome, Record, Stamp, Want};

use crate::plan::{Fault, Quirk};
use crate::server::Tok;
use crate::store::{Area, Raw, Restore, Seen, View};

#[derive(Clone, Debug)]
pub(crate) enum Happening {
    /// A write arrives at the storage service.
    Ordered {
        raw: Raw,
        spent: Option<Tok>,
    },
    /// The storage service tells a tab of a write.
    Seen(Box<Seen>),
    /// The lock is given back.
    Release {
        flight: FlightId,
    },
    Granted {
        flight: FlightId,
    },
    /// A mark, or the question for one, reaches the place where marks are.
    MarkArrives {
        epoch: u32,
        generation: u32,
    },
    MarkAsked {
        flight: FlightId,
        epoch: u32,
    },
    /// Its answers.
    MarkStored,
    Marked {
        flight: FlightId,
        generation: Option<u32>,
    },
    /// The question whether something may be put back, and its answer.
    RestoreAsked(Box<Restore>),
    RestoreAnswered {
        restore: Box<Restore>,
        heir_mark: u32,
        found_mark: u32,
    },
    /// A request reaches the API; it is judged there and then.
    ApiArrives {
        req: usize,
        net: u32,
        token: Option<Tok>,
    },
    ApiAnswers {
        req: usize,
        net: u32,
        status: u16,
    },
    AuthArrives {
        flight: FlightId,
        refresh: Tok,
        fault: Option<Fault>,
    },
    AuthAnswers {
        flight: FlightId,
        answer: Answer<Tok>,
        /// What was sent, if the answer comes whether it is waited for or not.
        late: Option<Tok>,
    },
    /// An operation of the caller's own store: it is done, and says so.
    OwnRead {
        flight: Option<FlightId>,
    },
    OwnWrite {
        flight: Option<FlightId>,
        record: Record<Tok>,
    },
    OwnRemove,
    OwnRestore {
        flight: Option<FlightId>,
        heir: Raw,
    },
    /// A look for another hand's login, before a call of a session that is signed out (S7).
    OwnSeek {
        kind: Kind,
        want: Want,
        quirk: Quirk,
    },
    /// An operation of the own store has not answered in time (G10).
    OwnHung {
        what: Box<Happening>,
    },
    /// What hung arrives after all, unless another hand was faster: a store that puts an old write over a newer one can
    /// give back a spent token, and nobody can help that.
    OwnLate {
        raw: Raw,
        over: Raw,
    },
    Timer {
        number: u32,
    },
    Abort {
        req: usize,
    },
    Thaw,
}

#[derive(Debug)]
pub(crate) struct Due {
    pub at_ms: u64,
    pub number: u32,
    pub tab: usize,
    pub life: u32,
    pub what: Happening,
}

impl PartialEq for Due {
    fn eq(&self, other: &Due) -> bool {
        self.number == other.number
    }
}

impl Eq for Due {}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Due) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Due {
    fn cmp(&self, other: &Due) -> Ordering {
        (self.at_ms, self.number).cmp(&(other.at_ms, other.number))
    }
}

/// What the app asked for: a call of the engine's, or a request of the short way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Fetch { replayable: bool },
    Short,
    Token,
    Refresh,
}

#[derive(Clone, Debug)]
pub(crate) struct Req {
    pub tab: usize,
    pub life: u32,
    pub kind: Kind,
    pub quirk: Quirk,
    pub call: Option<CallId>,
    /// The family of the session that it was made in; 0: signed out, `u32::MAX`: not known yet.
    pub family: u32,
    pub sends: u8,
    pub stamp: Option<Stamp>,
    pub token: Option<Tok>,
    /// Grows with each send: an answer to an earlier one is dropped, as is one to an aborted request.
    pub net: u32,
    pub waiting_since_ms: Option<u64>,
    /// By the holds before.
    pub held_ms: u64,
    /// The start of the flight that it waited for, and whether it was sent when that landed.
    pub asked: Option<(u64, bool)>,
    pub aborted: bool,
    /// The latest answer's status; 0: none.
    pub status: u16,
    pub outcome: Option<Outcome>,
}

/// What makes a write good that hung.
#[derive(Clone, Debug, Default)]
pub(crate) struct Own {
    pub wanted: Raw,
    pub is_owed: bool,
    /// What it may be written over.
    pub bases: Vec<Raw>,
    pub seen: Raw,
    /// Writes that wait for their turn.
    pub pending: u32,
    /// On the monotonic clock.
    pub sought_ms: Option<u64>,
}

pub(crate) struct Tab {
    /// `None`: the tab is closed, or died.
    pub engine: Option<Engine<Tok>>,
    pub life: u32,
    pub opened_ms: u64,
    pub frozen: bool,
    pub has_frozen: bool,
    pub backlog: Vec<Due>,
    pub area: Area,
    pub view: View,
    pub timer: u32,
    pub armed: Option<u64>,
    /// The request behind each of the engine's calls, by the call's index.
    pub calls: Vec<usize>,
    /// Asked for or held.
    pub lock: Option<FlightId>,
    /// Its lock is given back when its marks are stored.
    pub unlocking: Option<FlightId>,
    /// Marks on their way.
    pub marking: u32,
    /// Questions under way whether something may be put back.
    pub asks: u32,
    /// The token call under way, seen from the client.
    pub calling: Option<FlightId>,
    /// The storage is blocked in this tab.
    pub blocked: bool,
    pub was_blocked: bool,
    /// The app called `close()`.
    pub closed: bool,
    /// `pagehide` was the latest of its kind.
    pub leaving: bool,
    /// When the last operation of the own store is done.
    pub own_busy_until_ms: u64,
    /// An operation of the own store hung once.
    pub own_hung: bool,
    /// What the shell knows of the own store: `own.js`.
    pub own: Own,
    /// An answer that nobody waited for any more: what was sent, and what it brought (G7).
    pub late: Option<(Tok, Grant<Tok>, Option<u32>)>,
}
