//! Time: lifetimes, the advisory window and its jitter. Nothing here reads a clock.

use super::policy::{ADVISORY_MIN_MS, LIFETIME_MAX_MS};
#[cfg(not(feature = "tuning"))]
use super::policy::{ADVISORY_PERCENT, ADVISORY_RESERVE};

/// The time of an input, on two clocks, because neither serves for both uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Now {
    /// Milliseconds since 1970 as the machine believes. Shared by tabs and restarts, so lifetimes are kept on it; it
    /// may be wrong, and it jumps.
    pub wall_ms: u64,
    /// Milliseconds on a clock that never jumps. Deadlines and backoff are kept on it, so that a corrected wall clock
    /// neither cuts a refresh short nor lets it hang.
    pub mono_ms: u64,
}

/// A stretch of time on the monotonic clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Span {
    pub from_ms: u64,
    pub len_ms: u64,
}

impl Span {
    pub fn new(from_ms: u64, len_ms: u64) -> Self {
        Span { from_ms, len_ms }
    }

    pub fn end_ms(self) -> u64 {
        self.from_ms.saturating_add(self.len_ms)
    }

    pub fn is_over(self, mono_ms: u64) -> bool {
        mono_ms >= self.end_ms()
    }

    pub fn left_ms(self, mono_ms: u64) -> u64 {
        self.end_ms().saturating_sub(mono_ms).min(self.len_ms)
    }
}

/// The lifetime of an access token in milliseconds: `expires_in` (seconds, RFC 6749 §5.1), else `exp − iat` of its
/// claims (RFC 7519 §4.1), else unknown. Never `exp − now`: the client's clock may be off by minutes.
///
/// `Some(0)` means that the token was dead on arrival.
pub fn lifetime_ms(expires_in_s: Option<f64>, iat_s: Option<f64>, exp_s: Option<f64>) -> Option<u64> {
    let seconds = match (expires_in_s, iat_s, exp_s) {
        (Some(s), _, _) if s.is_finite() => s,
        (_, Some(iat), Some(exp)) if (exp - iat).is_finite() => exp - iat,
        _ => return None,
    };
    // A float cast saturates: negative is 0.
    Some(((seconds * 1000.0) as u64).min(LIFETIME_MAX_MS))
}

/// How long before its end a token of this lifetime is refreshed in advance (S4), before jitter.
pub fn advisory_window_ms(lifetime_ms: u64) -> u64 {
    let (percent, _, cap_ms) = window();
    (lifetime_ms / 100 * percent).min(cap_ms).max(ADVISORY_MIN_MS).min(lifetime_ms / 2)
}

/// Somewhere in the window, but for its reserve, so that clients that signed in together do not refresh together. Drawn
/// from what is stored with the token: all tabs of a user, and a page that is loaded anew, draw the same. Draws of
/// their own would make the earliest of them count, and crowd the refreshes at the beginning of the window.
pub(crate) fn jittered_window_ms(lifetime_ms: u64, epoch: u32, generation: u32) -> u64 {
    let window_ms = advisory_window_ms(lifetime_ms);
    let mut jitter = Jitter(u64::from(epoch) << 32 | u64::from(generation));
    window_ms - jitter.below(window_ms - window_ms / window().1 + 1)
}

/// Percent of the lifetime, reserve and cap of the window.
#[cfg(not(feature = "tuning"))]
fn window() -> (u64, u64, u64) {
    (ADVISORY_PERCENT, ADVISORY_RESERVE, u64::MAX)
}

#[cfg(feature = "tuning")]
fn window() -> (u64, u64, u64) {
    use std::sync::atomic::Ordering::Relaxed;

    use super::policy::tuning::{CAP_MS, PERCENT, RESERVE};
    (PERCENT.load(Relaxed), RESERVE.load(Relaxed).max(1), CAP_MS.load(Relaxed))
}

/// A small generator (SplitMix64) for jitter and for the numbers of epochs. The shell gives the seed; with the same
/// seed the engine does the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Jitter(pub u64);

impl Jitter {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from 0 to `bound − 1`; 0 if the bound is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        // The bias of a plain remainder is below 2^-23 for the bounds used here (at most an hour in milliseconds).
        self.next().checked_rem(bound).unwrap_or(0)
    }
}
