//! A state of the model: the engines, and all that is around them, as values that can be compared and hashed.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use relatch_engine::{Answer, CallId, Engine, FlightId, Now, Record, Stored, Token};

/// Family, generation, and whether it is a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tok {
    pub family: u8,
    pub generation: u8,
    pub refresh: bool,
}

impl Token for Tok {
    fn is_blank(&self) -> bool {
        false
    }
}

/// What is under way. The network keeps no order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Message {
    Request {
        call: usize,
        token: Option<Tok>,
    },
    Response {
        call: usize,
        ok: bool,
    },
    TokenCall {
        tab: usize,
        flight: FlightId,
        refresh: Tok,
    },
    TokenAnswer {
        tab: usize,
        flight: FlightId,
        answer: Answer<Tok>,
    },
    Granted {
        tab: usize,
        flight: FlightId,
    },
    /// The epoch of the record that was there, and what followed.
    StorageEvent {
        tab: usize,
        before: Option<u32>,
        new: Stored<Tok>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Tab {
    /// `None`: dead.
    pub engine: Option<Engine<Tok>>,
    pub frozen: bool,
    /// The tab's own copy of the store.
    pub area: Stored<Tok>,
    /// What the tab read from the store, or wrote to it, last.
    pub last: Stored<Tok>,
    /// What followed, if what was found is a slow tab's.
    pub heir: Stored<Tok>,
    pub lock: Option<FlightId>,
    pub calling: Option<FlightId>,
    /// The calls of this tab by the engine's index.
    pub calls: Vec<usize>,
    pub opened: u8,
    /// The user logged out here: the next removal is that.
    pub clears: u8,
    /// The latest token call was answered with the session's end.
    pub ended: bool,
    pub sent: Option<Tok>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Call {
    pub tab: usize,
    pub id: Option<CallId>,
    pub sends: u8,
    /// The family of the session that it was made in; 0: none.
    pub family: u8,
    pub waits: bool,
    pub ok: bool,
    pub settled: bool,
}

/// One login at the auth server. Its access tokens from `good_from` on are accepted by the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Family {
    pub generation: u8,
    pub good_from: u8,
    pub revoked: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    pub now_ms: u64,
    pub tabs: Vec<Tab>,
    pub calls: Vec<Call>,
    pub store: Stored<Tok>,
    /// By epoch: what is linear across tabs (G1).
    pub marks: BTreeMap<u32, u32>,
    pub locks: Vec<(usize, FlightId)>,
    pub net: Vec<Message>,
    pub families: Vec<Family>,
    /// Epochs that ended by a logout, an end, or another login.
    pub over: Vec<u32>,
    /// The world's one fault has happened.
    pub faulted: bool,
    /// A refresh was answered, but the answer was lost: the client cannot know that its token is void.
    pub lost: bool,
    pub store_full: bool,
    pub refreshes: u8,
    pub replays: u8,
    /// The first invariant that a step broke.
    pub broken: Option<&'static str>,
}

impl State {
    pub fn now(&self) -> Now {
        Now { wall_ms: 1_700_000_000_000 + self.now_ms, mono_ms: self.now_ms }
    }

    pub fn breaks(&mut self, what: &'static str) {
        self.broken.get_or_insert(what);
    }

    /// What the tab's copy of the store holds.
    pub fn seen(&self, tab: usize) -> Option<&Record<Tok>> {
        match &self.tabs[tab].area {
            Stored::Record(record) => Some(record),
            _ => None,
        }
    }

    pub fn is_up(&self, tab: usize) -> bool {
        self.tabs[tab].engine.is_some() && !self.tabs[tab].frozen
    }

    /// Unordered, so that two states that differ in nothing else are one.
    pub fn send(&mut self, message: Message) {
        self.net.push(message);
        // Any order will do that is the same for the same messages.
        self.net.sort_by_cached_key(|m| {
            let mut hasher = DefaultHasher::new();
            m.hash(&mut hasher);
            hasher.finish()
        });
    }
}
