//! G6: how a session ends, and who may end it.

use relatch_engine::{Change, Code, Event, Outcome, Stored};

use crate::world::{HOUR, TERMINAL, Tok, World, grant, record};

#[test]
fn g6_a_terminal_answer_clears_the_store_and_says_expired_once() {
    let (mut w, call) = World::refreshing();
    let held = w.fetch();
    w.answer(TERMINAL);
    assert_eq!((w.store.clone(), w.removals), (Stored::Absent, 1));
    assert_eq!(w.events.iter().filter(|e| matches!(e, Event::Expired { status: 400 })).count(), 1);
    assert_eq!(w.outcome(call), Some(Outcome::Response));
    assert_eq!(w.sends(held), [None], "S7");
}

#[test]
fn g6_another_tab_rotated_meanwhile_so_its_tokens_are_adopted() {
    let (mut w, call) = World::refreshing();
    w.store = Stored::Record(record(2, "a2", "r2"));
    w.answer(TERMINAL);
    assert_eq!(w.removals, 0);
    assert_eq!(w.sends(call), [Some("a1"), Some("a2")]);
    assert!(!w.events.iter().any(|e| matches!(e, Event::Expired { .. })));
}

#[test]
fn g6_an_end_that_another_hand_was_faster_to_make_is_not_told_as_the_servers() {
    for (found, code) in [(Stored::Absent, None), (Stored::Unreadable, Some(Code::StorageCorrupt))] {
        let (mut w, call) = World::refreshing();
        w.store = found.clone();
        w.answer(TERMINAL);
        assert_eq!(w.outcome(call), Some(Outcome::Response));
        assert!(w.engine.record().is_none());
        assert!(!w.events.iter().any(|e| matches!(e, Event::Expired { .. })));
        assert_eq!((w.failures().first().copied(), w.store.clone()), (code, found));
    }
}

#[test]
fn g6_another_epochs_record_is_not_cleared() {
    let (mut w, _) = World::refreshing();
    let theirs = relatch_engine::Record { epoch: 9, ..record(1, "b1", "rb1") };
    w.store = Stored::Record(theirs.clone());
    w.answer(TERMINAL);
    assert_eq!((w.store.clone(), w.removals), (Stored::Record(theirs), 0));
    assert_eq!(w.engine.access(), Some(&Tok("b1")));
}

#[test]
fn g6_a_terminal_answer_ends_a_session_that_the_store_has_an_older_record_of() {
    let (mut w, _) = World::refreshing();
    w.writes_succeed = false;
    w.refreshed("a2", "");
    w.pass(HOUR);
    let call = w.fetch();
    w.answer(TERMINAL);
    assert!(w.engine.record().is_none());
    assert_eq!(w.sends(call), [None]);
    assert!(w.events.iter().any(|e| matches!(e, Event::Expired { .. })));
}

#[test]
fn a_login_and_a_logout_of_ones_own_are_told_and_after_close_nothing_is() {
    let mut w = World::new(Stored::Absent);
    w.set_tokens(grant("a1", "r1"));
    w.clear();
    let told = [Change::SignedIn, Change::SignedOut].map(|change| Event::Changed { change });
    assert_eq!(w.events, told);
    w.engine.close(w.now);
    w.set_tokens(grant("a2", "r2"));
    assert_eq!(w.events, told);
}
