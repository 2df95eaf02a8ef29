//! The names that JavaScript sees are part of the public API: they do not change.

use relatch_engine::{Change, Code, Reason, Status};

#[test]
fn every_code_has_its_name_and_a_sentence() {
    let names = [
        (Code::InvalidOption, "invalid_option"),
        (Code::SignedOut, "signed_out"),
        (Code::SessionExpired, "session_expired"),
        (Code::RefreshFailed, "refresh_failed"),
        (Code::RefreshTimeout, "refresh_timeout"),
        (Code::LockTimeout, "lock_timeout"),
        (Code::RefreshRateLimited, "refresh_rate_limited"),
        (Code::FreshTokensRejected, "fresh_tokens_rejected"),
        (Code::QueueFull, "queue_full"),
        (Code::StorageUnavailable, "storage_unavailable"),
        (Code::StorageFailed, "storage_failed"),
        (Code::StorageCorrupt, "storage_corrupt"),
        (Code::Closed, "closed"),
    ];
    let mut sentences = vec![];
    for (code, name) in names {
        assert_eq!(code.as_str(), name);
        assert!(code.message().contains(' '), "{name}: {}", code.message());
        sentences.push(code.message());
    }
    sentences.sort_unstable();
    sentences.dedup();
    assert_eq!(sentences.len(), names.len(), "each its own");
}

#[test]
fn reasons_changes_and_states_have_their_names() {
    let reasons = [Reason::Rejected, Reason::Expired, Reason::Advisory, Reason::Forced];
    assert_eq!(reasons.map(Reason::as_str), ["rejected", "expired", "advisory", "forced"]);
    let changes = [Change::Tokens, Change::SignedIn, Change::SignedOut];
    assert_eq!(changes.map(Change::as_str), ["tokens", "signed-in", "signed-out"]);
    let states = [
        (Status::Loading, "loading"),
        (Status::SignedOut, "signed-out"),
        (Status::Fresh, "fresh"),
        (Status::Stale, "stale"),
        (Status::Expired, "expired"),
        (Status::Refreshing, "refreshing"),
        (Status::Closed, "closed"),
    ];
    for (status, name) in states {
        assert_eq!(status.as_str(), name);
    }
}
