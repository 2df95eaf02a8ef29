//! Why something did not work, as stable codes.

/// The `code` of a `RelatchError` and of a `failed` event. Stable: part of the public API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// An option or a token is missing or of the wrong kind.
    InvalidOption,
    /// There are no tokens.
    SignedOut,
    /// The authorization server ended the session (G6).
    SessionExpired,
    /// The refresh failed for now (G7); tokens are kept.
    RefreshFailed,
    /// The refresh did not answer within its deadline (G3).
    RefreshTimeout,
    /// Another tab held the refresh lock for too long (G1).
    LockTimeout,
    /// Too many refreshes in a short time (G2): refreshing is on hold, for 30 s at first. A login lifts it.
    RefreshRateLimited,
    /// Fresh tokens keep being rejected by the API (G2).
    FreshTokensRejected,
    /// More calls are waiting than the queue holds.
    QueueFull,
    /// The chosen storage does not exist or is blocked here.
    StorageUnavailable,
    /// The store failed to read or write; the session goes on in memory.
    StorageFailed,
    /// The stored record cannot be read; it is left in place and taken as signed out.
    StorageCorrupt,
    /// The session object was closed.
    Closed,
}

impl Code {
    /// All of them, in the order of their numbers.
    pub const ALL: [Code; 13] = [
        Code::InvalidOption,
        Code::SignedOut,
        Code::SessionExpired,
        Code::RefreshFailed,
        Code::RefreshTimeout,
        Code::LockTimeout,
        Code::RefreshRateLimited,
        Code::FreshTokensRejected,
        Code::QueueFull,
        Code::StorageUnavailable,
        Code::StorageFailed,
        Code::StorageCorrupt,
        Code::Closed,
    ];

    /// The code as JavaScript sees it.
    pub fn as_str(self) -> &'static str {
        match self {
            Code::InvalidOption => "invalid_option",
            Code::SignedOut => "signed_out",
            Code::SessionExpired => "session_expired",
            Code::RefreshFailed => "refresh_failed",
            Code::RefreshTimeout => "refresh_timeout",
            Code::LockTimeout => "lock_timeout",
            Code::RefreshRateLimited => "refresh_rate_limited",
            Code::FreshTokensRejected => "fresh_tokens_rejected",
            Code::QueueFull => "queue_full",
            Code::StorageUnavailable => "storage_unavailable",
            Code::StorageFailed => "storage_failed",
            Code::StorageCorrupt => "storage_corrupt",
            Code::Closed => "closed",
        }
    }

    /// One sentence for a person: what happened, and what to do where there is something to do.
    pub fn message(self) -> &'static str {
        match self {
            // Options have been read by the time that the engine speaks, so this can only be a login's token.
            Code::InvalidOption => {
                "tokens.accessToken must be of visible ASCII characters and not blank, and no token longer than 65,536"
            }
            Code::SignedOut => "there are no tokens: call setTokens after a login",
            Code::SessionExpired => "the authorization server ended the session: the user must log in again",
            Code::RefreshFailed => "the refresh failed for now; the tokens are kept",
            Code::RefreshTimeout => "the refresh did not answer in time; the tokens are kept",
            Code::LockTimeout => "another tab held the refresh lock for too long; the tokens are kept",
            Code::RefreshRateLimited => "too many refreshes in a short time: refreshing is on hold",
            Code::FreshTokensRejected => {
                "the API rejects tokens that were just refreshed: refreshing is on hold; \
                 check audience, issuer and clocks of API and authorization server"
            }
            Code::QueueFull => "too many calls wait for the refresh",
            Code::StorageUnavailable => {
                "the chosen storage does not exist or is blocked here; the session lives in memory"
            }
            Code::StorageFailed => "the store could not be read or written; the session lives in memory",
            Code::StorageCorrupt => "the stored record cannot be read: left in place and taken as signed out",
            Code::Closed => "the session was closed",
        }
    }
}
