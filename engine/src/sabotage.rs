//! Rules that a test may switch off one at a time, to see that the simulator notices. Without the feature `sabotage`
//! the question is a constant and all of this is compiled away.

/// A rule of the engine, or the part of one, that can be dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// S4: in the advisory window the request is not held.
    S4,
    /// S4: no refresh is started in advance once the page is on its way out.
    S4Leaving,
    /// S5: nothing is sent that is known to fail.
    S5,
    /// S5: a call is held for a bounded time.
    S5Bound,
    /// S5: that time is one for all holds of a call.
    S5Once,
    /// S6: in backoff the server decides.
    S6,
    /// A1: a step-up challenge is not answered by a refresh.
    A1,
    /// A2: another epoch's call is neither replayed nor sent with a token.
    A2,
    /// A3: the late 401 starts no refresh.
    A3,
    /// A5: a replay's 401 is the caller's.
    A5,
    /// A6: a route that refuses what others accept starts no further refresh.
    A6,
    /// G1: one flight per session.
    G1Single,
    /// G1: under the origin's lock.
    G1Lock,
    /// G1: the lock is given back.
    G1Unlock,
    /// G1: the store is read again under the lock.
    G1Read,
    /// G1: the lock is kept until the mark is stored, or for the time in which the new record reaches the other tabs.
    G1Spread,
    /// G1: nothing is sent while the store is older than the mark.
    G1Mark,
    /// G1: what was committed, or ended, leaves a mark.
    G1Marks,
    /// G2: at most five unearned starts in 30 s.
    G2Starts,
    /// G2: a start whose token was accepted is refunded.
    G2Refund,
    /// G2: at most three fresh tokens rejected in a row.
    G2Strikes,
    /// G3: the refresh has a deadline.
    G3,
    /// G4: no refresh token in the answer, the old one stays.
    G4Kept,
    /// G4: a rejected or dead token is no success.
    G4Usable,
    /// G5: nothing is written before the store was looked at again.
    G5,
    /// G5: nothing is committed into an epoch that was marked as over.
    G5Mark,
    /// G5: nothing is put back that the mark says is over. It is the shell that asks.
    #[cfg(feature = "sabotage")]
    G5Ask,
    /// G5: an older generation in the store is written over.
    G5Newest,
    /// G5: a record of a session that is over is replaced by what followed.
    G5Restore,
    /// G6: only a terminal answer ends the session.
    G6Terminal,
    /// G6: the store is cleared only if it still holds the token that was sent.
    G6Compare,
    /// G7: backoff.
    G7Backoff,
    /// G7: `Retry-After` wins.
    G7RetryAfter,
    /// G7: a late answer is taken. The driver's.
    #[cfg(feature = "sabotage")]
    G7Late,
    /// G8: everybody who waits is let go by a failure.
    G8,
    /// G9: tokens of another user are another session.
    G9,
    /// G10: a store that tells of no change is looked at again. The driver's.
    #[cfg(feature = "sabotage")]
    G10,
    /// The queue is bounded.
    Bound,
    /// Another tab's logout is one here.
    Follow,
}

#[cfg(feature = "sabotage")]
impl Rule {
    /// All of them.
    pub const ALL: [Rule; 39] = [
        Rule::S4,
        Rule::S4Leaving,
        Rule::S5,
        Rule::S5Bound,
        Rule::S5Once,
        Rule::S6,
        Rule::A1,
        Rule::A2,
        Rule::A3,
        Rule::A5,
        Rule::A6,
        Rule::G1Single,
        Rule::G1Lock,
        Rule::G1Unlock,
        Rule::G1Read,
        Rule::G1Spread,
        Rule::G1Mark,
        Rule::G1Marks,
        Rule::G2Starts,
        Rule::G2Refund,
        Rule::G2Strikes,
        Rule::G3,
        Rule::G4Kept,
        Rule::G4Usable,
        Rule::G5,
        Rule::G5Mark,
        Rule::G5Ask,
        Rule::G5Newest,
        Rule::G5Restore,
        Rule::G6Terminal,
        Rule::G6Compare,
        Rule::G7Backoff,
        Rule::G7RetryAfter,
        Rule::G7Late,
        Rule::G8,
        Rule::G9,
        Rule::G10,
        Rule::Bound,
        Rule::Follow,
    ];
}
