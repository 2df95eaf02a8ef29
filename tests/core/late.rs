//! A record that a slow tab wrote after its session was over (G5), and the lock that is kept for the store's sake (G1).

use relatch_engine::policy::SPREAD_MS;
use relatch_engine::{Change, Code, Event, Outcome, Record, Stored};

use crate::world::{CHALLENGE, Tok, World, grant, record, transient};

/// Of another login.
fn other(generation: u32, access: &'static str, refresh: &'static str) -> Stored<Tok> {
    Stored::Record(Record { epoch: 8, ..record(generation, access, refresh) })
}

fn adoptions(world: &World) -> Vec<Change> {
    let change = |event: &Event| match event {
        Event::Adopted { change, .. } => Some(*change),
        _ => None,
    };
    world.events.iter().filter_map(change).collect()
}

#[test]
fn a_record_of_the_session_before_the_logout_is_not_believed_but_replaced_by_what_followed_g5() {
    let mut world = World::signed_in();
    world.heir = Some(Stored::Absent);
    world.clear();
    world.changed(Stored::Record(record(2, "a2", "r2")));
    assert_eq!(world.restores, [None]);
    assert_eq!(world.store, Stored::Absent);
    assert!(world.engine.record().is_none(), "a slow tab's write does not sign in again");
    assert_eq!(adoptions(&world), []);
}

#[test]
fn a_record_of_the_session_before_the_login_gives_way_to_the_login_g5() {
    let mut world = World::signed_in();
    world.set_tokens(grant("b1", "s1"));
    world.heir = Some(world.store.clone());
    world.changed(Stored::Record(record(2, "a2", "r2")));
    assert_eq!(world.stored_access(), Some("b1"));
    assert_eq!(world.engine.access(), Some(&Tok("b1")));
}

#[test]
fn a_tab_that_wrote_over_another_tabs_login_puts_it_back_when_it_hears_of_it_g5() {
    let (mut world, call) = World::refreshing();
    world.refreshed("a2", "r2");
    assert_eq!(world.stored_access(), Some("a2"), "it has not heard of the login, and writes");
    world.heir = Some(other(1, "b1", "s1"));
    world.engine.handle_replaced(Some(7), Some(8));
    let found = world.store.clone();
    world.changed(found);
    assert_eq!(world.restores, [None]);
    assert_eq!(world.stored_access(), Some("b1"));
    assert_eq!(world.engine.access(), Some(&Tok("b1")));
    assert_eq!(adoptions(&world), [Change::SignedIn]);
    assert_eq!(world.outcome(call), None, "it was replayed before, and its answer is still to come");
}

#[test]
fn a_tab_that_wrote_over_another_tabs_logout_removes_the_record_when_it_hears_of_it_g5() {
    let (mut world, _) = World::refreshing();
    world.refreshed("a2", "r2");
    world.heir = Some(Stored::Absent);
    world.engine.handle_replaced(Some(7), None);
    let found = world.store.clone();
    world.changed(found);
    assert_eq!(world.store, Stored::Absent);
    assert!(world.engine.record().is_none());
}

#[test]
fn a_flight_that_finds_a_late_record_under_the_lock_waits_for_what_followed_g5() {
    let mut world = World::signed_in();
    world.restores_at_once = false;
    world.set_tokens(grant("b1", "s1"));
    let call = world.fetch();
    world.store = Stored::Record(record(2, "a2", "r2"));
    world.respond(call, CHALLENGE);
    let [Some(flight)] = world.restores[..] else { panic!("the flight's look found it: {:?}", world.restores) };
    assert_eq!(world.calls, [], "nothing is sent before the store is what it should be");
    let login = world.engine.record().cloned().expect("signed in");
    world.engine.handle_restored(Some(flight), Stored::Record(login), world.now);
    world.run();
    assert_eq!(world.calls.iter().map(|(_, token, _)| token.0).collect::<Vec<_>>(), ["s1"]);
}

#[test]
fn a_restore_that_is_never_answered_ends_with_the_stages_deadline_g3_g5() {
    let mut world = World::signed_in();
    world.restores_at_once = false;
    world.set_tokens(grant("b1", "s1"));
    let call = world.fetch();
    world.store = Stored::Record(record(2, "a2", "r2"));
    world.respond(call, CHALLENGE);
    assert_eq!(world.restores.len(), 1);
    world.pass(30_000);
    assert_eq!(world.calls.len(), 1, "a store that does not answer is a store that is not there");
    world.answer(transient(503));
    assert_eq!(world.outcome(call), Some(Outcome::Response));
}

#[test]
fn what_was_put_back_is_believed_even_if_it_is_of_the_ended_epoch_g5() {
    let mut world = World::signed_in();
    world.clear();
    // Nothing else is known to have followed, or it could not be put back.
    world.heir = Some(Stored::Record(record(2, "a2", "r2")));
    world.changed(Stored::Record(record(2, "a2", "r2")));
    assert_eq!(world.restores.len(), 1, "no loop");
    assert_eq!(world.engine.access(), Some(&Tok("a2")));
    world.changed(Stored::Record(record(3, "a3", "r3")));
    assert_eq!(world.restores.len(), 1, "and from then on it is the session");
    assert_eq!(world.engine.access(), Some(&Tok("a3")));
}

#[test]
fn a_late_record_that_follows_another_session_does_not_end_that_one_g5() {
    let mut world = World::signed_in();
    world.set_tokens(grant("b1", "s1"));
    let login = world.engine.record().map(|r| r.epoch);
    world.heir = Some(world.store.clone());
    world.engine.handle_replaced(login, Some(7));
    world.changed(Stored::Record(record(2, "a2", "r2")));
    assert_eq!(world.restores.len(), 1, "it is still the late one that is to go");
    assert_eq!(world.engine.access(), Some(&Tok("b1")));
}

#[test]
fn generations_of_one_session_that_follow_each_other_end_nothing_g5() {
    let mut world = World::signed_in();
    world.engine.handle_replaced(Some(7), Some(7));
    world.changed(Stored::Record(record(2, "a2", "r2")));
    world.engine.handle_replaced(None, Some(7));
    world.changed(Stored::Record(record(3, "a3", "r3")));
    assert_eq!(world.restores, []);
    assert_eq!(world.engine.access(), Some(&Tok("a3")));
}

#[test]
fn a_session_in_memory_only_that_outlives_the_stores_record_is_not_taken_for_ended_g5() {
    let mut world = World::signed_in();
    world.writes_succeed = false;
    world.set_tokens(grant("b1", "s1"));
    let epoch = world.engine.record().map(|r| r.epoch);
    world.engine.handle_replaced(epoch, None);
    world.changed(Stored::Absent);
    assert_eq!(world.engine.record().map(|r| r.epoch), epoch, "detached: an empty store says nothing");
    let theirs = world.engine.record().cloned().expect("signed in");
    world.changed(Stored::Record(Record { generation: 2, access: Some(Tok("b2")), ..theirs }));
    assert_eq!(world.restores, []);
    assert_eq!(world.engine.access(), Some(&Tok("b2")));
}

#[test]
fn the_lock_is_kept_after_a_token_call_until_its_record_has_reached_the_other_tabs_g1() {
    let (mut world, _) = World::refreshing();
    world.refreshed("a2", "r2");
    assert_eq!((world.unlocks.len(), world.unlocked_after_ms), (1, SPREAD_MS));
}

#[test]
fn the_lock_is_kept_after_a_token_call_that_is_given_up_as_well_g1() {
    let (mut world, _) = World::refreshing();
    world.pass(30_000);
    assert_eq!(world.failures(), [Code::RefreshTimeout]);
    assert_eq!((world.unlocks.len(), world.unlocked_after_ms), (1, SPREAD_MS));
    let (mut world, _) = World::refreshing();
    world.clear();
    assert_eq!((world.unlocks.len(), world.unlocked_after_ms), (1, SPREAD_MS));
}

#[test]
fn the_lock_is_given_back_at_once_if_nothing_was_sent_g1() {
    let mut world = World::signed_in();
    let call = world.fetch();
    world.store = Stored::Record(record(2, "a2", "r2"));
    world.respond(call, CHALLENGE);
    assert_eq!(world.calls, [], "adopted under the lock");
    assert_eq!((world.unlocks.len(), world.unlocked_after_ms), (1, 0));
}

#[test]
fn a_newer_record_whose_refresh_token_this_answer_replaced_is_not_adopted_g4_g5() {
    let (mut world, call) = World::refreshing();
    // Another tab got a token without a rotation, and its write comes late; then the server rotated for this one.
    world.store = Stored::Record(record(2, "a2", "r1"));
    world.refreshed("a3", "r3");
    assert_eq!(world.store, Stored::Record(Record { obtained_at_ms: world.now.wall_ms, ..record(3, "a3", "r3") }));
    assert_eq!(world.sends(call), [Some("a1"), Some("a3")]);
}
