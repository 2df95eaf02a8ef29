//! What of the Rust face needs no browser.
#![cfg(not(target_arch = "wasm32"))]

use std::time::Duration;

use relatch::{Error, Refresh, Session, Tokens};

fn read(text: &str) -> Tokens {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn tokens_are_read_as_servers_write_them() {
    let expected = Tokens::new("a").refresh_token("r").expires_in(Duration::from_secs(900));
    for text in [
        r#"{"accessToken":"a","refreshToken":"r","expiresIn":900}"#,
        r#"{"access_token":"a","refresh_token":"r","expires_in":900,"token_type":"Bearer"}"#,
        r#"{"access_token":"a","refresh_token":"r","expires_in":"900"}"#,
        r#"{"access_token":"a","refresh_token":"r","expires_in":900.0}"#,
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
    for text in [
        r#"{"accessToken":"a"}"#,
        r#"{"accessToken":"a","refreshToken":null,"expiresIn":null}"#,
        r#"{"accessToken":"a","expiresIn":"soon"}"#,
        r#"{"accessToken":"a","expiresIn":-1}"#,
        r#"{"accessToken":"a","expiresIn":1e300}"#,
        r#"{"accessToken":"a","expiresIn":{}}"#,
    ] {
        assert_eq!(read(text), Tokens::new("a"), "{text}");
    }
    assert!(serde_json::from_str::<Tokens>(r#"{"refreshToken":"r"}"#).is_err());
}

#[test]
fn nothing_that_is_printed_has_a_token() {
    let tokens = Tokens::new("secret-a").refresh_token("secret-r");
    assert!(!format!("{tokens:?}").contains("secret"));
}

#[test]
fn without_a_browser_there_is_no_session_but_a_clear_error() {
    let refresh = Refresh::post("/users/refresh").pick("result.accessToken", "result.refreshToken", "result.expiresIn");
    let error = Session::builder(refresh).header("X-AUTH-TOKEN").build().expect_err("no browser");
    assert!(matches!(error, Error::NoBrowser));
    assert_eq!(error.code(), None);
    assert!(error.to_string().contains("no browser"));
}
