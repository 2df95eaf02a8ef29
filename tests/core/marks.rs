//! G1, G5: the mark says how new the store has to be before a refresh token is sent, and which epoch is over.

use relatch_engine::policy::{BEHIND_LOOK_MS, BEHIND_LOOKS, ENDED, MARK_ASKS, MARK_MS, SPREAD_MS};
use relatch_engine::{Change, Code, Event, Outcome, Stored};

use crate::world::{CHALLENGE, TERMINAL, Tok, World, grant, record};

/// Signed in with generation 1, while the mark says that another tab has committed this one.
fn behind(mark: u32) -> World {
    let mut world = World::signed_in();
    world.mark = Some(mark);
    let call = world.fetch();
    world.respond(call, CHALLENGE);
    world
}

fn look_again(world: &mut World) {
    world.pass(BEHIND_LOOK_MS);
}

#[test]
fn nothing_is_sent_while_the_store_is_older_than_the_mark() {
    let mut world = behind(2);
    assert!(world.calls.is_empty(), "the token that the store shows is spent");
    look_again(&mut world);
    assert!(world.calls.is_empty());
    world.store = Stored::Record(record(2, "a2", "r2"));
    look_again(&mut world);
    assert!(world.calls.is_empty(), "another tab's refresh is adopted");
    assert_eq!(world.sent.last().map(|(_, token)| *token), Some(Some(Tok("a2"))), "and the call is replayed with it");
}

#[test]
fn what_another_tab_committed_is_adopted_by_its_event_without_waiting_for_the_next_look() {
    let mut world = behind(2);
    world.store = Stored::Record(record(2, "a2", "r2"));
    world.engine.handle_read(None, world.store.clone(), world.now);
    world.run();
    assert_eq!(world.sent.last().map(|(_, token)| *token), Some(Some(Tok("a2"))));
    assert!(!world.engine.is_refreshing());
}

#[test]
fn a_store_as_new_as_the_mark_is_refreshed_at_once() {
    for mark in [None, Some(1)] {
        let mut world = World::signed_in();
        world.mark = mark;
        let call = world.fetch();
        world.respond(call, CHALLENGE);
        assert_eq!(world.calls.len(), 1, "{mark:?}");
        assert_eq!(world.marks_asked, [(world.calls[0].0, 7)]);
    }
}

#[test]
fn a_store_that_stays_behind_fails_the_refresh_once_and_ends_nothing() {
    let mut world = behind(2);
    for _ in 0..BEHIND_LOOKS {
        look_again(&mut world);
    }
    assert!(world.calls.is_empty());
    assert!(world.events.iter().any(|e| matches!(e, Event::Failed { code: Code::RefreshTimeout, .. })));
    assert!(world.settled.values().all(|outcome| *outcome == Outcome::Response), "each has its own 401");
    assert!(world.engine.record().is_some(), "the outcome is unknown: the session goes on");
    // The tab that left the mark may have died before the store had its record: the server is asked.
    world.pass(60_000);
    let call = world.fetch();
    world.run();
    assert!(world.sent.iter().all(|(c, _)| *c != call) || world.calls.len() == 1);
    assert_eq!(world.calls.len(), 1, "nobody is blocked for ever");
    world.refreshed("a3", "r3");
    assert_eq!(world.engine.record().map(|r| r.generation), Some(3), "above the mark, or the store stayed behind it");
    assert_eq!(world.marks, [(7, 3)]);
}

#[test]
fn an_ended_epoch_never_comes_back() {
    let mut world = behind(ENDED);
    for _ in 0..BEHIND_LOOKS {
        look_again(&mut world);
    }
    assert!(world.calls.is_empty());
    assert_eq!(world.engine.record(), None);
    assert_eq!(world.removals, 1, "nor does the next page find it");
    assert!(world.events.contains(&Event::Adopted { generation: 0, change: Change::SignedOut }));
}

#[test]
fn an_answer_for_an_epoch_that_ended_meanwhile_is_not_stored() {
    let (mut world, call) = World::refreshing();
    world.mark = Some(ENDED);
    world.refreshed("a2", "r2");
    assert_eq!(world.writes, 0);
    assert_eq!(world.engine.record(), None);
    assert_eq!(world.settled.get(&call), Some(&Outcome::Response));
}

#[test]
fn a_commit_leaves_a_mark_before_the_lock_is_given_back() {
    let (mut world, _) = World::refreshing();
    world.refreshed("a2", "r2");
    assert_eq!(world.marks, [(7, 2)]);
    assert_eq!(world.unlocked_after_ms, SPREAD_MS, "unless the mark is stored sooner");
}

#[test]
fn a_login_a_logout_and_the_servers_word_mark_the_epoch_as_over() {
    let mut world = World::signed_in();
    world.engine.set_tokens(grant("b1", "s1"), world.now);
    world.run();
    assert_eq!(world.marks, [(7, ENDED)]);
    let mut world = World::signed_in();
    world.engine.clear(world.now);
    world.run();
    assert_eq!(world.marks, [(7, ENDED)]);
    let (mut world, _) = World::refreshing();
    world.answer(TERMINAL);
    assert_eq!(world.marks, [(7, ENDED)]);
}

#[test]
fn a_mark_that_does_not_come_is_asked_for_again_and_then_taken_for_none() {
    let mut world = World::signed_in();
    world.marks_at_once = false;
    let call = world.fetch();
    world.respond(call, CHALLENGE);
    for ask in 1..=usize::from(MARK_ASKS) {
        assert_eq!(world.marks_asked.len(), ask);
        assert!(world.calls.is_empty());
        world.pass(MARK_MS);
    }
    assert_eq!(world.calls.len(), 1);
}

#[test]
fn a_slow_tabs_older_generation_is_written_over_by_who_knows_a_newer_one() {
    let mut world = World::new(Stored::Record(record(2, "a2", "r2")));
    world.store = Stored::Record(record(1, "a1", "r1"));
    world.engine.handle_read(None, world.store.clone(), world.now);
    world.run();
    assert_eq!(world.store, Stored::Record(record(2, "a2", "r2")));
}
