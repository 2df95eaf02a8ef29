//! The session: epoch, generation, tokens and what is known of them.

use super::expiry::jittered_window_ms;
use super::policy::{FRESH_MAX_MS, FRESH_MIN_MS, FRESH_UNKNOWN_MS};

/// What the engine asks of a token. In the browser a handle to a JavaScript string, in tests a small value.
pub trait Token: Clone + PartialEq {
    /// Empty or nothing but white space: no token at all (G4).
    fn is_blank(&self) -> bool;
}

/// `{epoch, gen}` folded into one number that only grows, counted by this engine: it rises with every change of the
/// current tokens, whoever made it. Compared with the stamp at which the current epoch began it tells a 401 of another
/// epoch (A2) from one of an older generation (A3) and from one of the current (A4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp(pub u32);

/// What is kept in the store, and shared by all tabs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Record<T> {
    /// Drawn at each login, so that two logins are never taken for one.
    pub epoch: u32,
    /// Grows by one with each committed refresh.
    pub generation: u32,
    /// `None`: somebody removed it by the developer tools, and the next call refreshes.
    pub access: Option<T>,
    /// `None`: when the access token is over, so is the session.
    pub refresh: Option<T>,
    /// Wall clock at which the token request was sent: the server cannot have issued the token earlier.
    pub obtained_at_ms: u64,
    /// The access token's; `None`: unknown, and a 401 tells.
    pub lifetime_ms: Option<u64>,
    /// Whom the session is of: a number made of issuer and subject (G9). 0: unknown.
    pub subject: u32,
}

impl<T: Token> Record<T> {
    /// Is the token's lifetime over? A clock that stands before the token was obtained has jumped back and tells
    /// nothing: the server decides.
    pub fn is_expired(&self, wall_ms: u64) -> bool {
        self.lifetime_ms.is_some_and(|life| wall_ms >= self.obtained_at_ms && wall_ms - self.obtained_at_ms >= life)
    }

    /// Is this known to be of another than that session (G9)?
    pub fn is_of_another(&self, subject: u32) -> bool {
        self.subject != subject && self.subject != 0 && subject != 0
    }

    /// Wall-clock milliseconds left; `None` if the lifetime is unknown.
    pub fn left_ms(&self, wall_ms: u64) -> Option<u64> {
        let age = wall_ms.saturating_sub(self.obtained_at_ms);
        self.lifetime_ms.map(|life| life.saturating_sub(age))
    }
}

/// What a look into the store found.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Stored<T> {
    /// A session.
    Record(Record<T>),
    /// Nothing.
    Absent,
    /// Something is there that is not a record of this version. Never overwritten but by a login.
    Unreadable,
    /// The store itself could not be read.
    Unavailable,
}

/// Where a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// The store has not answered yet.
    Loading,
    /// No tokens: requests go out without a header (S7).
    SignedOut,
    /// The access token is good.
    Fresh,
    /// Still good, and a refresh is due (S4).
    Stale,
    /// Not usable: the next call is held until a refresh lands (S5).
    Expired,
    /// Not usable, and a refresh is under way.
    Refreshing,
    /// This object was closed.
    Closed,
}

impl Status {
    /// All of them, in the order of their numbers.
    pub const ALL: [Status; 7] = [
        Status::Loading,
        Status::SignedOut,
        Status::Fresh,
        Status::Stale,
        Status::Expired,
        Status::Refreshing,
        Status::Closed,
    ];

    /// The status as JavaScript sees it.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Loading => "loading",
            Status::SignedOut => "signed-out",
            Status::Fresh => "fresh",
            Status::Stale => "stale",
            Status::Expired => "expired",
            Status::Refreshing => "refreshing",
            Status::Closed => "closed",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TokenState<T> {
    /// `None`: signed out.
    pub record: Option<Record<T>>,
    pub stamp: Stamp,
    /// The stamp at which the current epoch began.
    pub epoch_start: Stamp,
    /// The current access token got a 401 (A4).
    pub rejected: bool,
    /// The current access token got an answer other than 401.
    pub proven: bool,
    /// The current access token came from a refresh, not from a login or from another tab.
    pub refreshed: bool,
    /// The current access token was counted as a fresh one rejected (G2); once is enough.
    pub struck: bool,
    /// This epoch was in the store once, so that its absence there means a logout.
    pub stored: bool,
    /// Wall clock until which the token is good without a second look; 0 if it is not.
    fresh_until_ms: u64,
}

impl<T: Token> TokenState<T> {
    pub fn new() -> Self {
        TokenState {
            record: None,
            stamp: Stamp(1),
            epoch_start: Stamp(1),
            rejected: false,
            proven: false,
            refreshed: false,
            struck: false,
            stored: false,
            fresh_until_ms: 0,
        }
    }

    /// A new epoch: login, logout, another user. Nothing of the old one is valid any more (A2).
    pub fn begin_epoch(&mut self, record: Option<Record<T>>) {
        self.replace(record);
        self.epoch_start = self.stamp;
        self.stored = false;
    }

    /// New tokens of the same epoch.
    pub fn replace(&mut self, record: Option<Record<T>>) {
        self.stamp = Stamp(self.stamp.0.saturating_add(1));
        self.rejected = false;
        self.proven = false;
        self.struck = false;
        self.refreshed = false;
        self.fresh_until_ms = match &record {
            Some(Record { access: Some(_), lifetime_ms: Some(life), obtained_at_ms, epoch, generation, .. }) => {
                obtained_at_ms.saturating_add(life - jittered_window_ms(*life, *epoch, *generation))
            }
            Some(Record { access: Some(_), lifetime_ms: None, .. }) => u64::MAX,
            _ => 0,
        };
        self.record = record;
    }

    /// Fast path: is the token certainly fresh at this wall-clock time?
    pub fn is_plainly_fresh(&self, wall_ms: u64) -> bool {
        wall_ms < self.fresh_until_ms && !self.rejected
    }

    /// Is there an access token of which nothing bad is known?
    pub fn is_usable(&self, wall_ms: u64) -> bool {
        !self.rejected && self.record.as_ref().is_some_and(|r| r.access.is_some() && !r.is_expired(wall_ms))
    }

    /// Does the session live in memory only, so that an empty store says nothing about it?
    pub fn is_detached(&self) -> bool {
        self.record.is_some() && !self.stored
    }

    pub fn access(&self) -> Option<&T> {
        self.record.as_ref()?.access.as_ref()
    }

    pub fn can_refresh(&self) -> bool {
        self.record.as_ref().is_some_and(|r| r.refresh.is_some())
    }

    /// Was a 401 on the current token a verdict on a *fresh* token (G2)? One that came from a refresh not long ago,
    /// and never worked.
    pub fn is_fresh_rejection(&self, wall_ms: u64) -> bool {
        let young = self.record.as_ref().is_some_and(|r| match r.lifetime_ms {
            Some(life) => wall_ms.saturating_sub(r.obtained_at_ms) < (life / 2).clamp(FRESH_MIN_MS, FRESH_MAX_MS),
            None => wall_ms.saturating_sub(r.obtained_at_ms) < FRESH_UNKNOWN_MS,
        });
        self.refreshed && !self.proven && young
    }

    /// Has the current token lived for at least half of its lifetime, so that replacing it is no excess (G2)?
    pub fn has_earned_refresh(&self, wall_ms: u64) -> bool {
        self.record.as_ref().is_some_and(|r| {
            r.lifetime_ms.is_some_and(|life| life > 0 && wall_ms.saturating_sub(r.obtained_at_ms) >= life / 2)
        })
    }
}
