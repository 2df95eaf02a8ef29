//! G9: tokens of another user are another session.

use relatch_engine::{Answer, Change, Code, Event, Grant, Outcome, Record, Stored, Want};

use crate::world::{CHALLENGE, Tok, World, grant, record};

const A: u32 = 1;
const B: u32 = 2;
/// Unknown.
const U: u32 = 0;

fn of(subject: u32, grant: Grant<Tok>) -> Answer<Tok> {
    Answer::Tokens(Grant { subject, ..grant })
}

fn signed_in(subject: u32) -> World {
    World::new(Stored::Record(Record { subject, ..record(1, "a1", "r1") }))
}

fn epoch(w: &World) -> Option<u32> {
    match &w.store {
        Stored::Record(record) => Some(record.epoch),
        _ => None,
    }
}

#[test]
fn g9_an_answer_of_another_subject_is_a_new_session_and_nothing_is_replayed() {
    let mut w = signed_in(A);
    let call = w.fetch();
    w.respond(call, CHALLENGE);
    let (unsent, token) = (w.fetch(), w.open(Want::Token { min_validity_ms: 0 }));
    w.answer(of(B, grant("b2", "rb2")));
    assert_eq!(w.outcome(call), Some(Outcome::Response), "its own 401");
    assert_eq!((w.sends(call), w.sends(unsent)), (vec![Some("a1")], vec![None]));
    assert_eq!(w.outcome(token), Some(Outcome::Error(Code::SignedOut)));
    assert_eq!((w.stored_access(), epoch(&w) == Some(7)), (Some("b2"), false));
    assert!(w.events.contains(&Event::Changed { change: Change::SignedIn }));
    assert!(!w.events.iter().any(|e| matches!(e, Event::Refreshed { .. })));
    let next = w.fetch();
    assert_eq!(w.sends(next), [Some("b2")]);
    // The record goes out before the lock does.
    assert_eq!((w.writes, w.unlocks.len()), (1, 1));
}

#[test]
fn g9_without_a_new_refresh_token_the_new_session_has_the_one_that_was_sent() {
    let mut w = signed_in(A);
    let call = w.fetch();
    w.respond(call, CHALLENGE);
    w.answer(of(B, grant("b2", "")));
    assert_eq!(w.engine.record().map(|r| (r.refresh, r.subject)), Some((Some(Tok("r1")), B)));
}

#[test]
fn g9_the_same_or_an_unknown_subject_is_the_same_session() {
    for (ours, theirs, kept) in [(A, A, A), (U, B, B), (A, U, A), (U, U, U)] {
        let mut w = signed_in(ours);
        let call = w.fetch();
        w.respond(call, CHALLENGE);
        w.answer(of(theirs, grant("a2", "r2")));
        assert_eq!((w.sends(call), epoch(&w)), (vec![Some("a1"), Some("a2")], Some(7)));
        assert_eq!(w.engine.record().map(|r| r.subject), Some(kept));
    }
}

#[test]
fn g9_a_login_says_whose_session_it_is() {
    let mut w = World::new(Stored::Absent);
    w.set_tokens(Grant { subject: A, ..grant("a1", "r1") });
    let call = w.fetch();
    w.respond(call, CHALLENGE);
    w.answer(of(B, grant("b2", "rb2")));
    assert_eq!((w.outcome(call), w.sends(call).len()), (Some(Outcome::Response), 1));
}

#[test]
fn g9_tokens_of_another_subject_in_the_sessions_own_record_are_a_login_of_another_tab() {
    let mut w = signed_in(A);
    let call = w.fetch();
    w.locks_at_once = false;
    w.respond(call, CHALLENGE);
    w.changed(Stored::Record(Record { subject: B, ..record(2, "b2", "rb2") }));
    assert_eq!((w.outcome(call), w.sends(call).len()), (Some(Outcome::Response), 1));
    assert!(w.events.contains(&Event::Adopted { generation: 2, change: Change::SignedIn }));
    // Found under the lock.
    let mut w = signed_in(A);
    let call = w.fetch();
    w.store = Stored::Record(Record { subject: B, ..record(2, "b2", "rb2") });
    w.respond(call, CHALLENGE);
    assert_eq!((w.outcome(call), w.sends(call).len(), w.calls.len()), (Some(Outcome::Response), 1, 0));
}

#[test]
fn g9_other_tabs_take_the_new_session_for_a_login() {
    let mut w = signed_in(A);
    let call = w.fetch();
    w.changed(Stored::Record(Record { epoch: 9, subject: B, ..record(1, "b1", "rb1") }));
    w.respond(call, CHALLENGE);
    assert_eq!((w.outcome(call), w.sends(call).len(), w.calls.len()), (Some(Outcome::Response), 1, 0));
    assert!(w.events.contains(&Event::Adopted { generation: 1, change: Change::SignedIn }));
}
