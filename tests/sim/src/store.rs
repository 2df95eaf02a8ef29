//! The shared store, as the browser has it, and what one tab remembers of it, as `src/web/storage.rs` does.

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
}

/// `Store.last` and `Store.looked_at_ms` of the shell.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// `None`: nothing was read or written yet.
    pub last: Option<Raw>,
    /// What was there before that, and may be put back.
    pub heir: Raw,
    pub looked_at_ms: u64,
}

impl View {
    /// The tab read this.
    pub fn saw(&mut self, raw: Raw) {
        self.heir = self.last.replace(raw).unwrap_or_default();
    }
}
