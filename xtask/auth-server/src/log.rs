//! What a realm remembers of its requests. No token is ever in it.

use std::collections::{BTreeMap, HashMap, VecDeque};

use serde::Serialize;

const MAX_ENTRIES: usize = 10_000;

#[derive(Clone, Debug, Default, Serialize)]
pub struct Counters {
    pub sign_ins: u64,
    /// Refreshes that gave new tokens.
    pub refreshes: u64,
    pub refresh_calls: u64,
    /// Used refresh tokens presented again; each revoked its family.
    pub reuse: u64,
    /// Requests to protected resources.
    pub requests: u64,
    /// Of these, answered with 401.
    pub unauthorized: u64,
    /// Of these, answered with a status below 400.
    pub ok: u64,
    /// Requests to open resources.
    pub open: u64,
}

#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    pub n: u64,
    pub at_ms: i64,
    pub method: String,
    pub path: String,
    /// 0: no answer was sent.
    pub status: u16,
    pub ms: u64,
    pub token: &'static str,
    pub header: &'static str,
    /// The access token's name, if its signature was right.
    pub jti: Option<String>,
}

/// A request as it came in, for tests that compare requests. Kept only if the realm's settings ask for it.
#[derive(Clone, Debug, Serialize)]
pub struct Trace {
    pub n: u64,
    pub method: String,
    pub path: String,
    pub query: HashMap<String, String>,
    /// All but tokens, of which `token` says what they were worth.
    pub headers: BTreeMap<String, String>,
    /// Of the body; of a multipart body without its boundary. So is `sha256`.
    pub length: usize,
    pub sha256: String,
    pub token: &'static str,
}

#[derive(Default)]
pub struct Log {
    entries: VecDeque<Entry>,
    traces: VecDeque<Trace>,
    requests: u64,
}

impl Log {
    /// The number of a request that has just come in.
    pub fn number(&mut self) -> u64 {
        self.requests += 1;
        self.requests
    }

    pub fn push(&mut self, entry: Entry) {
        if self.entries.len() == MAX_ENTRIES {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }

    pub fn trace(&mut self, trace: Trace) {
        if self.traces.len() == MAX_ENTRIES {
            self.traces.pop_front();
        }
        self.traces.push_back(trace);
    }

    /// All traces since the last time, in the order in which their requests came in.
    pub fn take_traces(&mut self) -> Vec<Trace> {
        let mut all: Vec<_> = self.traces.drain(..).collect();
        all.sort_by_key(|trace| trace.n);
        all
    }

    /// The last entries, in the order in which their requests came in.
    pub fn tail(&self, count: usize) -> Vec<&Entry> {
        let mut tail: Vec<_> = self.entries.iter().skip(self.entries.len().saturating_sub(count)).collect();
        tail.sort_by_key(|entry| entry.n);
        tail
    }
}
