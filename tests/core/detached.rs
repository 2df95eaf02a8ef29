//! A store that fails: the session goes on in memory, and the store's emptiness says nothing about it.

use relatch_engine::{Code, Event, Outcome, Stored};

use crate::world::{CHALLENGE, HOUR, TERMINAL, Tok, World, grant};

#[test]
fn a_write_that_fails_keeps_the_session_in_memory_and_its_empty_store_says_nothing() {
    let (mut w, call) = World::refreshing();
    w.writes_succeed = false;
    w.refreshed("a2", "r2");
    assert_eq!(w.sends(call), [Some("a1"), Some("a2")]);
    assert_eq!(w.failures(), [Code::StorageFailed]);
    assert_eq!((w.removals, w.stored_access()), (1, None), "the rotated token does not stay for other tabs to send");
    w.changed(Stored::Absent);
    assert_eq!(w.engine.access(), Some(&Tok("a2")));
    w.pass(HOUR);
    w.fetch();
    assert_eq!(w.calls.last().map(|c| c.1), Some(Tok("r2")));
}

#[test]
fn a_write_that_fails_leaves_a_refresh_token_that_is_still_good() {
    let (mut w, _) = World::refreshing();
    w.writes_succeed = false;
    w.refreshed("a2", "");
    assert_eq!((w.removals, w.stored_access()), (0, Some("a1")));
    w.changed(Stored::Absent);
    assert!(w.engine.record().is_none(), "it was in the store, so its absence is a logout");
}

#[test]
fn a_login_that_cannot_be_stored_does_not_leave_the_session_before_it() {
    let mut w = World::signed_in();
    w.writes_succeed = false;
    w.set_tokens(grant("b1", "rb1"));
    assert_eq!((w.removals, w.store.clone()), (1, Stored::Absent));
    w.pass(HOUR);
    let call = w.fetch();
    assert_eq!(w.calls.last().map(|c| c.1), Some(Tok("rb1")));
    w.writes_succeed = true;
    w.refreshed("b2", "rb2");
    assert_eq!(w.sends(call), [Some("b2")]);
    assert_eq!(w.stored_access(), Some("b2"));
    w.changed(Stored::Absent);
    assert!(w.engine.record().is_none(), "from now on a logout elsewhere is heard");
}

#[test]
fn a_session_in_memory_only_does_not_write_over_a_record_that_it_cannot_read() {
    let mut w = World::signed_in();
    w.writes_succeed = false;
    w.set_tokens(grant("b1", "rb1"));
    w.writes_succeed = true;
    w.store = Stored::Unreadable;
    w.pass(HOUR);
    let call = w.fetch();
    let writes = w.writes;
    w.refreshed("b2", "rb2");
    assert_eq!(w.sends(call), [Some("b2")]);
    assert_eq!((w.writes, w.store.clone()), (writes, Stored::Unreadable));
    assert!(!w.engine.is_refreshing());
    assert_eq!(w.locks.len(), w.unlocks.len());
}

#[test]
fn g5_a_logout_while_the_store_was_full_is_not_undone_by_the_next_refresh() {
    let (mut w, _) = World::refreshing();
    w.writes_succeed = false;
    w.refreshed("a2", "");
    w.writes_succeed = true;
    w.store = Stored::Absent;
    w.pass(HOUR);
    w.fetch();
    assert_eq!((w.calls.len(), w.writes, w.store.clone()), (1, 1, Stored::Absent));
    assert!(w.engine.record().is_none());
}

#[test]
fn a_store_that_does_not_answer_is_one_that_is_not_there() {
    let mut w = World::signed_in();
    w.reads_at_once = false;
    let call = w.fetch();
    w.respond(call, CHALLENGE);
    w.pass(30_000);
    assert_eq!(w.calls.len(), 1, "the refresh goes on with what memory holds");
    w.answer(TERMINAL);
    w.pass(30_000);
    assert_eq!(w.outcome(call), Some(Outcome::Response));
    assert!(w.engine.record().is_none());
    assert_eq!(w.removals, 0);
}

#[test]
fn g6_the_end_of_a_session_in_memory_only_is_told_whatever_the_store_holds() {
    for found in [Stored::Absent, Stored::Unreadable, Stored::Unavailable] {
        let mut w = World::signed_in();
        w.writes_succeed = false;
        w.set_tokens(grant("b1", "rb1"));
        w.store = found.clone();
        w.pass(HOUR);
        w.fetch();
        w.answer(TERMINAL);
        assert!(w.events.iter().any(|e| matches!(e, Event::Expired { .. })), "{found:?}");
        assert!(!w.failures().contains(&Code::StorageCorrupt));
        assert_eq!(w.store, found);
    }
}
