//! The shared store, as browsers have it, and what one tab remembers of it, as the shell's store does.
//!
//! localStorage is not one memory. Each tab has a copy of its own; its own writes are there at once, and travel to the
//! storage service, which puts all writes in order and tells every tab. Both ways take time and keep their order. A tab
//! that waits for the service to acknowledge a write of its own leaves the copy alone until then, so that all copies
//! end as what the service has. (Chromium's cached areas work so; other browsers promise no more.)

use relatch_engine::{Record, Stored};

use crate::server::Tok;

/// What stands in the store under relatch's key.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Raw {
    #[default]
    Nothing,
    Record(Record<Tok>),
    /// Not a record of this version.
    Garbage,
}

impl Raw {
    pub fn record(&self) -> Option<&Record<Tok>> {
        match self {
            Raw::Record(record) => Some(record),
            _ => None,
        }
    }

    pub fn parse(&self) -> Stored<Tok> {
        match self {
            Raw::Nothing => Stored::Absent,
            // As the shell does: without both tokens there is no record to speak of.
            Raw::Record(r) if r.access.is_none() && r.refresh.is_none() => Stored::Unreadable,
            Raw::Record(record) => Stored::Record(record.clone()),
            Raw::Garbage => Stored::Unreadable,
        }
    }

    /// The epoch of what is a record.
    pub fn epoch(&self) -> Option<u32> {
        self.record().filter(|r| r.access.is_some() || r.refresh.is_some()).map(|r| r.epoch)
    }
}

/// A tab's own copy of localStorage.
#[derive(Clone, Debug, Default)]
pub struct Area {
    pub value: Raw,
    /// Own writes that the service has not acknowledged.
    pub pending: u32,
    /// When the latest write arrives at the service, and the latest word of the service here: nothing overtakes.
    pub out_until_ms: u64,
    pub in_until_ms: u64,
}

/// One write of some tab, as the service tells a tab of it.
#[derive(Clone, Debug)]
pub struct Seen {
    pub old: Raw,
    pub new: Raw,
    /// The tab's own: an acknowledgement.
    pub own: bool,
    /// The refresh token that was spent for this record.
    pub spent: Option<Tok>,
}

/// What the shell remembers of the store.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// What was read, written or removed last, to tell other tabs' changes from one's own.
    pub last: Raw,
    /// What followed, if the record that was found last is a slow tab's.
    pub heir: Raw,
    /// The late epoch that this tab put its own session over last.
    pub fought: Option<u32>,
    pub looked_at_ms: u64,
}

/// A question whether this may be put back.
#[derive(Clone, Debug)]
pub struct Restore {
    /// It is the tab's own session.
    pub own: bool,
    pub heir: Raw,
    /// What is to be written over.
    pub found: Raw,
}
