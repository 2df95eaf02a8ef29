use std::thread::sleep;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::client::World;

fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[test]
fn sign_in_gives_a_jwt_that_opens_the_resources_in_either_header() {
    let world = World::start();
    let c = world.realm("a");
    let answer = c.post("/users/sign-in", &json!({"name": "ada", "password": "latch"}));
    assert_eq!((answer.status, &answer.json()["code"]), (200, &json!("1000")));
    assert_eq!(answer.json()["result"]["expiresIn"], 60);
    let tokens = answer.tokens();
    let claims = claims(&tokens.access);
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 60);
    for name in ["sub", "iss", "aud", "jti", "fam", "name"] {
        assert!(claims[name].is_string(), "{name} is missing: {claims}");
    }
    assert_eq!(URL_SAFE_NO_PAD.decode(&tokens.refresh).unwrap().len(), 32);

    let bearer = c.review(&tokens.access);
    assert_eq!((bearer.status, &bearer.json()["result"]["writer"]), (200, &json!("ada")));
    let own = c.get("/home/review/detail/7", &[("x-auth-token", &tokens.access)]);
    assert_eq!((own.status, &own.json()["result"]["reviewId"]), (200, &json!("7")));

    for (name, password) in [("ada", "open"), ("", "latch")] {
        assert_eq!(c.post("/users/sign-in", &json!({"name": name, "password": password})).status, 401);
    }
}

#[test]
fn a_refresh_rotates_and_the_used_token_revokes_the_whole_family() {
    let world = World::start();
    let c = world.realm("a");
    let (first, stranger) = (c.sign_in("ada"), c.sign_in("ada"));
    let second = c.refresh(&first.refresh).tokens();
    assert!(second.access != first.access && second.refresh != first.refresh);
    // The old access token lives until it expires.
    assert_eq!((c.review(&first.access).status, c.review(&second.access).status), (200, 200));

    let again = c.refresh(&first.refresh);
    assert_eq!((again.status, &again.json()["code"]), (401, &json!("2002")));
    assert_eq!(c.refresh(&second.refresh).status, 401);
    assert_eq!((c.review(&first.access).status, c.review(&second.access).status), (401, 401));
    assert_eq!(c.log().last().unwrap()["token"], "revoked");
    // Another sign-in of the same user is another family.
    assert_eq!(c.review(&stranger.access).status, 200);
    let missing = c.post("/users/refresh", &json!({}));
    assert_eq!((missing.status, &missing.json()["code"]), (401, &json!("2002")));
    let counters = c.counters();
    assert_eq!((&counters["reuse"], &counters["refreshes"]), (&json!(1), &json!(1)));
}

#[test]
fn within_the_grace_window_a_used_token_gives_the_same_answer_and_after_it_is_reuse() {
    let world = World::start();
    let c = world.realm("a");
    c.control(&json!({"grace_ms": 60_000}));
    let first = c.sign_in("ada");
    let second = c.refresh(&first.refresh).tokens();
    assert_eq!(c.refresh(&first.refresh).tokens(), second);
    assert_eq!(c.counters()["reuse"], 0);
    c.control(&json!({"grace_ms": 0}));
    assert_eq!(c.refresh(&first.refresh).status, 401);
    assert_eq!(c.counters()["reuse"], 1);
}

#[test]
fn without_rotation_the_refresh_token_stays_and_is_not_in_the_answer() {
    let world = World::start();
    let c = world.realm("a");
    c.control(&json!({"rotate": false, "expires_in": false}));
    let tokens = c.sign_in("ada");
    for _ in 0..2 {
        let answer = c.refresh(&tokens.refresh);
        assert_eq!(answer.status, 200);
        let result = &answer.json()["result"];
        assert!(result.get("refreshToken").is_none() && result.get("expiresIn").is_none(), "{result}");
    }
    assert_eq!(c.counters()["reuse"], 0);
}

#[test]
fn a_tampered_token_is_a_401_with_a_challenge_and_so_is_none() {
    let world = World::start();
    let c = world.realm("a");
    let token = c.sign_in("ada").access;
    let parts: Vec<&str> = token.split('.').collect();
    let mut forged = claims(&token);
    forged["name"] = json!("root");
    let forged = format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode(forged.to_string()), parts[2]);
    let none = format!("{}.{}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#), parts[1]);
    for bad in [forged.as_str(), none.as_str(), "nonsense", &world.realm("b").sign_in("ada").access] {
        let answer = c.review(bad);
        assert_eq!(answer.status, 401, "{bad}");
        assert_eq!(answer.header("www-authenticate"), r#"Bearer realm="relatch", error="invalid_token""#);
        assert_eq!(answer.json()["n"].to_string(), answer.header("x-request-number"));
        assert_eq!(c.log().last().unwrap()["token"], "bad");
    }
    let bare = c.get("/echo", &[]);
    assert_eq!((bare.status, bare.header("www-authenticate")), (401, r#"Bearer realm="relatch""#));
    c.control(&json!({"www_authenticate": false}));
    assert_eq!(c.get("/echo", &[]).header("www-authenticate"), "");
}

#[test]
fn a_token_expires_by_the_realms_own_clock() {
    let world = World::start();
    let c = world.realm("a");
    let tokens = c.sign_in("ada");
    c.control(&json!({"skew_ms": 58_000}));
    assert_eq!(c.review(&tokens.access).status, 200);
    c.control(&json!({"skew_ms": 61_000}));
    assert_eq!(c.review(&tokens.access).status, 401);
    assert_eq!(c.log().last().unwrap()["token"], "expired");
    // What the skewed server gives out is good there, and refresh tokens do not age.
    assert_eq!(c.review(&c.refresh(&tokens.refresh).tokens().access).status, 200);
}

#[test]
fn a_short_lifetime_holds_to_the_millisecond() {
    let world = World::start();
    let c = world.realm("a");
    c.control(&json!({"access_lifetime_ms": 400}));
    let token = c.sign_in("ada").access;
    assert_eq!(c.review(&token).status, 200);
    sleep(Duration::from_millis(450));
    assert_eq!(c.review(&token).status, 401);
}

#[test]
fn expire_revoke_sign_out_and_reset_do_what_they_say() {
    let world = World::start();
    let c = world.realm("a");
    let empty = json!({});
    let tokens = c.sign_in("ada");
    c.post("/control/expire", &empty);
    assert_eq!(c.review(&tokens.access).status, 401);
    let tokens = c.refresh(&tokens.refresh).tokens();
    assert_eq!(c.review(&tokens.access).status, 200);

    c.post("/users/sign-out", &json!({"refreshToken": tokens.refresh}));
    assert_eq!((c.review(&tokens.access).status, c.refresh(&tokens.refresh).status), (401, 401));

    let tokens = c.sign_in("bob");
    c.post("/control/revoke", &empty);
    assert_eq!((c.review(&tokens.access).status, c.refresh(&tokens.refresh).status), (401, 401));
    assert_eq!(c.counters()["reuse"], 0);

    c.post("/control/reset", &empty);
    assert_eq!(c.counters()["sign_ins"], 0);
    assert_eq!(c.log(), Vec::<Value>::new());
}

#[test]
fn realms_are_independent_and_the_second_origin_shares_their_state() {
    let world = World::start();
    let (a, b) = (world.realm("a"), world.realm("b"));
    a.control(&json!({"refresh_fault": "server_error"}));
    let (in_a, in_b) = (a.sign_in("ada"), b.sign_in("ada"));
    assert_eq!((a.refresh(&in_a.refresh).status, b.refresh(&in_b.refresh).status), (500, 200));
    assert_eq!((b.review(&in_a.access).status, a.review(&in_a.access).status), (401, 200));
    assert_eq!((&a.counters()["unauthorized"], &b.counters()["unauthorized"]), (&json!(0), &json!(1)));
    let second = crate::client::Client::at(format!("{}/t/a", world.second()));
    assert_eq!(second.review(&in_a.access).status, 200);
    assert_eq!(a.counters()["ok"], 2);
    // Without a name, it is the realm called demo.
    let demo = crate::client::Client::at(world.main().to_owned());
    assert_eq!(world.realm("demo").review(&demo.sign_in("ada").access).status, 200);
}
