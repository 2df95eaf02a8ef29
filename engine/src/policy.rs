//! Every limit and default in one table, and what the shell reports about an answer.

use super::challenge::Challenge;

/// All durations in milliseconds unless the name says otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Policy {
    /// The refresh's own deadline (G3). No caller's abort shortens it.
    pub refresh_timeout_ms: u64,
    /// How long to wait for the origin's lock (G1): longer than another tab's whole refresh may take.
    pub lock_wait_ms: u64,
    /// How long a call may be held (S5): longer than lock and refresh take together in the ordinary case.
    pub max_wait_ms: u64,
    /// How often one request may be sent again (A5).
    pub max_replays: u8,
    /// Calls in the queue at once. Bounded (invariant); far above what a page can send.
    pub max_waiting: u32,
    /// Is the store shared with other tabs, so that a refresh needs the origin's lock (G1)?
    pub shared: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Policy {
            refresh_timeout_ms: 30_000,
            lock_wait_ms: 35_000,
            max_wait_ms: 40_000,
            max_replays: 1,
            max_waiting: 1 << 17,
            shared: false,
        }
    }
}

impl Policy {
    /// Another tab's whole refresh must fit into the wait for the lock, and both into the time a call may be held.
    #[must_use]
    pub fn with_refresh_timeout(self, ms: u64) -> Self {
        let lock_wait_ms = ms.saturating_add(5_000);
        Policy { refresh_timeout_ms: ms, lock_wait_ms, max_wait_ms: lock_wait_ms.saturating_add(5_000), ..self }
    }
}

/// The advisory window (S4) is this part of the lifetime in percent, never more than half of it, …
pub const ADVISORY_PERCENT: u64 = 40;
/// … never shorter than this. …
pub const ADVISORY_MIN_MS: u64 = 5_000;
/// … It opens at a drawn time before the last 1/this of it: between 60 % and 95 % of the lifetime.
///
/// From `cargo xtask fleet` (docs/fleet, a million users): after everyone signed in within one minute, the busiest
/// second of the second cycle has 2.2 times the mean with 15 min tokens and 2.3 times with 60 min tokens; a window of
/// 20 % that ends at 300 s had 4.8 and 12.2 times. It costs 23 % more refreshes than no window with 15 min tokens, 26 %
/// with 60 min.
pub const ADVISORY_RESERVE: u64 = 8;

/// G2: this many unearned starts …
pub const STARTS_MAX: usize = 5;
/// … within this time put refreshing on hold, …
pub const STARTS_WINDOW_MS: u64 = 30_000;
/// … and so do this many fresh tokens rejected in a row. …
pub const STRIKES_MAX: u8 = 3;
/// … The first hold; each further one is twice as long …
pub const HOLD_MS: u64 = 30_000;
/// … up to 2^this times.
pub const HOLD_DOUBLINGS: u32 = 5;

/// A6: so many routes are remembered, the latest.
pub const ROUTES_MAX: usize = 64;

/// G7: a backoff is at least this, so that the 401s that are still on their way when a refresh fails do not start the
/// next one, …
pub const BACKOFF_MIN_MS: u64 = 200;
/// … and the first is drawn from there to this, doubling …
pub const BACKOFF_BASE_MS: u64 = 1_000;
/// … up to this.
pub const BACKOFF_MAX_MS: u64 = 60_000;
/// A server's `Retry-After` wins over the draw, but nobody is sent away for longer than this (nor for less than the
/// least backoff: a date in the past is no leave to ask again for each of those 401s).
pub const RETRY_AFTER_MAX_MS: u64 = 3_600_000;
/// G1: the lock is kept for so long after a token call, unless the mark is stored sooner (an ordinary one takes some
/// milliseconds). The lock goes from tab to tab faster than what was written to localStorage (measured: up to 270 ms on
/// a busy machine): who gets it next would read the old record and send the refresh token that was just spent. Where
/// no mark can be kept, this time is all there is. Nobody waits for it: the other tabs hear of the record itself.
pub const SPREAD_MS: u64 = 1_000;
/// G1: a mark that is not there within this time is asked for once more, for the time may have passed in a sleep, …
pub const MARK_MS: u64 = 1_000;
/// … and a mark that does not come for so many times is taken for none.
pub const MARK_ASKS: u8 = 2;
/// G1: a store that is older than the mark is looked at this often, beside the `storage` events, …
pub const BEHIND_LOOK_MS: u64 = 500;
/// … and so many times: counted, because a sleep is one look and not thousands. Then the outcome of the refresh that
/// left the mark is unknown; perhaps its tab died in between. A refresh that had to wait so long and is then slow
/// itself may outlast another tab's wait for the lock, whose calls get their own 401 then (G7).
pub const BEHIND_LOOKS: u8 = 12;
/// The generation that the mark of an ended epoch has: whatever the store shows of it is old.
pub const ENDED: u32 = u32::MAX;

/// A 401 on a refreshed token that is younger than half of its lifetime counts as a fresh token rejected (G2), but half
/// of it is at least this …
pub const FRESH_MIN_MS: u64 = 5_000;
/// … and at most this.
pub const FRESH_MAX_MS: u64 = 300_000;
/// A 401 on a token of unknown lifetime that is younger than this counts as a fresh token rejected (G2).
pub const FRESH_UNKNOWN_MS: u64 = 30_000;
/// A lifetime above this is taken as this, so that sums stay in range (about 31 years).
pub const LIFETIME_MAX_MS: u64 = 1_000_000_000_000;

/// The advisory window's figures as variables, for the program that chose them (`cargo xtask fleet`). Never in what
/// ships.
#[cfg(feature = "tuning")]
pub mod tuning {
    use std::sync::atomic::AtomicU64;

    /// In place of [`super::ADVISORY_PERCENT`].
    pub static PERCENT: AtomicU64 = AtomicU64::new(super::ADVISORY_PERCENT);
    /// In place of [`super::ADVISORY_RESERVE`].
    pub static RESERVE: AtomicU64 = AtomicU64::new(super::ADVISORY_RESERVE);
    /// The window is never longer; there is no such bound in what ships.
    pub static CAP_MS: AtomicU64 = AtomicU64::new(u64::MAX);
}

/// What the shell saw of an answer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reply {
    /// 401, or what the caller's predicate takes for one (A1). Never 403.
    pub challenge: bool,
    /// The final URL, after redirects, is outside the allowed origins (A1).
    pub left_origin: bool,
    /// What the `WWW-Authenticate` of a challenge or of a 403 asks for, as far as it is readable.
    pub asks: Challenge,
    /// Method, origin and path of the request as one number (A6), a multiple of four; 0: not known.
    pub route: u32,
}
