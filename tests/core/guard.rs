//! G2 and G7: when not to refresh.

use relatch_engine::{Answer, Code, Event, Failure, Outcome, Policy, Stored, Want};

use crate::world::{CHALLENGE, HOUR, OK, World, grant, record, transient};

fn retry_in(w: &World) -> u64 {
    match w.events.iter().rev().find(|e| matches!(e, Event::Failed { .. })) {
        Some(Event::Failed { retry_in_ms, .. }) => *retry_in_ms,
        _ => panic!("no failure was told"),
    }
}

#[test]
fn g7_the_backoff_is_drawn_within_bounds_that_double_up_to_a_minute() {
    let mut ceilings = vec![];
    let mut w = World::signed_in();
    w.pass(HOUR);
    for n in 0..10 {
        w.pass(61_000);
        w.fetch();
        w.answer(transient(500));
        let wait = retry_in(&w);
        let ceiling = (1_000 << n).min(60_000);
        assert!((200..=ceiling).contains(&wait), "{n}: {wait}");
        assert_eq!(wait, w.engine.retry_in_ms(w.now));
        ceilings.push(wait);
    }
    assert!(ceilings.windows(2).any(|p| p[0] != p[1]), "drawn, not fixed");
}

#[test]
fn g7_retry_after_wins_within_the_least_backoff_and_an_hour() {
    for (given, expected) in [(5_000, 5_000), (0, 200), (10 * HOUR, HOUR)] {
        let (mut w, _) = World::refreshing();
        w.answer(Answer::Failed(Failure { terminal: false, status: 429, retry_after_ms: Some(given) }));
        assert_eq!(retry_in(&w), expected);
    }
}

#[test]
fn g7_a_retry_after_in_the_past_does_not_let_each_late_401_start_a_refresh() {
    let mut w = World::signed_in();
    let calls: Vec<_> = (0..20).map(|_| w.fetch()).collect();
    for (n, call) in calls.into_iter().enumerate() {
        w.respond(call, CHALLENGE);
        if n == 0 {
            w.answer(Answer::Failed(Failure { terminal: false, status: 429, retry_after_ms: Some(0) }));
        }
        assert_eq!(w.outcome(call), Some(Outcome::Response));
    }
    assert_eq!(w.calls.len(), 1);
}

#[test]
fn g7_a_wish_for_a_longer_life_leaves_the_auth_server_alone_in_backoff() {
    let mut w = World::signed_in();
    w.pass(HOUR / 2);
    w.open(Want::Token { min_validity_ms: HOUR });
    w.answer(Answer::Failed(Failure { terminal: false, status: 429, retry_after_ms: Some(60_000) }));
    let again = w.open(Want::Token { min_validity_ms: HOUR });
    assert_eq!(w.outcome(again), Some(Outcome::Error(Code::RefreshFailed)));
    assert_eq!(w.calls.len(), 1);
    let enough = w.open(Want::Token { min_validity_ms: 1_000 });
    assert_eq!(w.outcome(enough), Some(Outcome::Token), "the token itself is good");
}

#[test]
fn g7_online_ends_a_drawn_backoff_but_not_a_named_one() {
    for (retry_after_ms, woken) in [(None, true), (Some(30_000), false)] {
        let (mut w, _) = World::refreshing();
        w.answer(Answer::Failed(Failure { terminal: false, status: 503, retry_after_ms }));
        w.engine.handle_wake(true, w.now);
        w.run();
        assert_eq!(w.calls.len() == 2, woken);
    }
}

#[test]
fn a_page_that_becomes_visible_looks_at_the_window() {
    let mut w = World::signed_in();
    w.engine.handle_wake(false, w.now);
    w.run();
    assert!(w.calls.is_empty(), "a fresh token needs nothing");
    w.pass(8 * HOUR);
    w.engine.handle_wake(false, w.now);
    w.run();
    let calls: Vec<_> = (0..20).map(|_| w.fetch()).collect();
    assert_eq!(w.calls.len(), 1, "after a sleep of 8 h, 20 calls wait for one refresh");
    w.refreshed("a2", "r2");
    assert!(calls.iter().all(|c| w.sends(*c) == [Some("a2")]));
}

/// Rejects the current token by the API although it was just refreshed.
fn reject_fresh(w: &mut World, token: &'static str) {
    let call = w.fetch();
    w.respond(call, CHALLENGE);
    w.refreshed(token, "");
    w.respond(call, CHALLENGE);
    assert_eq!(w.outcome(call), Some(Outcome::Response));
}

#[test]
fn g2_three_fresh_tokens_rejected_in_a_row_put_refreshing_on_hold_and_a_login_lifts_it() {
    let mut w = World::signed_in();
    for token in ["a2", "a3", "a4"] {
        w.pass(31_000);
        reject_fresh(&mut w, token);
    }
    assert_eq!(w.failures(), [Code::FreshTokensRejected]);
    assert_eq!(w.engine.retry_in_ms(w.now), 30_000);
    let call = w.fetch();
    w.respond(call, CHALLENGE);
    assert_eq!(w.outcome(call), Some(Outcome::Response));
    let forced = w.open(Want::Refresh);
    assert_eq!(w.outcome(forced), Some(Outcome::Error(Code::FreshTokensRejected)));
    assert_eq!(w.calls.len(), 3);
    w.set_tokens(grant("b1", "rb1"));
    assert_eq!(w.engine.retry_in_ms(w.now), 0);
}

#[test]
fn g2_the_hold_doubles() {
    let mut w = World::signed_in();
    let mut holds = vec![];
    let mut tokens = (0..).map(|i| if i % 2 == 0 { "x" } else { "y" });
    for _ in 0..3 {
        for token in tokens.by_ref().take(3) {
            w.pass(31_000);
            reject_fresh(&mut w, token);
        }
        holds.push(w.engine.retry_in_ms(w.now));
        w.pass(*holds.last().expect("one"));
    }
    assert_eq!(holds, [30_000, 60_000, 120_000]);
}

#[test]
fn g2_a_token_that_worked_in_between_is_no_strike() {
    let mut w = World::signed_in();
    for token in ["a2", "a3", "a4", "a5"] {
        w.pass(31_000);
        let good = w.fetch();
        w.respond(good, OK);
        reject_fresh(&mut w, token);
    }
    // Each of these generations was proven by the next round's first request.
    assert!(w.failures().is_empty());
}

#[test]
fn g2_a_long_lived_token_that_is_rejected_hours_after_its_refresh_is_no_strike() {
    let month = 30 * 24 * HOUR;
    let mut w = World::signed_in();
    for token in ["a2", "a3", "a4", "a5"] {
        w.pass(HOUR);
        let call = w.fetch();
        w.respond(call, CHALLENGE);
        w.answer(Answer::Tokens(relatch_engine::Grant { lifetime_ms: Some(month), ..grant(token, "") }));
        // The replay's connection drops, so that nothing is known of the new token.
        w.engine.handle_failure(call);
        w.run();
    }
    assert!(w.failures().is_empty());
}

#[test]
fn g2_a_hundred_replays_that_get_a_401_are_one_strike() {
    let mut w = World::signed_in();
    let calls: Vec<_> = (0..100).map(|_| w.fetch()).collect();
    for call in &calls {
        w.respond(*call, CHALLENGE);
    }
    w.refreshed("a2", "r2");
    for call in &calls {
        w.respond(*call, CHALLENGE);
    }
    assert!(w.failures().is_empty());
    assert_eq!(w.calls.len(), 1);
}

#[test]
fn g2_the_sixth_unearned_start_within_30_s_is_refused() {
    let mut w = World::signed_in();
    for token in ["a2", "a3", "a4", "a5", "a6"] {
        let call = w.open(Want::Refresh);
        w.refreshed(token, "");
        assert_eq!(w.outcome(call), Some(Outcome::Done));
    }
    let sixth = w.open(Want::Refresh);
    assert_eq!(w.outcome(sixth), Some(Outcome::Error(Code::RefreshRateLimited)));
    assert_eq!(w.failures(), [Code::RefreshRateLimited]);
    w.pass(30_000);
    let later = w.open(Want::Refresh);
    assert_eq!(w.outcome(later), None);
    assert_eq!(w.calls.len(), 6);
}

#[test]
fn another_tabs_refresh_fits_into_the_wait_for_the_lock_and_both_into_the_hold() {
    let policy = Policy { max_replays: 2, ..Policy::default() }.with_refresh_timeout(10_000);
    assert_eq!((policy.refresh_timeout_ms, policy.lock_wait_ms, policy.max_wait_ms), (10_000, 15_000, 20_000));
    assert_eq!(policy.max_replays, 2);
}

#[test]
fn g2_a_start_every_10_s_is_no_excess_however_long_it_goes_on() {
    let mut w = World::signed_in();
    for n in 0..60 {
        let call = w.open(Want::Refresh);
        w.refreshed(if n % 2 == 0 { "x" } else { "y" }, "");
        assert_eq!(w.outcome(call), Some(Outcome::Done), "{n}");
        w.pass(10_000);
    }
}

#[test]
fn g7_the_draw_is_from_the_least_to_the_ceiling_both_included() {
    let mut w = World::signed_in();
    w.engine = relatch_engine::Engine::new(crate::world::policy(), 1_234_567, w.now);
    w.run();
    let call = w.fetch();
    w.respond(call, CHALLENGE);
    w.answer(transient(500));
    // The generator's first output.
    assert_eq!(retry_in(&w), 200 + 6_457_827_717_110_365_317 % 801);
}

#[test]
fn g7_a_success_ends_the_backoff_and_what_it_had_grown_to() {
    for seed in 0..20 {
        let mut w = World::signed_in();
        w.engine = relatch_engine::Engine::new(crate::world::policy(), seed, w.now);
        w.run();
        for _ in 0..4 {
            w.pass(61_000);
            w.open(Want::Refresh);
            w.answer(transient(500));
        }
        w.open(Want::Refresh);
        w.refreshed("a2", "r2");
        assert_eq!(w.engine.retry_in_ms(w.now), 0);
        w.pass(61_000);
        w.open(Want::Refresh);
        w.answer(transient(500));
        assert!(retry_in(&w) <= 1_000, "{}", retry_in(&w));
    }
}

#[test]
fn g2_a_lifetime_of_2_s_is_no_excess() {
    let mut w =
        World::new(Stored::Record(relatch_engine::Record { lifetime_ms: Some(2_000), ..record(1, "a1", "r1") }));
    for n in 0..30 {
        w.pass(2_000);
        let call = w.fetch();
        let token = if n % 2 == 0 { "x" } else { "y" };
        w.answer(Answer::Tokens(relatch_engine::Grant { lifetime_ms: Some(2_000), ..grant(token, "") }));
        assert_eq!(w.sends(call), [Some(token)], "{n}");
        w.respond(call, OK);
    }
    assert!(w.failures().is_empty());
}

#[test]
fn g2_a_start_is_refunded_when_what_it_brought_was_accepted() {
    let mut w = World::signed_in();
    for n in 0..20 {
        let call = w.fetch();
        w.respond(call, CHALLENGE);
        w.refreshed(if n % 2 == 0 { "x" } else { "y" }, "");
        w.respond(call, OK);
        assert_eq!((w.sends(call).len(), w.outcome(call)), (2, Some(Outcome::Response)), "{n}");
    }
    assert_eq!((w.calls.len(), w.failures()), (20, vec![]));
}

#[test]
fn g2_a_token_taken_out_of_the_store_and_one_call_as_often_as_one_likes() {
    let mut w = World::signed_in();
    for n in 0..20 {
        let Stored::Record(kept) = w.store.clone() else { panic!("signed in") };
        w.changed(Stored::Record(relatch_engine::Record { access: None, ..kept }));
        let call = w.fetch();
        let token = if n % 2 == 0 { "x" } else { "y" };
        w.refreshed(token, "");
        assert_eq!(w.sends(call), [Some(token)], "{n}");
        w.respond(call, OK);
    }
    assert_eq!((w.calls.len(), w.failures()), (20, vec![]));
}

#[test]
fn g2_a_start_that_found_another_tabs_tokens_is_refunded_when_they_work() {
    let mut w = World::signed_in();
    for generation in 2..22 {
        let call = w.fetch();
        w.reads_at_once = false;
        w.respond(call, CHALLENGE);
        w.reads_at_once = true;
        let token = if generation % 2 == 0 { "x" } else { "y" };
        let flight = w.open_reads.pop().expect("the flight looks into the store");
        let theirs = relatch_engine::Record { obtained_at_ms: w.now.wall_ms, ..record(generation, token, "r") };
        w.store = Stored::Record(theirs);
        w.engine.handle_read(Some(flight), w.store.clone(), w.now);
        w.run();
        w.respond(call, OK);
        assert_eq!(w.sends(call).last(), Some(&Some(token)), "{generation}");
    }
    assert_eq!((w.calls.len(), w.failures()), (0, vec![]));
}

#[test]
fn g2_what_nobody_waited_for_refunds_nothing() {
    let mut w = World::signed_in();
    for token in ["a2", "a3", "a4", "a5", "a6"] {
        w.open(Want::Refresh);
        w.refreshed(token, "");
        let call = w.fetch();
        w.respond(call, OK);
        w.engine.handle_proven(w.engine.stamp(), 0);
    }
    let sixth = w.open(Want::Refresh);
    assert_eq!(w.outcome(sixth), Some(Outcome::Error(Code::RefreshRateLimited)), "a circle of the application's own");
}

#[test]
fn g2_a_refund_gives_back_the_start_that_brought_the_token_and_no_other() {
    let mut w = World::signed_in();
    for token in ["a2", "a3", "a4"] {
        w.open(Want::Refresh);
        w.refreshed(token, "");
        w.pass(1_000);
    }
    let call = w.fetch();
    w.respond(call, CHALLENGE);
    w.refreshed("a5", "");
    w.pass(1_000);
    w.open(Want::Refresh);
    w.refreshed("a6", "");
    w.respond(call, OK);
    // Three before it and one after it are left: one more may start, and then none before the first is 30 s old.
    w.open(Want::Refresh);
    w.refreshed("a7", "");
    let refused = w.open(Want::Refresh);
    assert_eq!(w.outcome(refused), Some(Outcome::Error(Code::RefreshRateLimited)));
    assert_eq!(w.calls.len(), 6);
}
