//! What is read from headers and tokens: `WWW-Authenticate`, `Retry-After`, JWTs, answers of the auth server.

use relatch::core::challenge::{self, Asked, Challenge};
use relatch::core::verdict::{AnswerFacts, is_terminal, retry_after_ms};

fn read<'a>(field: &'a str, scheme: &str) -> Asked<'a> {
    challenge::read(field.as_bytes(), scheme.as_bytes())
}

#[test]
fn a1_whose_challenge_it_is() {
    use Challenge::{Other, Ours, StepUp, Unreadable};
    for (field, expected) in [
        ("Bearer", Ours),
        ("bearer realm=\"x\"", Ours),
        ("Bearer realm=\"example\", error=\"invalid_token\", error_description=\"The access token expired\"", Ours),
        ("Basic realm=\"x\"", Other),
        ("Basic realm=\"x\", Bearer", Ours),
        ("Negotiate abc==, Bearer realm=\"x\"", Ours),
        ("Negotiate YII=", Other),
        ("Newauth realm=\"apps\", type=1, title=\"Login to \\\"apps\\\"\", Basic realm=\"simple\"", Other),
        ("DPoP algs=\"ES256 PS256\"", Other),
        ("Bearer error=\"insufficient_user_authentication\", acr_values=\"myACR\"", StepUp),
        ("Bearer error=insufficient_user_authentication", StepUp),
        ("Basic realm=\"x\", Bearer error=\"insufficient_user_authentication\"", StepUp),
        ("DPoP error=\"insufficient_user_authentication\", Bearer", Ours),
        ("Basic realm=\"Bearer error=insufficient_user_authentication\"", Other),
        ("Bearer realm=\"a, Basic b\"", Ours),
        ("", Unreadable),
        (" , ,\t,", Unreadable),
        ("=", Unreadable),
        ("\"", Unreadable),
        ("é", Unreadable),
    ] {
        assert_eq!(read(field, "Bearer").challenge, expected, "{field}");
    }
}

#[test]
fn a_token_in_a_header_of_its_own_takes_every_scheme_for_its_own() {
    assert_eq!(read("Anything at=all", "").challenge, Challenge::Ours);
    assert_eq!(read("X error=\"insufficient_user_authentication\"", "").challenge, Challenge::StepUp);
}

#[test]
fn rfc_9470_a_step_up_says_what_would_do() {
    let asked = read(
        "Bearer error=\"insufficient_user_authentication\", acr_values=\"urn:a \\\"b\\\"\" , max_age = \"300\"",
        "Bearer",
    );
    assert_eq!(challenge::unquoted(asked.acr_values), b"urn:a \"b\"");
    assert_eq!(challenge::unquoted(asked.max_age), b"300");
}

#[test]
fn hostile_challenges_neither_panic_nor_hang() {
    for field in [
        "Bearer realm=\"",
        "Bearer realm=\"\\",
        "Bearer realm=\"\\\"",
        "Bearer =",
        "Bearer ==",
        "Bearer a==b",
        "Bearer a=",
        "Bearer a=,b=c",
        ",,,Bearer,,,",
        "Bearer\u{7f}",
        "Bearer\0error=x",
        "Bearer 한글=\"x\"",
        "Bearer a=\"한글\"",
        "a=b",
        "a=b, Bearer",
        "=Bearer",
        "Bearer \t \t",
        "Bearer,Bearer,Bearer",
        "Bearer a=b c=d",
        "Bearer \"x\"",
        "((((",
        "Bearer realm='x'",
        "Bearer a=\"b\"c=\"d\"",
        "Bearer abc/def+ghi~==, x",
        "\u{feff}Bearer",
        "Bearer;a=b",
    ] {
        let _ = read(field, "Bearer");
        let _ = read(&field.repeat(200), "");
    }
    let long = format!("Bearer {}", "a=b,".repeat(100_000));
    assert_eq!(read(&long, "Bearer").challenge, Challenge::Ours);
}

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
        let facts = AnswerFacts { status, well_formed, invalid_grant: error == Some("invalid_grant") };
        assert_eq!(is_terminal(facts), terminal, "{status} {well_formed} {error:?}");
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
