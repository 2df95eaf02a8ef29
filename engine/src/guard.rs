//! When not to refresh: backoff after failures (G7) and the guard against excess (G2).

use super::error::Code;
use super::expiry::{Jitter, Span};
use super::policy::{
    BACKOFF_BASE_MS, BACKOFF_MAX_MS, BACKOFF_MIN_MS, HOLD_DOUBLINGS, HOLD_MS, RETRY_AFTER_MAX_MS, STARTS_MAX,
    STARTS_WINDOW_MS, STRIKES_MAX,
};

/// A start, as those who wait for what it brings know it: its time. 0 is "none".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Start(u64);

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Guard {
    /// The latest unearned starts of which nothing good came yet, on the monotonic clock; 0 is "none".
    starts_ms: [u64; STARTS_MAX],
    latest: Start,
    strikes: u8,
    holds: u32,
    failures: u32,
    /// No refresh before the end of this, …
    backoff: Span,
    /// … whose length the server named (`Retry-After`), …
    named: bool,
    /// … nor, whatever wakes the network, before the end of this.
    hold: Span,
    hold_code: Option<Code>,
}

impl Guard {
    /// Why a refresh may not start now; `None` if it may.
    pub fn refusal(&self, mono_ms: u64) -> Option<Code> {
        if !self.hold.is_over(mono_ms) {
            return self.hold_code;
        }
        if !self.backoff.is_over(mono_ms) {
            return Some(Code::RefreshFailed);
        }
        None
    }

    /// Why not even a refresh that the user asks for may start: the holds of G2, but not the backoff of G7.
    pub fn hard_refusal(&self, mono_ms: u64) -> Option<Code> {
        if self.hold.is_over(mono_ms) { None } else { self.hold_code }
    }

    /// How long until a refresh may start.
    pub fn left_ms(&self, mono_ms: u64) -> u64 {
        self.hold.left_ms(mono_ms).max(self.backoff.left_ms(mono_ms))
    }

    /// Counts a start. `earned`: the token lived its life, however short that is, so this start is no excess.
    /// Returns whether the start may happen; if not, refreshing is now on hold.
    pub fn start(&mut self, mono_ms: u64, earned: bool) -> bool {
        // Shifted by one, so that a start at 0 is not taken for "none".
        let at = mono_ms.saturating_add(1);
        if !earned {
            let is_past = |start: &&mut u64| **start == 0 || at.saturating_sub(**start) >= STARTS_WINDOW_MS;
            let Some(slot) = self.starts_ms.iter_mut().find(is_past) else {
                self.put_on_hold(mono_ms, Code::RefreshRateLimited);
                return false;
            };
            *slot = at;
        }
        self.latest = Start(at);
        true
    }

    /// The start of the flight in progress, or of the one that landed last.
    pub fn latest(&self) -> Start {
        self.latest
    }

    /// What this start brought was accepted: it was no excess, and counts no more.
    pub fn refund(&mut self, Start(at): Start) {
        for start in &mut self.starts_ms {
            if *start == at {
                *start = 0;
            }
        }
    }

    /// A refresh failed for now. A wait that the server named wins over the draw (full jitter).
    pub fn failed(&mut self, mono_ms: u64, retry_after_ms: Option<u64>, jitter: &mut Jitter) {
        let ceiling = BACKOFF_BASE_MS.saturating_mul(1 << self.failures.min(10)).min(BACKOFF_MAX_MS);
        self.failures = self.failures.saturating_add(1);
        let wait = match retry_after_ms {
            Some(ms) => ms.clamp(BACKOFF_MIN_MS, RETRY_AFTER_MAX_MS),
            None => BACKOFF_MIN_MS + jitter.below(ceiling - BACKOFF_MIN_MS + 1),
        };
        self.named = retry_after_ms.is_some();
        self.backoff = Span::new(mono_ms, wait);
    }

    pub fn succeeded(&mut self) {
        self.failures = 0;
        self.backoff = Span::default();
    }

    /// A fresh token was rejected. Returns whether that put refreshing on hold.
    pub fn strike(&mut self, mono_ms: u64) -> bool {
        self.strikes = self.strikes.saturating_add(1);
        let full = self.strikes >= STRIKES_MAX;
        if full {
            self.strikes = 0;
            self.put_on_hold(mono_ms, Code::FreshTokensRejected);
        }
        full
    }

    /// A token of a refresh worked: so much for all that were taken for rejected.
    pub fn proven(&mut self) {
        self.strikes = 0;
        self.holds = 0;
        if self.hold_code == Some(Code::FreshTokensRejected) {
            self.hold = Span::default();
        }
    }

    /// The network came back: a drawn backoff is pointless now. A wait that the server named, and a hold, are not
    /// about the network and stay.
    pub fn woken(&mut self) {
        if !self.named {
            self.backoff = Span::default();
        }
    }

    fn put_on_hold(&mut self, mono_ms: u64, code: Code) {
        let len = HOLD_MS << self.holds.min(HOLD_DOUBLINGS);
        self.holds = self.holds.saturating_add(1);
        self.hold = Span::new(mono_ms, len);
        self.hold_code = Some(code);
    }
}
