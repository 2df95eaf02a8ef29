//! The one refresh in progress (G1): its stages and what it brings home.

use super::error::Code;
use super::expiry::Span;

/// Names one flight, so that what arrives for an earlier one is told apart and dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FlightId(pub u32);

/// Why a flight was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// A 401 on the current token (A4).
    Rejected,
    /// Its lifetime is over, or it is gone from the store (S5).
    Expired,
    /// It is near its end (S4).
    Advisory,
    /// Somebody asked for it.
    Forced,
}

impl Reason {
    /// All of them, in the order of their numbers.
    pub const ALL: [Reason; 4] = [Reason::Rejected, Reason::Expired, Reason::Advisory, Reason::Forced];

    /// The reason as JavaScript sees it.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::Rejected => "rejected",
            Reason::Expired => "expired",
            Reason::Advisory => "advisory",
            Reason::Forced => "forced",
        }
    }
}

/// Tokens out of a login or a refresh.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Grant<T> {
    /// The access token.
    pub access: T,
    /// `None`: the old one stays (RFC 6749 §6).
    pub refresh: Option<T>,
    /// The access token's; `None`: unknown.
    pub lifetime_ms: Option<u64>,
    /// Whom the tokens are of: a number made of issuer and subject (G9). 0: they do not say.
    pub subject: u32,
}

/// What the token call came to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Answer<T> {
    /// Tokens, which still have to stand G4.
    Tokens(Grant<T>),
    /// None.
    Failed(Failure),
}

/// Why the token call brought no tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Failure {
    /// G6: the session is over. Otherwise (G7) it may pass, and the tokens are kept.
    pub terminal: bool,
    /// HTTP status; 0 if there was no answer.
    pub status: u16,
    /// The server's `Retry-After` (RFC 9110 §10.2.3), clamped.
    pub retry_after_ms: Option<u64>,
}

/// A flight goes through these in order; every stage waits for exactly one input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Stage {
    /// Waits for the origin's lock. No token was touched.
    Locking,
    /// Has the lock, looks whether another tab has been faster.
    Reading,
    /// Asks for the mark, which says how new the store has to be. No token was touched.
    Marking,
    /// The store is older than the mark: waits until what was written has arrived here.
    Behind,
    /// The refresh token is on its way; the outcome is unknown until the answer.
    Calling,
    /// The answer is here; the mark says whether the epoch has ended meanwhile.
    Checking,
    /// The answer is here; a second look into the store says whether it still concerns anybody.
    Confirming,
    /// Committed in memory, being stored.
    Writing,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Flight<T> {
    pub id: FlightId,
    pub reason: Reason,
    pub stage: Stage,
    /// What the token call came to, from `Checking` on.
    pub answer: Option<Answer<T>>,
    /// The stage's deadline on the monotonic clock.
    pub deadline: Span,
    pub started_mono_ms: u64,
    /// The generation that this flight replaces, as the store had it under the lock.
    pub base_generation: u32,
    /// The refresh token that was sent.
    pub sent: Option<T>,
    /// Wall clock at which it was sent.
    pub sent_wall_ms: u64,
    /// Whether the flight holds (or waits for) the lock.
    pub locked: bool,
    /// The mark's generation for this epoch, 0 for none; `None`: not asked for yet.
    pub mark: Option<u32>,
    /// How often the mark was asked for, …
    pub asks: u8,
    /// … and how often the store was behind it.
    pub looks: u8,
}

/// How a flight ended, for those who waited for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Landing {
    /// There is a new token (refreshed or adopted).
    Renewed,
    /// Not now; tokens kept (G7).
    Failed(Code),
    /// The session is over or another one has begun.
    Gone(Code),
    /// There was no flight: the store was looked into for the first time.
    Loaded,
}
