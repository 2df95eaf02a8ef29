//! G10, S7: a store that tells of no change is looked at again.

use relatch_engine::{Change, Code, Event, Outcome, Pass, Policy, Status, Stored, Want};

use crate::world::{CHALLENGE, OK, TERMINAL, Tok, World, grant, policy, record};

fn world(store: Stored<Tok>) -> World {
    World::with(Policy { looks_again: true, ..policy() }, store)
}

#[test]
fn s7_g10_a_session_that_is_signed_out_finds_another_hands_login_when_it_is_used() {
    let mut w = world(Stored::Absent);
    w.pass(1_000);
    w.store = Stored::Record(record(1, "a1", "r1"));
    let call = w.fetch();
    assert_eq!(w.sends(call), [Some("a1")]);
    assert_eq!(w.events.last(), Some(&Event::Adopted { generation: 1, change: Change::SignedIn }));
    for want in [Want::Token { min_validity_ms: 0 }, Want::Refresh] {
        let mut w = world(Stored::Absent);
        w.pass(1_000);
        w.store = Stored::Record(record(1, "a1", "r1"));
        let call = w.open(want);
        if want == Want::Refresh {
            w.refreshed("a2", "r2");
        }
        assert!(matches!(w.outcome(call), Some(Outcome::Token | Outcome::Done)), "{want:?}");
    }
}

#[test]
fn s7_the_store_is_looked_at_at_most_once_a_second() {
    let mut w = world(Stored::Absent);
    let early = w.fetch();
    w.pass(1_000);
    let call = w.fetch();
    w.store = Stored::Record(record(1, "a1", "r1"));
    w.pass(999);
    let soon = w.fetch();
    assert_eq!((w.sends(early), w.sends(call), w.sends(soon)), (vec![None], vec![None], vec![None]));
    w.pass(1);
    assert_eq!(w.engine.ticket(w.now), Pass::Hold);
    w.run();
    let then = w.fetch();
    assert_eq!(w.sends(then), [Some("a1")]);
}

#[test]
fn s7_a_store_that_tells_of_changes_is_not_looked_at_again() {
    let mut w = World::new(Stored::Absent);
    w.pass(5_000);
    w.store = Stored::Record(record(1, "a1", "r1"));
    let call = w.fetch();
    assert_eq!(w.sends(call), [None]);
}

#[test]
fn g10_each_401_looks_again() {
    // Signed out: the 401 is the caller's, and the next call is of who signed in elsewhere.
    let mut w = world(Stored::Absent);
    let call = w.fetch();
    w.store = Stored::Record(record(1, "a1", "r1"));
    w.respond(call, CHALLENGE);
    assert_eq!(w.outcome(call), Some(Outcome::Response));
    assert_eq!(w.engine.access(), Some(&Tok("a1")));
    // In backoff no flight reads the store. Somebody else signed in meanwhile.
    let mut w = world(Stored::Record(record(1, "a1", "r1")));
    let call = w.fetch();
    w.respond(call, CHALLENGE);
    w.answer(crate::world::transient(500));
    let call = w.fetch();
    assert_eq!(w.sends(call), [Some("a1")]);
    w.store = Stored::Record(relatch_engine::Record { epoch: 9, ..record(1, "b1", "rb1") });
    w.respond(call, CHALLENGE);
    assert_eq!((w.outcome(call), w.sends(call).len()), (Some(Outcome::Response), 1));
    assert_eq!(w.engine.access(), Some(&Tok("b1")));
}

#[test]
fn g10_a_look_that_never_comes_back_holds_nobody_for_ever() {
    let mut w = world(Stored::Absent);
    w.pass(1_000);
    let call = w.engine.open(Want::Fetch { replayable: true }, w.now).expect("room");
    while let Some(effect) = w.engine.poll() {
        // The look is asked for, and not answered.
        let _ = effect;
    }
    w.pass(40_000);
    assert_eq!(w.sends(call), [None]);
    assert_eq!(w.failures(), [Code::StorageUnavailable]);
    w.respond(call, OK);
    assert_eq!(w.outcome(call), Some(Outcome::Response));
}

#[test]
fn g10_a_write_that_hangs_is_told_and_removes_nothing() {
    let mut w = world(Stored::Absent);
    w.set_tokens(grant("a1", "r1"));
    w.engine.store_hangs();
    w.run();
    assert_eq!((w.failures(), w.removals), (vec![Code::StorageFailed], 0));
}

#[test]
fn g10_what_ended_is_not_found_again() {
    let mut w = world(Stored::Record(record(1, "a1", "r1")));
    let call = w.fetch();
    w.respond(call, CHALLENGE);
    w.answer(TERMINAL);
    w.pass(2_000);
    let call = w.fetch();
    assert_eq!((w.sends(call), w.engine.status(w.now)), (vec![None], Status::SignedOut));
}
