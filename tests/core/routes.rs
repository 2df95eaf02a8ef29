//! A6: one endpoint that answers 401 to a token that the others accept.

use relatch_engine::{Code, Outcome, Policy, Reply, Stored, Want};

use crate::world::{CHALLENGE, HOUR, OK, World, policy, record};

const BAD: u32 = 68;
const GOOD: u32 = 16;
const REFUSED: Reply = Reply { route: BAD, ..CHALLENGE };
const ACCEPTED: Reply = Reply { route: GOOD, ..OK };

/// One call of the bad route: each try of it is refused, whatever refreshes bring.
fn poll(w: &mut World) -> usize {
    let before = w.calls.len();
    let call = w.fetch();
    for _ in 0..4 {
        if w.outcome(call).is_some() {
            break;
        }
        if w.engine.waiting_calls() == 0 {
            w.respond(call, REFUSED);
        } else {
            w.refreshed(if w.calls.len().is_multiple_of(2) { "x" } else { "y" }, "");
        }
    }
    assert_eq!(w.outcome(call), Some(Outcome::Response), "its 401 is its own");
    w.calls.len() - before
}

fn good(w: &mut World) {
    let call = w.fetch();
    w.respond(call, ACCEPTED);
    assert_eq!((w.sends(call).len(), w.outcome(call)), (1, Some(Outcome::Response)));
}

#[test]
fn a6_a_route_that_refuses_what_others_accept_starts_no_series_of_refreshes() {
    for every_ms in [3_000, 10_000] {
        let mut w = World::signed_in();
        let mut refreshes = 0;
        for _ in 0..50 {
            good(&mut w);
            refreshes += poll(&mut w);
            good(&mut w);
            w.pass(every_ms);
        }
        assert_eq!((refreshes, w.failures()), (1, vec![]), "every {every_ms} ms");
    }
}

#[test]
fn a6_a_real_expiry_is_refreshed_at_once_and_the_route_asks_once_more() {
    let mut w = World::signed_in();
    good(&mut w);
    for _ in 0..10 {
        poll(&mut w);
        good(&mut w);
        w.pass(3_000);
    }
    w.pass(HOUR);
    let call = w.fetch();
    w.refreshed("z", "");
    assert_eq!(w.sends(call), [Some("z")]);
    w.respond(call, ACCEPTED);
    let mut refreshes = 0;
    for _ in 0..10 {
        refreshes += poll(&mut w);
        good(&mut w);
        w.pass(3_000);
    }
    assert_eq!((refreshes, w.failures()), (1, vec![]));
}

#[test]
fn a6_other_routes_start_a_refresh_as_before() {
    let mut w = World::signed_in();
    poll(&mut w);
    good(&mut w);
    assert_eq!(poll(&mut w), 0);
    let call = w.fetch();
    w.respond(call, Reply { route: GOOD, ..CHALLENGE });
    w.refreshed("z", "");
    assert_eq!(w.sends(call).len(), 2);
}

#[test]
fn a6_a_success_forgets_the_route_on_the_short_way_too() {
    for short in [false, true] {
        let mut w = World::signed_in();
        poll(&mut w);
        good(&mut w);
        assert!(w.engine.watches_routes());
        assert_eq!(poll(&mut w), 0);
        if short {
            w.engine.handle_proven(w.engine.stamp(), BAD);
        } else {
            let call = w.fetch();
            w.respond(call, Reply { route: BAD, ..OK });
        }
        assert!(!w.engine.watches_routes());
        assert_eq!(poll(&mut w), 1);
    }
}

#[test]
fn a6_a_token_that_nobody_has_accepted_is_asked_for_again_until_the_guard_says_stop() {
    let mut w = World::signed_in();
    good(&mut w);
    assert_eq!([poll(&mut w), poll(&mut w), poll(&mut w), poll(&mut w)], [1, 1, 1, 0]);
    assert_eq!(w.failures(), [Code::FreshTokensRejected]);
}

/// The bad route is asked more often than the others: three of its refreshes in a row look like a server that takes
/// back every fresh token. The first answer of another route tells otherwise.
#[test]
fn a6_a_proof_elsewhere_ends_a_hold_for_fresh_tokens_rejected_and_the_token_is_not_held_for_bad() {
    let mut w = World::signed_in();
    for _ in 0..4 {
        poll(&mut w);
        w.pass(3_000);
    }
    assert_eq!(w.failures(), [Code::FreshTokensRejected]);
    good(&mut w);
    assert_eq!(w.engine.retry_in_ms(w.now), 0);
    for _ in 0..20 {
        assert_eq!(poll(&mut w), 0);
        good(&mut w);
        w.pass(1_000);
    }
    w.pass(HOUR);
    let call = w.fetch();
    w.refreshed("z", "");
    assert_eq!(w.sends(call), [Some("z")], "a real expiry is refreshed at once");
}

#[test]
fn a6_64_routes_are_remembered_the_latest() {
    let mut w = World::signed_in();
    let calls: Vec<_> = (0..65).map(|_| w.fetch()).collect();
    for (n, call) in calls.iter().enumerate() {
        w.respond(*call, Reply { route: 400 + 4 * n as u32, ..CHALLENGE });
    }
    w.refreshed("x", "");
    for (n, call) in calls.iter().enumerate() {
        w.respond(*call, Reply { route: 400 + 4 * n as u32, ..CHALLENGE });
    }
    good(&mut w);
    for (n, expected) in [(64, 0), (1, 0), (0, 1)] {
        let call = w.fetch();
        w.respond(call, Reply { route: 400 + 4 * n, ..CHALLENGE });
        assert_eq!(w.calls.len(), 1 + expected, "route {n}");
    }
}

#[test]
fn a6_what_cannot_be_sent_again_starts_no_series_either() {
    for (max_replays, want) in [(0, Want::Fetch { replayable: true }), (1, Want::Fetch { replayable: false })] {
        let mut w = World::with(Policy { max_replays, ..policy() }, Stored::Record(record(1, "a1", "r1")));
        for _ in 0..10 {
            good(&mut w);
            let call = w.open(want);
            w.respond(call, REFUSED);
            assert_eq!(w.outcome(call), Some(Outcome::Response));
            if w.engine.is_refreshing() {
                w.refreshed(if w.calls.len().is_multiple_of(2) { "x" } else { "y" }, "");
            }
            w.pass(3_000);
        }
        assert_eq!((w.calls.len(), w.failures()), (2, vec![]), "{want:?}");
    }
}

/// A late 401 is replayed with a token that may be as old, and as dead, as the one before: no verdict on the route.
#[test]
fn a6_a_late_401s_replay_says_nothing_of_its_route() {
    let mut w = World::signed_in();
    let late = w.fetch();
    let early = w.fetch();
    w.respond(early, Reply { route: GOOD, ..CHALLENGE });
    w.refreshed("a2", "r2");
    w.respond(early, ACCEPTED);
    w.respond(late, REFUSED);
    w.respond(late, REFUSED);
    assert_eq!(w.sends(late).len(), 2);
    assert_eq!(poll(&mut w), 1);
}

/// One route may be all that an application has (GraphQL), and a token may die between two answers.
#[test]
fn a6_a_proof_by_the_route_itself_or_before_the_refusal_is_none() {
    let mut w = World::signed_in();
    let calls = [w.fetch(), w.fetch(), w.fetch()];
    for call in calls {
        w.respond(call, REFUSED);
    }
    w.refreshed("a2", "r2");
    w.respond(calls[0], Reply { route: BAD, ..OK });
    w.respond(calls[1], ACCEPTED);
    // The server takes a2 back.
    w.respond(calls[2], REFUSED);
    assert_eq!(poll(&mut w), 1);
}

/// All are asked at once, and refusals are quick: each poll's 401 comes before another route has accepted the new token.
#[test]
fn a6_a_refusal_that_always_comes_first_is_known_after_the_second_refresh() {
    let mut w = World::signed_in();
    for n in 0..20 {
        let (bad, other) = (w.fetch(), w.fetch());
        w.respond(bad, REFUSED);
        w.respond(other, ACCEPTED);
        if w.engine.is_refreshing() {
            w.refreshed(if w.calls.len().is_multiple_of(2) { "x" } else { "y" }, "");
            w.respond(bad, REFUSED);
        }
        assert_eq!((w.outcome(bad), w.outcome(other)), (Some(Outcome::Response), Some(Outcome::Response)), "{n}");
        w.pass(3_000);
    }
    assert_eq!((w.calls.len(), w.failures()), (2, vec![]));
}

#[test]
fn a6_a_login_knows_nothing_of_what_the_session_before_was_refused() {
    let mut w = World::with(Policy { max_replays: 0, ..policy() }, Stored::Record(record(1, "a1", "r1")));
    let call = w.fetch();
    w.respond(call, REFUSED);
    w.set_tokens(crate::world::grant("b1", "rb1"));
    good(&mut w);
    let call = w.fetch();
    w.respond(call, REFUSED);
    assert!(w.engine.is_refreshing());
}
