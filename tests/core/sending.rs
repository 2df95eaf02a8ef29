//! S3…S7 and A1…A5. S1 and S2 say what never becomes a call; tests/e2e shows them.

use relatch_engine::challenge::Challenge;
use relatch_engine::{Code, Event, Outcome, Pass, Policy, Reason, Reply, Stored, Want};

use crate::world::{CHALLENGE, HOUR, OK, World, grant, policy, record, transient};

#[test]
fn s3_a_fresh_token_goes_out_at_once_and_an_answer_is_the_callers() {
    let mut w = World::signed_in();
    let call = w.fetch();
    assert_eq!(w.sends(call), [Some("a1")]);
    w.respond(call, OK);
    assert_eq!(w.outcome(call), Some(Outcome::Response));
    assert!(w.calls.is_empty());
}

#[test]
fn s3_the_short_way_gives_the_stamp_without_making_a_call() {
    let mut w = World::signed_in();
    let stamp = w.engine.stamp();
    assert_eq!(w.engine.plainly_fresh(w.now.wall_ms), Some(stamp));
    assert_eq!(w.engine.ticket(w.now), Pass::With(stamp));
    assert_eq!(w.engine.live_calls(), 0);
    assert!(!w.engine.has_effects());
}

#[test]
fn s4_in_the_advisory_window_the_request_goes_out_at_once_and_a_refresh_starts_behind_it() {
    let mut w = World::signed_in();
    w.pass(HOUR - 1_000);
    let call = w.fetch();
    assert_eq!(w.sends(call), [Some("a1")]);
    assert_eq!(w.calls.last().map(|c| c.2), Some(Reason::Advisory));
    w.answer(transient(500));
    w.respond(call, OK);
    assert_eq!(w.outcome(call), Some(Outcome::Response), "its failure is never the caller's");
}

#[test]
fn s4_the_short_way_starts_the_refresh_too() {
    let mut w = World::signed_in();
    w.pass(HOUR - 1_000);
    assert_eq!(w.engine.plainly_fresh(w.now.wall_ms), None);
    let stamp = w.engine.stamp();
    assert_eq!(w.engine.ticket(w.now), Pass::With(stamp));
    w.run();
    assert_eq!(w.calls.len(), 1);
}

#[test]
fn s5_an_expired_token_holds_the_request_until_the_flight_lands() {
    let mut w = World::signed_in();
    w.pass(HOUR);
    let call = w.fetch();
    assert_eq!(w.sends(call), []);
    assert!(w.events.contains(&Event::Held { call, sent: false }));
    w.refreshed("a2", "r2");
    assert_eq!(w.sends(call), [Some("a2")]);
}

#[test]
fn s5_a_rejected_generation_holds_later_requests() {
    let (mut w, first) = World::refreshing();
    let later = w.fetch();
    assert_eq!(w.engine.ticket(w.now), Pass::Hold);
    assert_eq!(w.sends(later), []);
    w.refreshed("a2", "r2");
    assert_eq!((w.sends(first), w.sends(later)), (vec![Some("a1"), Some("a2")], vec![Some("a2")]));
}

#[test]
fn s5_a_held_call_waits_no_longer_than_max_wait_and_then_goes_out_as_it_is() {
    let mut w = World::with(Policy { max_wait_ms: 5_000, ..policy() }, Stored::Record(record(1, "a1", "r1")));
    w.pass(HOUR);
    let call = w.fetch();
    assert_eq!(w.engine.deadline(), Some(w.now.mono_ms + 5_000));
    w.pass(4_999);
    assert_eq!(w.sends(call), []);
    w.pass(1);
    assert_eq!(w.sends(call), [Some("a1")]);
    assert!(w.engine.is_refreshing(), "the flight goes on");
}

#[test]
fn s6_in_backoff_an_expired_token_goes_out_and_its_401_starts_nothing() {
    let (mut w, first) = World::refreshing();
    w.answer(transient(503));
    assert_eq!(w.outcome(first), Some(Outcome::Response));
    let call = w.fetch();
    assert_eq!(w.sends(call), [Some("a1")]);
    w.respond(call, CHALLENGE);
    assert_eq!(w.outcome(call), Some(Outcome::Response));
    assert_eq!(w.calls.len(), 1, "the auth server is left alone");
}

#[test]
fn s7_signed_out_requests_go_out_bare_and_their_401_is_the_callers() {
    let mut w = World::new(Stored::Absent);
    assert_eq!(w.engine.ticket(w.now), Pass::Bare);
    let call = w.fetch();
    assert_eq!(w.sends(call), [None]);
    w.respond(call, CHALLENGE);
    assert_eq!(w.outcome(call), Some(Outcome::Response));
    assert!(w.calls.is_empty());
}

#[test]
fn a1_no_refresh_answers_a_redirect_abroad_or_a_step_up() {
    for (left_origin, asks) in [(true, Challenge::Renew), (false, Challenge::StepUp)] {
        let mut w = World::signed_in();
        let call = w.fetch();
        w.respond(call, Reply { left_origin, asks, ..CHALLENGE });
        assert_eq!(w.outcome(call), Some(Outcome::Response));
        assert!(w.calls.is_empty());
        assert_eq!(w.events.contains(&Event::StepUp { call }), asks == Challenge::StepUp);
    }
}

#[test]
fn a2_a_401_of_another_epoch_is_returned_and_clears_nothing() {
    let mut w = World::signed_in();
    let old = w.fetch();
    let stamp = w.engine.stamp();
    w.set_tokens(grant("b1", "rb1"));
    w.respond(old, CHALLENGE);
    assert_eq!(w.outcome(old), Some(Outcome::Response));
    let short = w.engine.challenged(stamp, true, CHALLENGE, w.now).expect("room");
    w.run();
    assert_eq!(w.outcome(short), Some(Outcome::Response));
    assert_eq!(w.engine.access().map(|t| t.0), Some("b1"));
    assert!(w.calls.is_empty());
    assert_eq!(w.stored_access(), Some("b1"));
}

#[test]
fn a3_a_late_401_of_an_older_generation_is_replayed_without_a_refresh() {
    let mut w = World::signed_in();
    let late = w.fetch();
    let early = w.fetch();
    w.respond(early, CHALLENGE);
    w.refreshed("a2", "r2");
    w.respond(late, CHALLENGE);
    assert_eq!(w.sends(late), [Some("a1"), Some("a2")]);
    assert_eq!(w.calls.len(), 1);
}

#[test]
fn a3_a_late_401_during_the_next_refresh_waits_for_it() {
    let mut w = World::signed_in();
    let late = w.fetch();
    let early = w.fetch();
    w.respond(early, CHALLENGE);
    w.refreshed("a2", "r2");
    w.pass(HOUR);
    let third = w.fetch();
    w.respond(late, CHALLENGE);
    assert_eq!(w.sends(late), [Some("a1")]);
    w.refreshed("a3", "r3");
    assert_eq!((w.sends(late), w.sends(third)), (vec![Some("a1"), Some("a3")], vec![Some("a3")]));
}

#[test]
fn a4_the_short_ways_401_joins_the_flight_and_is_replayed() {
    let mut w = World::signed_in();
    let stamp = w.engine.stamp();
    let calls: Vec<_> = (0..3).map(|_| w.engine.challenged(stamp, true, CHALLENGE, w.now).expect("room")).collect();
    w.run();
    assert_eq!(w.calls.len(), 1);
    w.refreshed("a2", "r2");
    for call in calls {
        assert_eq!(w.sends(call), [Some("a2")]);
    }
}

#[test]
fn a5_a_replays_401_is_the_callers_and_starts_nothing() {
    let (mut w, call) = World::refreshing();
    w.refreshed("a2", "r2");
    w.respond(call, CHALLENGE);
    assert_eq!(w.sends(call), [Some("a1"), Some("a2")]);
    assert_eq!(w.outcome(call), Some(Outcome::Response));
    assert_eq!(w.calls.len(), 1);
}

#[test]
fn a5_max_replays_bounds_how_often_a_request_is_sent() {
    for max_replays in 0..=3u8 {
        let mut w = World::with(Policy { max_replays, ..policy() }, Stored::Record(record(1, "a1", "r1")));
        let call = w.fetch();
        let tokens = ["a2", "a3", "a4", "a5"];
        for token in tokens.iter().take(usize::from(max_replays)) {
            w.respond(call, CHALLENGE);
            // A token that worked elsewhere in between is no fresh token rejected.
            w.refreshed(token, "");
            w.engine.handle_proven(w.engine.stamp(), 0);
        }
        w.respond(call, CHALLENGE);
        assert_eq!(w.outcome(call), Some(Outcome::Response), "{max_replays}");
        assert_eq!(w.sends(call).len(), usize::from(max_replays) + 1);
    }
}

#[test]
fn a_stream_waits_for_a_token_known_to_be_good_and_is_sent_once() {
    let mut w = World::signed_in();
    w.pass(HOUR - 1_000);
    let stream = w.open(Want::Fetch { replayable: false });
    assert_eq!(w.sends(stream), [], "it waits even in the advisory window");
    w.refreshed("a2", "r2");
    assert_eq!(w.sends(stream), [Some("a2")]);
    w.engine.handle_proven(w.engine.stamp(), 0);
    w.respond(stream, CHALLENGE);
    assert_eq!(w.outcome(stream), Some(Outcome::Response), "its 401 is returned …");
    assert_eq!(w.calls.len(), 2, "… and starts the refresh all the same");
}

#[test]
fn the_queue_is_bounded_and_what_does_not_fit_gets_an_answer() {
    let mut w = World::with(Policy { max_waiting: 2, ..policy() }, Stored::Record(record(1, "a1", "r1")));
    let sent: Vec<_> = (0..3).map(|_| w.fetch()).collect();
    for call in &sent {
        w.respond(*call, CHALLENGE);
    }
    assert_eq!(w.outcome(sent[2]), Some(Outcome::Response), "its own 401");
    let held = w.fetch();
    assert_eq!(w.outcome(held), Some(Outcome::Error(Code::QueueFull)));
    assert_eq!(w.engine.waiting_calls(), 2);
}

#[test]
fn calls_made_before_the_store_has_answered_wait_for_it() {
    let mut w = World::new(Stored::Absent);
    w.engine = relatch_engine::Engine::new(policy(), 1, w.now);
    let call = w.engine.open(Want::Fetch { replayable: true }, w.now).expect("room");
    assert_eq!(w.engine.ticket(w.now), Pass::Hold);
    w.store = Stored::Record(record(1, "a1", "r1"));
    w.run();
    assert_eq!(w.sends(call), [Some("a1")]);
}

#[test]
fn s5_max_wait_is_for_all_the_holds_of_a_call_together() {
    let policy = Policy { max_wait_ms: 5_000, max_replays: 2, ..policy() };
    let mut w = World::with(policy, Stored::Record(record(1, "a1", "r1")));
    w.pass(HOUR);
    let call = w.fetch();
    w.pass(3_000);
    w.refreshed("a2", "r2");
    // The time at the server is none of it.
    w.pass(60_000);
    w.respond(call, CHALLENGE);
    let other = w.fetch();
    w.pass(1_000);
    w.refreshed("a3", "r3");
    w.respond(call, CHALLENGE);
    assert_eq!(w.engine.deadline(), Some(w.now.mono_ms + 1_000));
    w.pass(999);
    assert_eq!(w.outcome(call), None);
    w.pass(1);
    assert_eq!(w.outcome(call), Some(Outcome::Response), "3 + 1 + 1 seconds");
    assert_eq!((w.sends(call), w.sends(other)), (vec![Some("a2"), Some("a3")], vec![Some("a3")]));
    assert!(w.engine.is_refreshing(), "the flight goes on");
}

/// Those that were held before have less time left, and are let go before those that came earlier into this hold.
#[test]
fn s5_who_was_held_before_does_not_wait_behind_who_was_not() {
    let policy = Policy { max_wait_ms: 5_000, ..policy() };
    let mut w = World::with(policy, Stored::Record(record(1, "a1", "r1")));
    w.pass(HOUR);
    let (long, short) = (w.fetch(), {
        w.pass(2_000);
        w.fetch()
    });
    w.pass(1_000);
    w.refreshed("a2", "r2");
    let first = w.engine.stamp();
    let new: Vec<_> = (0..3).map(|_| w.engine.challenged(first, true, CHALLENGE, w.now).expect("room")).collect();
    w.run();
    for call in [short, long] {
        w.respond(call, CHALLENGE);
    }
    w.pass(2_000);
    assert_eq!([w.outcome(long), w.outcome(short), w.outcome(new[0])], [Some(Outcome::Response), None, None]);
    w.pass(2_000);
    assert_eq!([w.outcome(short), w.outcome(new[0])], [Some(Outcome::Response), None]);
    w.pass(1_000);
    assert!(new.iter().all(|call| w.outcome(*call) == Some(Outcome::Response)));
    assert_eq!(w.engine.waiting_calls(), 0);
}

#[test]
fn s4_none_is_started_in_advance_from_pagehide_until_the_page_is_shown_again() {
    let mut w = World::signed_in();
    w.pass(HOUR - 1_000);
    w.engine.handle_leaving();
    let call = w.fetch();
    assert_eq!(w.sends(call), [Some("a1")]);
    assert_eq!(w.engine.ticket(w.now), Pass::With(w.engine.stamp()));
    w.engine.handle_wake(true, w.now);
    w.run();
    assert!(w.calls.is_empty());
    w.engine.handle_wake(false, w.now);
    w.run();
    assert_eq!(w.calls.last().map(|c| c.2), Some(Reason::Advisory));
}

#[test]
fn s4_on_the_way_out_a_call_that_needs_a_token_gets_one_all_the_same() {
    let mut w = World::signed_in();
    w.engine.handle_leaving();
    w.pass(HOUR);
    let call = w.fetch();
    w.refreshed("a2", "r2");
    assert_eq!(w.sends(call), [Some("a2")]);
}
