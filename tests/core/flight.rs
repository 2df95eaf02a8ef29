//! G1, G3…G8: the one refresh.

use relatch_engine::{Answer, Code, Effect, Event, Failure, Grant, Outcome, Policy, Reason, Stored, Token as _, Want};

use crate::world::{CHALLENGE, HOUR, OK, Tok, World, grant, policy, record, transient};

#[test]
fn g1_a_hundred_401s_of_one_generation_start_exactly_one_flight() {
    let mut w = World::signed_in();
    let calls: Vec<_> = (0..100).map(|_| w.fetch()).collect();
    for call in &calls {
        w.respond(*call, CHALLENGE);
    }
    assert_eq!(w.calls.len(), 1);
    w.refreshed("a2", "r2");
    for call in &calls {
        assert_eq!(w.sends(*call), [Some("a1"), Some("a2")]);
        w.respond(*call, OK);
        assert_eq!(w.outcome(*call), Some(Outcome::Response));
    }
    assert_eq!(w.engine.live_calls(), 0);
    let replays: Vec<_> = w.sent.iter().skip(100).map(|s| s.0).collect();
    assert_eq!(replays, calls, "G5: in order");
}

#[test]
fn g1_the_lock_is_held_for_read_call_and_write_and_given_back_before_the_waiters_go() {
    let (mut w, _) = World::refreshing();
    assert_eq!((w.locks.len(), w.unlocks.len()), (1, 0));
    w.refreshed("a2", "r2");
    assert_eq!(w.unlocks, w.locks);
}

#[test]
fn g1_under_the_lock_another_tabs_tokens_are_adopted_and_nothing_is_called() {
    let mut w = World::signed_in();
    let call = w.fetch();
    w.store = Stored::Record(record(2, "a2", "r2"));
    w.respond(call, CHALLENGE);
    assert!(w.calls.is_empty());
    assert_eq!(w.sends(call), [Some("a1"), Some("a2")]);
    assert_eq!(w.unlocks.len(), 1);
}

#[test]
fn g1_another_tabs_tokens_that_have_expired_too_give_the_refresh_token_to_send() {
    let mut w = World::signed_in();
    w.pass(2 * HOUR);
    w.store = Stored::Record(record(2, "a2", "r2"));
    let call = w.fetch();
    assert_eq!(w.calls.last().map(|c| c.1), Some(Tok("r2")), "a rotated token is never sent");
    w.refreshed("a3", "r3");
    assert_eq!(w.sends(call), [Some("a3")]);
}

#[test]
fn g1_the_lock_is_waited_for_with_a_bound() {
    let mut w = World::signed_in();
    w.locks_at_once = false;
    let call = w.fetch();
    w.respond(call, CHALLENGE);
    assert_eq!(w.engine.deadline(), Some(w.now.mono_ms + policy().lock_wait_ms));
    w.pass(policy().lock_wait_ms);
    assert_eq!(w.failures(), [Code::LockTimeout]);
    assert_eq!(w.outcome(call), Some(Outcome::Response));
    assert_eq!(w.unlocks, w.locks, "nobody asks any more");
    let late = w.locks[0];
    w.engine.handle_lock(late, true, w.now);
    w.run();
    assert!(w.calls.is_empty(), "a lock that comes too late is for nobody");
}

#[test]
fn g1_a_store_of_its_own_needs_no_lock() {
    let mut w = World::with(Policy::default(), Stored::Record(record(1, "a1", "r1")));
    let call = w.fetch();
    w.respond(call, CHALLENGE);
    assert!(w.locks.is_empty());
    assert_eq!(w.calls.len(), 1);
}

#[test]
fn g3_a_caller_who_aborts_leaves_at_once_and_the_flight_goes_on() {
    let (mut w, first) = World::refreshing();
    let second = w.fetch();
    w.engine.handle_abort(second);
    w.run();
    assert_eq!(w.outcome(second), Some(Outcome::Aborted));
    w.engine.handle_abort(second);
    w.run();
    w.refreshed("a2", "r2");
    assert_eq!(w.sends(second), []);
    assert_eq!(w.sends(first).len(), 2);
}

#[test]
fn g3_g7_a_refresh_that_says_nothing_for_30_s_is_aborted_and_the_next_reads_the_store_first() {
    let (mut w, call) = World::refreshing();
    w.pass(29_999);
    assert!(w.aborted.is_empty());
    w.pass(1);
    assert_eq!(w.aborted.len(), 1);
    assert_eq!(w.outcome(call), Some(Outcome::Response));
    assert_eq!(w.failures(), [Code::RefreshTimeout]);
    let late = w.calls[0].0;
    w.engine.handle_answer(late, Answer::Tokens(grant("late", "late")), w.now);
    w.run();
    assert_eq!(w.engine.access(), Some(&Tok("a1")));
    // The server had rotated, and another tab got the answer.
    w.store = Stored::Record(record(2, "a2", "r2"));
    w.pass(60_000);
    let next = w.fetch();
    assert_eq!(w.calls.len(), 1);
    assert_eq!(w.sends(next), [Some("a2")]);
}

#[test]
fn g4_a_blank_a_rejected_or_a_dead_token_is_no_success() {
    let dead = Grant { lifetime_ms: Some(0), ..grant("a2", "") };
    for bad in [grant("  ", ""), grant("a1", "r1"), grant("a1", " "), dead] {
        assert!(bad.access.is_blank() || bad.access == Tok("a1") || bad.lifetime_ms == Some(0));
        let (mut w, call) = World::refreshing();
        w.answer(Answer::Tokens(bad));
        assert_eq!(w.outcome(call), Some(Outcome::Response));
        assert_eq!(w.failures(), [Code::RefreshFailed]);
        assert!(w.events.iter().any(|e| matches!(e, Event::Failed { status: 200, .. })), "the server did answer");
        assert_eq!((w.stored_access(), w.writes), (Some("a1"), 0), "tokens are kept");
    }
}

#[test]
fn g4_a_refresh_token_is_kept_even_if_the_access_token_beside_it_is_worth_nothing() {
    let dead = Grant { lifetime_ms: Some(0), ..grant("a2", "r2") };
    for bad in [grant("  ", "r2"), grant("a1", "r2"), dead] {
        let (mut w, call) = World::refreshing();
        w.answer(Answer::Tokens(bad));
        assert_eq!(w.sends(call), [Some("a1")], "no replay with it");
        assert_eq!(w.outcome(call), Some(Outcome::Response));
        assert_eq!(w.failures(), [Code::RefreshFailed]);
        assert!(w.events.iter().any(|e| matches!(e, Event::Failed { status: 200, .. })), "the server did answer");
        assert_eq!((w.stored_access(), w.writes), (Some("a1"), 1), "the access token is kept");
        assert!(w.engine.retry_in_ms(w.now) >= 200, "G7");
        assert_eq!(w.unlocks.len(), 1);
        w.pass(60_000);
        let next = w.fetch();
        assert_eq!(w.calls.last().map(|c| c.1), Some(Tok("r2")), "a rotated token is never sent again");
        w.refreshed("a3", "r3");
        assert_eq!(w.sends(next), [Some("a3")]);
    }
}

#[test]
fn g4_the_same_token_is_good_enough_for_a_refresh_in_advance() {
    let mut w = World::signed_in();
    w.pass(HOUR - 1_000);
    w.fetch();
    w.refreshed("a1", "");
    assert!(w.failures().is_empty());
    assert_eq!(w.engine.record().map(|r| r.generation), Some(2));
}

#[test]
fn g4_without_a_refresh_token_in_the_answer_the_old_one_stays() {
    for answer in [grant("a2", ""), grant("a2", " ")] {
        let (mut w, _) = World::refreshing();
        w.answer(Answer::Tokens(answer));
        assert_eq!(w.engine.record().and_then(|r| r.refresh), Some(Tok("r1")));
    }
}

#[test]
fn g5_memory_then_storage_then_the_waiters() {
    let (mut w, call) = World::refreshing();
    w.refreshed("a2", "r2");
    assert_eq!((w.stored_access(), w.writes), (Some("a2"), 1));
    assert_eq!(w.sends(call), [Some("a1"), Some("a2")]);
    assert!(matches!(
        w.events[..],
        [
            Event::Held { .. },
            Event::Refreshed { generation: 2, reason: Reason::Rejected, waiting: 1, .. },
            Event::Replayed { .. }
        ]
    ));
}

#[test]
fn g5_a_flight_that_lands_after_a_logout_is_discarded() {
    let (mut w, call) = World::refreshing();
    w.clear();
    assert_eq!(w.outcome(call), Some(Outcome::Response), "its own 401");
    assert_eq!((w.aborted.len(), w.unlocks.len()), (1, 1));
    w.refreshed("a2", "r2");
    assert_eq!((w.store.clone(), w.writes), (Stored::Absent, 0));
    assert!(w.engine.record().is_none());
}

#[test]
fn g5_a_flight_that_lands_after_a_login_is_discarded_and_the_held_go_out_bare() {
    let mut w = World::signed_in();
    w.pass(HOUR);
    let held = w.fetch();
    w.set_tokens(grant("b1", "rb1"));
    assert_eq!(w.sends(held), [None], "never as somebody else");
    w.refreshed("a2", "r2");
    assert_eq!(w.stored_access(), Some("b1"));
    let next = w.fetch();
    assert_eq!(w.sends(next), [Some("b1")]);
}

#[test]
fn g5_a_logout_in_another_tab_seen_only_at_the_end_discards_too() {
    let (mut w, call) = World::refreshing();
    w.store = Stored::Absent;
    w.refreshed("a2", "r2");
    assert_eq!((w.store.clone(), w.writes), (Stored::Absent, 0));
    assert_eq!(w.outcome(call), Some(Outcome::Response));
}

#[test]
fn g7_every_other_failure_keeps_the_tokens_and_gives_each_its_own_401() {
    for status in [0, 200, 400, 403, 404, 408, 429, 500, 502, 503] {
        let (mut w, call) = World::refreshing();
        w.answer(transient(status));
        assert_eq!(w.outcome(call), Some(Outcome::Response));
        assert_eq!((w.stored_access(), w.removals, w.writes), (Some("a1"), 0, 0));
        assert!(
            matches!(w.events.last(), Some(Event::Failed { code: Code::RefreshFailed, status: s, .. }) if *s == status)
        );
    }
}

#[test]
fn g8_held_calls_that_were_never_sent_go_out_after_a_failure_and_start_nothing() {
    let mut w = World::signed_in();
    w.pass(HOUR);
    let calls: Vec<_> = (0..5).map(|_| w.fetch()).collect();
    w.answer(transient(500));
    for call in calls {
        assert_eq!(w.sends(call), [Some("a1")]);
        w.respond(call, CHALLENGE);
        assert_eq!(w.outcome(call), Some(Outcome::Response));
    }
    assert_eq!(w.calls.len(), 1);
}

#[test]
fn g5_tokens_that_came_slower_than_they_live_are_used_once_and_start_no_loop() {
    let mut w = World::signed_in();
    w.pass(HOUR);
    let call = w.fetch();
    let token = w.open(Want::Token { min_validity_ms: 0 });
    w.pass(3_000);
    w.answer(Answer::Tokens(Grant { lifetime_ms: Some(2_000), ..grant("a2", "r2") }));
    assert_eq!(w.sends(call), [Some("a2")], "the server decides");
    assert_eq!(w.outcome(token), Some(Outcome::Token));
    assert_eq!((w.calls.len(), w.locks.len()), (1, 1));
}

#[test]
fn g1_listeners_hear_of_a_refresh_when_the_lock_was_given_back() {
    for answer in [Answer::Tokens(grant("a2", "r2")), transient(500)] {
        let (mut w, _) = World::refreshing();
        let flight = w.calls[0].0;
        w.engine.handle_answer(flight, answer, w.now);
        let mut unlocked = false;
        while let Some(effect) = w.engine.poll() {
            match effect {
                Effect::Read { flight } => w.engine.handle_read(flight, w.store.clone(), w.now),
                Effect::Write { flight, .. } => w.engine.handle_written(flight, true, w.now),
                Effect::ReadMark { flight, .. } => w.engine.handle_mark(flight, None, w.now),
                Effect::Unlock { .. } => unlocked = true,
                Effect::Dispatch(Event::Refreshed { .. } | Event::Failed { .. }) => assert!(unlocked),
                _ => {}
            }
        }
        assert!(unlocked);
    }
}

#[test]
fn an_engine_says_whether_there_is_something_to_carry_out() {
    let mut w = World::signed_in();
    assert!(relatch_engine::Engine::<Tok>::new(policy(), 1, w.now).has_effects(), "the first look");
    assert!(!w.engine.has_effects());
    w.pass(HOUR);
    w.fetch();
    w.fetch();
    w.engine.handle_answer(w.calls[0].0, transient(500), w.now);
    let mut effects = 0;
    while w.engine.has_effects() {
        assert!(w.engine.poll().is_some());
        effects += 1;
    }
    assert_eq!(w.engine.poll(), None);
    assert_eq!(effects, 4, "lock, event, and both calls, which are released one at a time");
}

#[test]
fn a4_without_replays_a_401_still_starts_the_refresh_for_the_next_request() {
    let mut w = World::with(Policy { max_replays: 0, ..policy() }, Stored::Record(record(1, "a1", "r1")));
    let call = w.fetch();
    w.respond(call, CHALLENGE);
    assert_eq!(w.outcome(call), Some(Outcome::Response));
    assert_eq!(w.calls.len(), 1);
    w.refreshed("a2", "r2");
    let next = w.fetch();
    assert_eq!((w.sends(call), w.sends(next)), (vec![Some("a1")], vec![Some("a2")]));
}

#[test]
fn close_settles_all_who_wait_and_lets_the_flight_land() {
    let (mut w, sent) = World::refreshing();
    let held = w.fetch();
    let token = w.open(Want::Token { min_validity_ms: 0 });
    w.engine.close(w.now);
    w.run();
    assert_eq!(w.outcome(sent), Some(Outcome::Response));
    assert_eq!(w.outcome(held), Some(Outcome::Error(Code::Closed)));
    assert_eq!(w.outcome(token), Some(Outcome::Error(Code::Closed)));
    w.refreshed("a2", "r2");
    assert_eq!(w.stored_access(), Some("a2"), "a rotated refresh token must not be lost");
    assert_eq!(w.unlocks.len(), 1);
    let late = w.fetch();
    assert_eq!(w.outcome(late), Some(Outcome::Error(Code::Closed)));
}

#[test]
fn words_about_calls_that_are_over_reach_nobody_else() {
    let mut w = World::signed_in();
    let first = w.fetch();
    w.respond(first, OK);
    let second = w.fetch();
    assert_eq!(first.index(), second.index());
    assert_ne!(first, second);
    w.respond(first, CHALLENGE);
    w.engine.handle_abort(first);
    w.engine.handle_failure(first);
    w.run();
    assert_eq!(w.outcome(second), None);
    assert!(w.calls.is_empty());
}

#[test]
fn g3_a_late_answer_of_a_flight_that_timed_out_is_not_taken_for_the_next_ones() {
    let (mut w, _) = World::refreshing();
    let late = w.calls[0].0;
    w.pass(30_000);
    w.pass(60_000);
    let call = w.fetch();
    assert_eq!(w.calls.len(), 2);
    let due = w.engine.deadline();
    w.pass(1_000);
    w.engine.handle_answer(late, Answer::Tokens(grant("a9", "r9")), w.now);
    w.run();
    assert_eq!((w.outcome(call), w.stored_access()), (None, Some("a1")));
    assert_eq!(w.engine.deadline(), due, "it moves nothing");
    w.refreshed("a2", "r2");
    assert_eq!(w.sends(call), [Some("a2")]);
}

#[test]
fn an_engine_and_a_waiting_call_are_small() {
    assert!(size_of::<relatch_engine::Engine<u32>>() <= 512, "{}", size_of::<relatch_engine::Engine<u32>>());
    let terminal = Failure { terminal: true, status: 401, retry_after_ms: None };
    assert!(size_of_val(&terminal) <= 32);
}

#[test]
fn an_engine_at_rest_keeps_no_memory_of_the_calls_it_had() {
    let (mut w, call) = World::refreshing();
    assert!(!format!("{:?}", w.engine).contains("slots: []"));
    w.refreshed("a2", "r2");
    w.respond(call, OK);
    assert!(format!("{:?}", w.engine).contains("slots: []"));
    let next = w.fetch();
    assert_ne!(next, call, "a late word about the earlier call does not reach the next one");
}
