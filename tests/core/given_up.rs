//! G7: a refresh that heard nothing of its abort, and answers when nobody waits for it any more.

use relatch_engine::{Answer, Event, FlightId, Grant, Outcome, Stored};

use crate::world::{TERMINAL, Tok, World, grant, record, transient};

/// A flight has sent r1 and was given up.
fn given_up() -> (World, FlightId) {
    let (mut w, call) = World::refreshing();
    let flight = w.calls[0].0;
    w.pass(30_000);
    assert_eq!(w.outcome(call), Some(Outcome::Response));
    (w, flight)
}

fn late(w: &mut World, flight: FlightId, answer: Answer<Tok>) {
    w.engine.handle_answer(flight, answer, w.now);
    w.run();
}

#[test]
fn g7_a_late_answer_is_taken_if_the_store_holds_what_was_sent() {
    let (mut w, flight) = given_up();
    late(&mut w, flight, Answer::Tokens(grant("a2", "r2")));
    assert_eq!(w.stored_access(), Some("a2"));
    assert_eq!(w.locks.len(), 2, "under the lock, as any commit");
    assert!(w.events.iter().any(|e| matches!(e, Event::Refreshed { .. })));
    let call = w.fetch();
    assert_eq!((w.sends(call), w.calls.len()), (vec![Some("a2")], 1));
    // Once: the same answer again is nothing.
    late(&mut w, flight, Answer::Tokens(grant("a9", "r9")));
    assert_eq!(w.stored_access(), Some("a2"));
}

#[test]
fn g7_a_late_answer_is_taken_after_close_too_or_the_rotated_token_is_lost() {
    let (mut w, flight) = given_up();
    w.engine.close(w.now);
    w.run();
    late(&mut w, flight, Answer::Tokens(grant("a2", "r2")));
    assert_eq!(w.stored_access(), Some("a2"));
}

#[test]
fn g7_a_late_answer_is_discarded_if_another_tab_moved_on() {
    let (mut w, flight) = given_up();
    w.store = Stored::Record(record(2, "b2", "rb2"));
    late(&mut w, flight, Answer::Tokens(grant("a2", "r2")));
    assert_eq!((w.stored_access(), w.calls.len()), (Some("b2"), 1));
    assert_eq!(w.engine.access(), Some(&Tok("b2")));
    assert!(!w.engine.is_refreshing());
}

#[test]
fn g7_a_late_answer_of_another_epoch_is_discarded() {
    for login in [true, false] {
        let (mut w, flight) = given_up();
        if login {
            w.set_tokens(grant("b1", "r1"));
        } else {
            w.clear();
        }
        let before = w.store.clone();
        late(&mut w, flight, Answer::Tokens(grant("a2", "r2")));
        assert_eq!(w.store, before);
    }
    let (mut w, flight) = given_up();
    w.store = Stored::Absent;
    late(&mut w, flight, Answer::Tokens(grant("a2", "r2")));
    assert_eq!((w.store.clone(), w.engine.record()), (Stored::Absent, None));
}

#[test]
fn g7_a_late_answer_saves_the_next_call_that_fails_or_is_given_up_too() {
    for answer in [Some(TERMINAL), Some(transient(500)), Some(Answer::Tokens(grant("", ""))), None] {
        let (mut w, first) = given_up();
        w.pass(60_000);
        let call = w.fetch();
        assert_eq!((w.calls.len(), w.calls[1].1), (2, Tok("r1")));
        late(&mut w, first, Answer::Tokens(grant("a2", "r2")));
        assert_eq!(w.outcome(call), None);
        match answer {
            Some(answer) => w.answer(answer),
            None => w.pass(30_000),
        }
        assert_eq!((w.sends(call), w.stored_access()), (vec![Some("a2")], Some("a2")));
    }
}

#[test]
fn g7_a_late_answer_is_used_by_the_flight_that_waits_for_the_lock() {
    let (mut w, first) = given_up();
    w.pass(60_000);
    w.locks_at_once = false;
    let call = w.fetch();
    late(&mut w, first, Answer::Tokens(grant("a2", "r2")));
    let flight = *w.locks.last().expect("a flight");
    w.engine.handle_lock(flight, true, w.now);
    w.run();
    assert_eq!((w.sends(call), w.calls.len()), (vec![Some("a2")], 1));
}

#[test]
fn g7_the_answer_of_either_call_will_do_if_both_were_given_up() {
    for of in [0, 1] {
        let (mut w, _) = given_up();
        w.pass(60_000);
        w.fetch();
        w.pass(30_000);
        let flight = w.calls[of].0;
        late(&mut w, flight, Answer::Tokens(grant("a2", "r2")));
        assert_eq!(w.stored_access(), Some("a2"));
    }
}

#[test]
fn g7_a_late_answer_of_no_worth_changes_nothing() {
    for answer in [TERMINAL, transient(500), Answer::Tokens(Grant { lifetime_ms: Some(0), ..grant("a2", "") })] {
        let (mut w, flight) = given_up();
        late(&mut w, flight, answer);
        assert_eq!((w.stored_access(), w.locks.len()), (Some("a1"), 1));
    }
}
