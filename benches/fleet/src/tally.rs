//! What came of a run.

/// What came of it. Sums over users; rows by second.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Token calls that arrived at the auth service in each second.
    pub load: Vec<u32>,
    /// API calls that ended with a 401 or an error, by the second in which they ended.
    pub failed_calls: Vec<u32>,
    pub calls: u64,
    pub events: u64,
    pub refreshes: u64,
    pub adoptions: u64,
    pub held: u64,
    pub signed_out: u64,
    /// A refresh token that was rotated away was sent again. Must be 0.
    pub reused: u64,
    /// Bytes of all engines at the end of the run, heap included; 0 unless they are counted.
    pub engine_bytes: u64,
}

impl Tally {
    pub fn add(&mut self, other: &Tally) {
        for (mine, theirs) in [(&mut self.load, &other.load), (&mut self.failed_calls, &other.failed_calls)] {
            mine.resize(mine.len().max(theirs.len()), 0);
            mine.iter_mut().zip(theirs).for_each(|(a, b)| *a += b);
        }
        self.calls += other.calls;
        self.events += other.events;
        self.refreshes += other.refreshes;
        self.adoptions += other.adoptions;
        self.held += other.held;
        self.signed_out += other.signed_out;
        self.reused += other.reused;
        self.engine_bytes += other.engine_bytes;
    }
}
