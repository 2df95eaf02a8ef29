//! Lifetimes, windows, and clocks that are wrong.

use relatch_engine::expiry::{advisory_window_ms, lifetime_ms};
use relatch_engine::{Grant, Now, Pass, Record, Stored};

use crate::world::{HOUR, World, grant, record};

#[test]
fn the_lifetime_is_expires_in_else_exp_minus_iat_else_unknown() {
    for (expires_in, iat, exp, expected) in [
        (Some(60.0), None, None, Some(60_000)),
        (Some(60.0), Some(100.0), Some(900.0), Some(60_000)),
        (None, Some(100.0), Some(900.0), Some(800_000)),
        (None, None, Some(900.0), None),
        (None, Some(100.0), None, None),
        (Some(f64::NAN), Some(100.0), Some(900.0), Some(800_000)),
        (Some(f64::INFINITY), None, None, None),
        (Some(-5.0), None, None, Some(0)),
        (None, Some(900.0), Some(100.0), Some(0)),
        (Some(0.5), None, None, Some(500)),
        (Some(1e300), None, None, Some(1_000_000_000_000)),
        (None, None, None, None),
        (None, Some(0.0), Some(60.0), Some(60_000)),
        (None, Some(0.0), Some(f64::INFINITY), None),
        (None, Some(-f64::MAX), Some(f64::MAX), None),
    ] {
        assert_eq!(lifetime_ms(expires_in, iat, exp), expected, "{expires_in:?} {iat:?} {exp:?}");
    }
}

#[test]
fn the_advisory_window_is_two_fifths_of_the_lifetime_within_bounds() {
    for (lifetime, window) in [
        (2_000, 1_000),
        (10_000, 5_000),
        (20_000, 8_000),
        (60_000, 24_000),
        (300_000, 120_000),
        (HOUR, 1_440_000),
        (30 * 24 * HOUR, 12 * 24 * HOUR),
        (0, 0),
    ] {
        assert_eq!(advisory_window_ms(lifetime), window, "{lifetime}");
    }
}

#[test]
fn the_window_of_a_token_of_2_ms_may_open_at_once_or_a_millisecond_before_the_end() {
    let start = Now { wall_ms: 0, mono_ms: 0 };
    let opens_late = |seed| {
        let mut engine = relatch_engine::Engine::new(crate::world::policy(), seed, start);
        engine.set_tokens(Grant { lifetime_ms: Some(2), ..grant("a", "r") }, start);
        engine.plainly_fresh(1).is_some()
    };
    assert!((0..50).any(opens_late) && !(0..50).all(opens_late), "both ends of the draw are drawn");
}

#[test]
fn the_generator_is_splitmix64() {
    // The reference outputs for the seed 1234567 (prng.di.unimi.it/splitmix64.c): each epoch takes one.
    let start = Now { wall_ms: 0, mono_ms: 0 };
    let mut engine = relatch_engine::Engine::new(crate::world::policy(), 1_234_567, start);
    let mut epochs = vec![];
    for _ in 0..3 {
        engine.set_tokens(grant("a", "r"), start);
        epochs.push(engine.record().map(|r| r.epoch));
    }
    let outputs = [6_457_827_717_110_365_317_u64, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
    assert_eq!(epochs, outputs.map(|n| Some(n as u32)));
}

/// When the advisory window of a record with this epoch opens, in percent of its lifetime; `seed` is the tab's.
fn opens_at(epoch: u32, generation: u32, seed: u64) -> u64 {
    let start = Now { wall_ms: 0, mono_ms: 0 };
    let mut engine = relatch_engine::Engine::new(crate::world::policy(), seed, start);
    let record = Record { epoch, generation, obtained_at_ms: 0, ..record(1, "a", "r") };
    engine.handle_read(None, Stored::Record(record), start);
    (0..HOUR).step_by(1_000).find(|ms| engine.plainly_fresh(*ms).is_none()).expect("it opens") * 100 / HOUR
}

#[test]
fn the_window_opens_at_a_time_of_its_own_for_each_token() {
    let times: Vec<u64> = (0..200).map(|epoch| opens_at(epoch, 1, 0)).collect();
    assert!(times.iter().all(|t| (60..=95).contains(t)), "{times:?}");
    // Evenly: no tenth of the span is without a share, none has more than three times its own.
    for from in (60..95).step_by(5) {
        let share = times.iter().filter(|t| (from..from + 5).contains(*t)).count();
        assert!((9..86).contains(&share), "{share} of 200 between {from} % and {} %", from + 5);
    }
    let generations: Vec<u64> = (0..50).map(|generation| opens_at(7, generation, 0)).collect();
    assert!(generations.iter().max() > generations.iter().min().map(|t| t + 20).as_ref(), "{generations:?}");
}

#[test]
fn all_tabs_of_a_user_open_the_window_of_a_token_at_the_same_time() {
    for epoch in 0..20 {
        assert_eq!(opens_at(epoch, 3, 1), opens_at(epoch, 3, 2), "epoch {epoch}");
    }
}

#[test]
fn a_wall_clock_that_jumps_back_leaves_the_decision_to_the_server() {
    let mut w = World::signed_in();
    w.now.wall_ms -= 600_000;
    let stamp = w.engine.stamp();
    assert_eq!(w.engine.ticket(w.now), Pass::With(stamp));
    assert!(w.calls.is_empty());
}

#[test]
fn a_wall_clock_that_jumps_ahead_costs_one_refresh_and_no_loop() {
    let mut w = World::signed_in();
    w.now.wall_ms += 2 * HOUR;
    let call = w.fetch();
    w.refreshed("a2", "r2");
    assert_eq!(w.sends(call), [Some("a2")]);
    for _ in 0..10 {
        w.fetch();
    }
    assert_eq!(w.calls.len(), 1);
}

#[test]
fn a_jump_of_the_wall_clock_neither_ends_nor_prolongs_a_refresh() {
    for jump in [-(HOUR as i64), HOUR as i64] {
        let (mut w, _) = World::refreshing();
        w.now.wall_ms = w.now.wall_ms.saturating_add_signed(jump);
        w.pass(29_999);
        assert!(w.aborted.is_empty());
        w.pass(1);
        assert_eq!(w.aborted.len(), 1);
    }
}

#[test]
fn a_token_obtained_while_the_clock_jumped_back_is_not_expired_at_birth() {
    let (mut w, call) = World::refreshing();
    w.now.wall_ms -= 900_000;
    w.refreshed("a2", "r2");
    assert_eq!(w.sends(call).len(), 2);
    assert!(w.engine.plainly_fresh(w.now.wall_ms).is_some());
}

#[test]
fn without_waiters_and_flights_there_is_no_deadline() {
    let (mut w, call) = World::refreshing();
    assert!(w.engine.deadline().is_some());
    w.refreshed("a2", "r2");
    w.respond(call, crate::world::OK);
    assert_eq!(w.engine.deadline(), None);
}

#[test]
fn a_late_word_about_an_earlier_call_does_not_reach_a_later_one() {
    let mut w = World::signed_in();
    let first = w.fetch();
    w.respond(first, crate::world::OK);
    // Nothing is under way: the slots were given back.
    let second = w.fetch();
    assert_ne!(first, second);
    w.engine.handle_abort(first);
    w.run();
    assert_eq!(w.outcome(second), None);
}
