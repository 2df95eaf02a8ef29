//! What is read from headers and tokens: `WWW-Authenticate`, `Retry-After`, JWTs, answers of the auth server.

use relatch::core::challenge::{Challenge, read};
use relatch::core::jwt;
use relatch::core::verdict::{AnswerFacts, is_terminal, retry_after_ms};

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
        ("[Bearer", Unreadable),
        ("@", Unreadable),
        ("X-1.2 realm=1, Bearer", Ours),
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
    assert_eq!((asked.acr_values.as_deref(), asked.max_age_s), (Some("urn:a \"b\""), Some(300)));
    let bare = read("Bearer max_age=300, error=insufficient_user_authentication", "Bearer");
    assert_eq!((bare.challenge, bare.max_age_s), (Challenge::StepUp, Some(300)), "digits are token characters");
    let odd = read("Bearer error=\"insufficient_user_authentication\", max_age=\"-1\"", "Bearer");
    assert_eq!((odd.acr_values, odd.max_age_s), (None, None));
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
        assert_eq!(
            is_terminal(AnswerFacts { status, well_formed, error }),
            terminal,
            "{status} {well_formed} {error:?}"
        );
    }
}

#[test]
fn g7_retry_after_is_seconds_or_a_date_against_the_answers_own() {
    let date = |text: &str| match text {
        "now" => 1_000_000.0,
        "later" => 1_005_000.0,
        "before" => 900_000.0,
        _ => f64::NAN,
    };
    for (value, own_date, expected) in [
        ("5", None, Some(5_000)),
        (" 5 ", None, Some(5_000)),
        ("0", None, Some(0)),
        ("999999999999999999999999", None, Some(3_600_000)),
        ("later", Some("now"), Some(5_000)),
        ("later", None, Some(1_005_000 - 400_000)),
        ("before", Some("now"), Some(0)),
        ("later", Some("?"), Some(1_005_000 - 400_000)),
        ("", None, None),
        ("-5", None, None),
        ("5.5", None, None),
        ("soon", None, None),
    ] {
        assert_eq!(retry_after_ms(value, own_date, 400_000, date), expected, "{value}");
    }
}

#[test]
fn a_jwts_payload_is_read_and_nothing_else_is() {
    // {"alg":"HS256"} . {"sub":"ü"} . signature
    let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiLDvCJ9.c2ln";
    assert_eq!(jwt::payload(token).as_deref(), Some("{\"sub\":\"ü\"}".as_bytes()));
    assert_eq!(jwt::payload("h.-_-_.s"), Some(vec![0xfb, 0xff, 0xbf]));
    for bad in
        ["", "a", "a.b", "..", "a..c", ".b.c", "a.bb.", "a.bb.c.d", "a.b b.c", "a.bb==.c", "a.b+/b.c", "a.bbbbb.c"]
    {
        assert_eq!(jwt::payload(bad), None, "{bad}");
    }
    assert_eq!(jwt::payload(&format!("a.{}.c", "A".repeat(jwt::MAX_LEN))), None);
    assert!(jwt::payload(&format!("a.{}.c", "A".repeat(jwt::MAX_LEN - 4))).is_some(), "exactly as long as may be");
    assert_eq!(jwt::payload(&format!("a.{}.c", "A".repeat(jwt::MAX_LEN - 3))), None);
}
