//! `getAccessToken` and `refresh`.

use relatch_engine::{Code, Event, Outcome, Reason, Status, Stored, Want};

use crate::world::{HOUR, TERMINAL, Tok, World, record, transient};

#[test]
fn a_good_token_is_given_at_once() {
    let mut w = World::signed_in();
    let call = w.open(Want::Token { min_validity_ms: 30_000 });
    assert_eq!(w.outcome(call), Some(Outcome::Token));
    assert!(w.calls.is_empty());
}

#[test]
fn less_validity_than_wanted_starts_a_refresh_and_waits_for_it() {
    let mut w = World::signed_in();
    w.pass(HOUR / 2);
    let call = w.open(Want::Token { min_validity_ms: HOUR });
    assert_eq!(w.calls.last().map(|c| c.2), Some(Reason::Advisory));
    assert_eq!(w.outcome(call), None);
    w.refreshed("a2", "r2");
    assert_eq!(w.outcome(call), Some(Outcome::Token), "a fresh token is as much as there is to be had");
}

#[test]
fn an_expired_token_is_never_given() {
    for (answer, outcome) in [(transient(500), Code::RefreshFailed), (TERMINAL, Code::SessionExpired)] {
        let mut w = World::signed_in();
        w.pass(HOUR);
        let call = w.open(Want::Token { min_validity_ms: 0 });
        assert_eq!(w.outcome(call), None);
        w.answer(answer);
        assert_eq!(w.outcome(call), Some(Outcome::Error(outcome)));
    }
}

#[test]
fn signed_out_there_is_none() {
    let mut w = World::new(Stored::Absent);
    let (token, refresh) = (w.open(Want::Token { min_validity_ms: 0 }), w.open(Want::Refresh));
    assert_eq!(w.outcome(token), Some(Outcome::Error(Code::SignedOut)));
    assert_eq!(w.outcome(refresh), Some(Outcome::Error(Code::SignedOut)));
}

#[test]
fn without_a_refresh_token_a_refresh_is_refused_and_the_server_decides_about_requests() {
    let mut w = World::new(Stored::Record(record(1, "a1", "")));
    let refresh = w.open(Want::Refresh);
    assert_eq!(w.outcome(refresh), Some(Outcome::Error(Code::SignedOut)));
    w.pass(HOUR);
    let call = w.fetch();
    assert_eq!(w.sends(call), [Some("a1")]);
    w.respond(call, crate::world::CHALLENGE);
    assert_eq!(w.outcome(call), Some(Outcome::Response));
}

#[test]
fn a_forced_refresh_joins_the_one_in_progress_and_passes_over_a_backoff() {
    let (mut w, _) = World::refreshing();
    let joined = w.open(Want::Refresh);
    assert_eq!(w.calls.len(), 1);
    w.answer(transient(500));
    assert_eq!(w.outcome(joined), Some(Outcome::Error(Code::RefreshFailed)));
    let again = w.open(Want::Refresh);
    assert_eq!(w.calls.len(), 2);
    w.refreshed("a2", "r2");
    assert_eq!(w.outcome(again), Some(Outcome::Done));
}

#[test]
fn an_opaque_token_of_unknown_lifetime_is_good_until_a_401() {
    let mut w = World::new(Stored::Record(relatch_engine::Record { lifetime_ms: None, ..record(1, "a1", "r1") }));
    w.pass(1_000 * HOUR);
    assert_eq!(w.engine.status(w.now), Status::Fresh);
    let token = w.open(Want::Token { min_validity_ms: 5 * HOUR });
    assert_eq!(w.outcome(token), Some(Outcome::Token));
}

#[test]
fn the_status_says_where_the_session_stands() {
    let mut w = World::signed_in();
    let mut seen = vec![w.engine.status(w.now)];
    w.pass(HOUR - 2_000);
    seen.push(w.engine.status(w.now));
    w.pass(2_000);
    seen.push(w.engine.status(w.now));
    w.fetch();
    seen.push(w.engine.status(w.now));
    w.answer(TERMINAL);
    seen.push(w.engine.status(w.now));
    w.engine.close(w.now);
    seen.push(w.engine.status(w.now));
    use Status::{Closed, Expired, Fresh, Refreshing, SignedOut, Stale};
    assert_eq!(seen, [Fresh, Stale, Expired, Refreshing, SignedOut, Closed]);
    let fresh = relatch_engine::Engine::<Tok>::new(crate::world::policy(), 1, w.now);
    assert_eq!(fresh.status(w.now), Status::Loading);
}

#[test]
fn a_call_for_a_token_is_told_why_its_refresh_failed() {
    let mut w = World::signed_in();
    w.pass(HOUR);
    let call = w.open(Want::Token { min_validity_ms: 0 });
    w.pass(30_000);
    assert_eq!(w.outcome(call), Some(Outcome::Error(Code::RefreshTimeout)));
}

#[test]
fn only_requests_are_told_as_held() {
    let mut w = World::signed_in();
    w.pass(HOUR);
    w.open(Want::Token { min_validity_ms: 0 });
    w.open(Want::Refresh);
    assert!(!w.events.iter().any(|e| matches!(e, Event::Held { .. })));
    w.engine.set_tells_calls(false);
    w.fetch();
    assert!(!w.events.iter().any(|e| matches!(e, Event::Held { .. })), "and only where somebody listens");
}
