//! What other tabs and the developer tools do to the store.

use relatch_engine::{Change, Code, Event, Outcome, Record, Status, Stored, Want};

use crate::world::{CHALLENGE, Tok, World, grant, record};

fn adopted(w: &World) -> Vec<Change> {
    let change = |e: &Event| match e {
        Event::Adopted { change, .. } => Some(*change),
        _ => None,
    };
    w.events.iter().filter_map(change).collect()
}

#[test]
fn another_tabs_refresh_is_adopted() {
    let mut w = World::signed_in();
    let before = w.engine.stamp();
    w.changed(Stored::Record(record(2, "a2", "r2")));
    assert_eq!(adopted(&w), [Change::Tokens]);
    assert!(w.engine.stamp() > before);
    let call = w.fetch();
    assert_eq!(w.sends(call), [Some("a2")]);
}

#[test]
fn an_older_generation_is_an_echo_of_the_past() {
    let mut w = World::new(Stored::Record(record(3, "a3", "r3")));
    w.changed(Stored::Record(record(2, "a2", "r2")));
    assert_eq!(w.engine.access(), Some(&Tok("a3")));
    assert!(w.events.is_empty());
}

#[test]
fn the_same_record_again_is_no_news() {
    let mut w = World::signed_in();
    w.changed(Stored::Record(record(1, "a1", "r1")));
    assert!(w.events.is_empty());
}

#[test]
fn an_access_token_deleted_by_hand_is_refreshed_by_the_next_call() {
    let mut w = World::signed_in();
    w.changed(Stored::Record(record(1, "", "r1")));
    assert_eq!(w.engine.status(w.now), Status::Expired);
    let call = w.fetch();
    assert_eq!(w.sends(call), []);
    w.refreshed("a2", "r2");
    assert_eq!(w.sends(call), [Some("a2")]);
}

#[test]
fn a_rejected_token_stays_rejected_when_only_the_refresh_token_changes() {
    let (mut w, _) = World::refreshing();
    w.changed(Stored::Record(record(1, "a1", "other")));
    let call = w.fetch();
    assert_eq!(w.sends(call), []);
}

#[test]
fn adoption_during_the_wait_for_the_lock_ends_the_flight_without_a_call() {
    let mut w = World::signed_in();
    w.locks_at_once = false;
    let call = w.fetch();
    w.respond(call, CHALLENGE);
    w.changed(Stored::Record(record(2, "a2", "r2")));
    assert_eq!(w.sends(call), [Some("a1"), Some("a2")]);
    assert_eq!(w.unlocks, w.locks);
    assert!(!w.engine.is_refreshing());
}

#[test]
fn adoption_during_the_call_frees_the_waiters_and_lets_the_flight_land() {
    let (mut w, call) = World::refreshing();
    w.changed(Stored::Record(record(2, "a2", "r2")));
    assert_eq!(w.sends(call), [Some("a1"), Some("a2")]);
    assert!(w.engine.is_refreshing());
    w.refreshed("a3", "r3");
    assert_eq!(w.stored_access(), Some("a2"), "what another tab stored meanwhile is newer than what we started from");
    assert!(!w.engine.is_refreshing());
}

#[test]
fn a_logout_elsewhere_signs_out_here() {
    let (mut w, call) = World::refreshing();
    w.changed(Stored::Absent);
    assert_eq!(adopted(&w), [Change::SignedOut]);
    assert_eq!(w.outcome(call), Some(Outcome::Response));
    assert_eq!(w.engine.status(w.now), Status::SignedOut);
    assert_eq!(w.aborted.len(), 1);
}

#[test]
fn a_login_elsewhere_is_taken_over_and_held_calls_do_not_go_out_as_that_user() {
    let (mut w, sent) = World::refreshing();
    let held = w.fetch();
    w.changed(Stored::Record(Record { epoch: 9, ..record(1, "b1", "rb1") }));
    assert_eq!(adopted(&w), [Change::SignedIn]);
    assert_eq!(w.sends(held), [None]);
    assert_eq!(w.outcome(sent), Some(Outcome::Response));
    w.refreshed("a2", "r2");
    assert_eq!(w.stored_access(), Some("b1"));
}

#[test]
fn garbage_is_signed_out_and_told_and_left_in_place() {
    let mut w = World::new(Stored::Unreadable);
    assert_eq!(w.failures(), [Code::StorageCorrupt]);
    assert_eq!(w.engine.status(w.now), Status::SignedOut);
    assert_eq!((w.store.clone(), w.removals, w.writes), (Stored::Unreadable, 0, 0));
    w.set_tokens(grant("a1", "r1"));
    assert_eq!(w.stored_access(), Some("a1"));
    w.changed(Stored::Unreadable);
    assert_eq!(w.engine.status(w.now), Status::SignedOut);
}

#[test]
fn garbage_found_under_the_lock_or_before_the_commit_signs_out() {
    for late in [false, true] {
        let mut w = World::signed_in();
        let call = w.fetch();
        if !late {
            w.store = Stored::Unreadable;
        }
        w.respond(call, CHALLENGE);
        if late {
            w.store = Stored::Unreadable;
            w.refreshed("a2", "r2");
        }
        assert_eq!(w.outcome(call), Some(Outcome::Response));
        assert_eq!(w.failures(), [Code::StorageCorrupt]);
        assert_eq!((w.store.clone(), w.writes), (Stored::Unreadable, 0));
    }
}

#[test]
fn a_blocked_store_is_told_and_the_session_lives_in_memory() {
    let mut w = World::new(Stored::Unavailable);
    assert_eq!(w.failures(), [Code::StorageUnavailable]);
    w.set_tokens(grant("a1", "r1"));
    w.store = Stored::Unavailable;
    let call = w.fetch();
    w.respond(call, CHALLENGE);
    w.refreshed("a2", "r2");
    assert_eq!(w.sends(call), [Some("a1"), Some("a2")]);
}

#[test]
fn a_first_look_that_comes_after_the_login_is_void() {
    let mut w = World::new(Stored::Absent);
    w.engine = relatch_engine::Engine::new(crate::world::policy(), 1, w.now);
    w.engine.set_tokens(grant("b1", "rb1"), w.now);
    w.store = Stored::Record(record(5, "old", "old"));
    w.run();
    assert_eq!(w.engine.access(), Some(&Tok("b1")));
}

#[test]
fn every_login_is_an_epoch_of_its_own() {
    let mut w = World::signed_in();
    let mut epochs = vec![7];
    for _ in 0..50 {
        w.set_tokens(grant("a", "r"));
        epochs.push(w.engine.record().expect("signed in").epoch);
    }
    epochs.sort_unstable();
    epochs.dedup();
    assert_eq!(epochs.len(), 51);
}

#[test]
fn calls_for_a_token_end_with_the_session_they_were_made_in() {
    let (mut w, _) = World::refreshing();
    let token = w.open(Want::Token { min_validity_ms: 0 });
    let forced = w.open(Want::Refresh);
    w.clear();
    assert_eq!(w.outcome(token), Some(Outcome::Error(Code::SignedOut)));
    assert_eq!(w.outcome(forced), Some(Outcome::Error(Code::SignedOut)));
}

#[test]
fn a_first_look_that_never_comes_back_holds_nobody_for_ever() {
    let mut w = World::new(Stored::Absent);
    w.engine = relatch_engine::Engine::new(crate::world::policy(), 1, w.now);
    assert!(w.engine.poll().is_some(), "the look is asked for, and lost");
    let call = w.fetch();
    assert_eq!(w.sends(call), []);
    w.pass(40_000);
    assert_eq!(w.sends(call), [None]);
    assert_eq!(w.failures(), [Code::StorageUnavailable]);
    w.changed(Stored::Record(record(1, "a1", "r1")));
    assert_eq!(w.engine.access(), Some(&Tok("a1")), "better late than never");
}
