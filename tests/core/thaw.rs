//! What a tab puts back into the store (G5), when it hears of much at once: it may have been frozen for long.

use relatch_engine::policy::{BEHIND_LOOK_MS, ENDED};
use relatch_engine::{Guarded, Heir, Record, Stored};

use crate::world::{CHALLENGE, Tok, World, record};

fn of(epoch: u32, generation: u32, access: &'static str) -> Stored<Tok> {
    Stored::Record(Record { epoch, ..record(generation, access, "r") })
}

/// The session of epoch 8, generation 3, is to be put back over a record of this epoch.
fn over(found: u32) -> Heir {
    Heir { own: true, record: Some((8, 3)), mark: 0, found, found_mark: 0, again: false }
}

#[test]
fn what_followed_is_put_back_if_no_mark_says_that_it_is_over() {
    for own in [true, false] {
        for mark in [0, 1, 3] {
            assert_eq!(Heir { own, mark, ..over(7) }.guarded(), Guarded::Put, "{own} {mark}");
        }
    }
}

#[test]
fn nothing_is_put_back_that_the_mark_says_is_over() {
    let heir = Heir { mark: ENDED, ..over(7) };
    assert_eq!(heir.guarded(), Guarded::Believe, "the store knows better than a session that is over");
    assert_eq!(Heir { own: false, ..heir }.guarded(), Guarded::Wait, "what followed is on its way");
    assert_eq!(Heir { mark: ENDED, ..over(8) }.guarded(), Guarded::Wait, "nor an older generation of it");
}

#[test]
fn nothing_is_put_back_by_a_tab_whose_generation_is_not_the_latest() {
    for (own, found) in [(true, 7), (true, 8), (false, 7)] {
        assert_eq!(Heir { own, mark: 4, ..over(found) }.guarded(), Guarded::Wait, "{own} {found}");
    }
}

#[test]
fn of_two_sessions_that_are_defended_the_greater_number_stays_unless_its_mark_says_that_it_is_over() {
    let again = |found| Heir { again: true, ..over(found) };
    assert_eq!(again(9).guarded(), Guarded::Believe);
    assert_eq!(again(7).guarded(), Guarded::Put);
    assert_eq!(Heir { found_mark: ENDED, ..again(9) }.guarded(), Guarded::Put);
    assert_eq!(Heir { found_mark: ENDED, mark: ENDED, ..again(9) }.guarded(), Guarded::Believe, "both are over");
}

#[test]
fn a_logout_is_put_back_as_it_was() {
    assert_eq!(Heir { own: false, record: None, found_mark: ENDED, ..over(7) }.guarded(), Guarded::Put);
}

/// Signed in, and its own write stands in the store although another tab's login (8) followed there, which it has not
/// put back, because that one is over.
fn overtaken() -> World {
    let mut world = World::signed_in();
    world.engine.handle_replaced(Some(7), Some(8));
    world.changed(of(7, 1, "a1"));
    assert_eq!(world.restores, [None]);
    world
}

#[test]
fn that_its_own_session_is_over_a_tab_keeps_in_mind_whatever_follows() {
    let mut world = overtaken();
    world.heir = Some(Stored::Absent);
    world.engine.handle_replaced(Some(8), None);
    world.changed(of(7, 1, "a1"));
    assert_eq!(world.store, Stored::Absent, "a logout of the login that it never saw");
    assert!(world.engine.record().is_none());
}

#[test]
fn until_it_has_another() {
    let mut world = overtaken();
    world.changed(of(9, 1, "c1"));
    world.engine.handle_replaced(Some(9), Some(10));
    world.heir = Some(of(10, 1, "d1"));
    world.changed(of(9, 1, "c1"));
    assert_eq!((world.restores.len(), world.engine.access()), (2, Some(&Tok("d1"))));
}

#[test]
fn a_flight_that_looks_while_the_marks_are_asked_puts_back_its_own_session_and_lands() {
    let mut world = World::signed_in();
    world.engine.handle_replaced(Some(7), Some(8));
    world.changed(of(8, 1, "b1"));
    let call = world.fetch();
    world.respond(call, CHALLENGE);
    assert_eq!(world.calls.len(), 1);
    world.restores_at_once = false;
    world.engine.handle_replaced(Some(8), Some(7));
    world.changed(of(7, 2, "a2"));
    // By its event the late record is what followed.
    world.heir = Some(of(7, 2, "a2"));
    world.restores_at_once = true;
    world.refreshed("b2", "s2");
    assert_eq!(world.stored_access(), Some("b2"));
    assert_eq!(world.engine.access(), Some(&Tok("b2")));
}

#[test]
fn a_look_that_finds_another_session_when_a_call_has_waited_too_long_does_not_give_it_that_sessions_token_a2() {
    let mut world = World::signed_in();
    world.mark = Some(ENDED);
    world.store = Stored::Unavailable;
    world.pass(3_600_000);
    let call = world.fetch();
    world.pass(BEHIND_LOOK_MS);
    // The machine sleeps, and then both are due: the look into the store, and the call's own deadline.
    world.store = of(8, 1, "b1");
    world.pass(3_600_000);
    assert_eq!(world.sends(call), [Some("a1")]);
    assert_eq!(world.engine.access(), Some(&Tok("b1")));
}
