//! What is read from answers of the auth server, and from `Retry-After`.

use relatch_engine::verdict::{AnswerFacts, is_terminal, retry_after_ms};

#[test]
fn g6_g7_only_a_well_formed_refusal_ends_the_session() {
    for (status, well_formed, error, terminal) in [
        (400, true, Some("invalid_grant"), true),
        (401, true, Some("invalid_grant"), true),
        (200, true, Some("invalid_grant"), true),
        (401, true, None, true),
        (403, true, None, true),
        (403, false, None, false),
        (401, false, None, false),
        (400, true, Some("invalid_request"), false),
        (400, true, Some("invalid_client"), false),
        (400, true, None, false),
        (404, true, None, false),
        (408, true, Some("invalid_grant"), false),
        (429, true, Some("invalid_grant"), false),
        (500, true, Some("invalid_grant"), false),
        (503, true, None, false),
        (200, true, None, false),
        (0, false, None, false),
    ] {
        let invalid_grant = error == Some("invalid_grant");
        let facts = AnswerFacts { status, well_formed, invalid_grant, empty: false };
        assert_eq!(is_terminal(facts), terminal, "{status} {well_formed} {error:?}");
    }
}

#[test]
fn g6_a_401_without_a_body_ends_the_session_and_no_other_status_does() {
    for (status, terminal) in
        [(401, true), (403, false), (400, false), (404, false), (200, false), (204, false), (503, false)]
    {
        let facts = AnswerFacts { status, empty: true, ..AnswerFacts::default() };
        assert_eq!(is_terminal(facts), terminal, "{status}");
    }
}

#[test]
fn g7_retry_after_is_seconds_or_a_date_against_the_answers_own() {
    const NONE: f64 = f64::NAN;
    for (seconds, at, date, expected) in [
        (5.0, NONE, NONE, Some(5_000)),
        (5.0, 1_005_000.0, 1_000_000.0, Some(5_000)),
        (0.0, NONE, NONE, Some(0)),
        (1e30, NONE, NONE, Some(3_600_000)),
        (NONE, 1_005_000.0, 1_000_000.0, Some(5_000)),
        (NONE, 1_005_000.0, NONE, Some(1_005_000 - 400_000)),
        (NONE, 900_000.0, 1_000_000.0, Some(0)),
        (NONE, 1e30, 0.0, Some(3_600_000)),
        (NONE, NONE, 1_000_000.0, None),
        (NONE, NONE, NONE, None),
    ] {
        assert_eq!(retry_after_ms(seconds, at, date, 400_000), expected, "{seconds} {at} {date}");
    }
}
