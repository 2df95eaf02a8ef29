//! The auth service and the API, as far as clients can see them: how many token calls arrive in each second, and what
//! they answer. The service takes any load; what is measured is the load it would have to take.

use relatch_engine::{Failure, Grant};

/// A stretch of simulated time in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Stretch {
    pub from_ms: u64,
    pub until_ms: u64,
}

impl Stretch {
    pub fn holds(self, ms: u64) -> bool {
        (self.from_ms..self.until_ms).contains(&ms)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Down {
    /// 503, and the client's own backoff.
    Backoff,
    /// 503 with `Retry-After: 0`, which is how a client without a backoff behaves.
    NoBackoff,
    /// 503 with `Retry-After` of so many seconds.
    RetryAfter(u64),
    /// No answer at all: each token call runs into its deadline.
    Silent,
}

#[derive(Clone, Debug)]
pub struct Service {
    pub lifetime_ms: u64,
    pub outage: Option<(Stretch, Down)>,
    /// At this time all access tokens issued before become worthless.
    pub key_change_ms: Option<u64>,
}

/// An access token is the time it was issued at, in units of 10 ms: the API needs nothing else to judge it.
pub const UNIT_MS: u64 = 10;

impl Service {
    /// Does the API take this token now? `base_ms` is the wall clock at the start of the run.
    pub fn accepts(&self, access: u32, base_ms: u64, now_ms: u64) -> bool {
        let issued_ms = u64::from(access) * UNIT_MS;
        let revoked = self.key_change_ms.is_some_and(|at| now_ms >= at && issued_ms < base_ms + at);
        !revoked && base_ms + now_ms < issued_ms + self.lifetime_ms + UNIT_MS
    }

    pub fn grant(&self, refresh: u32, wall_ms: u64) -> Grant<u32> {
        // Rounded up: the first token after a key change must not look older than the change.
        let access = wall_ms.div_ceil(UNIT_MS) as u32;
        Grant { access, refresh: Some(refresh), lifetime_ms: Some(self.lifetime_ms), subject: 0 }
    }

    /// How a token call that arrives now fails; `Ok` if it does not. `Err(None)`: no answer.
    pub fn fault(&self, now_ms: u64) -> Result<(), Option<Failure>> {
        let Some((_, down)) = self.outage.filter(|(outage, _)| outage.holds(now_ms)) else {
            return Ok(());
        };
        let retry_after_ms = match down {
            Down::Backoff => None,
            Down::NoBackoff => Some(0),
            Down::RetryAfter(seconds) => Some(seconds * 1000),
            Down::Silent => return Err(None),
        };
        Err(Some(Failure { terminal: false, status: 503, retry_after_ms }))
    }
}
