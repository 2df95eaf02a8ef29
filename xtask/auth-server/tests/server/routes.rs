use std::time::Duration;

use serde_json::{Value, json};
use ureq::http::Method;

use crate::client::{Client, World};

#[test]
fn the_token_endpoint_speaks_rfc_6749() {
    let world = World::start();
    let c = world.realm("a");
    let answer = c.form("/oauth/token", "grant_type=password&username=ada&password=latch");
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"));
    let first = answer.json();
    assert_eq!((&first["token_type"], &first["expires_in"]), (&json!("Bearer"), &json!(60)));

    let refresh =
        format!("grant_type=refresh_token&client_id=demo&refresh_token={}", first["refresh_token"].as_str().unwrap());
    let second = c.form("/oauth/token", &refresh);
    assert_eq!((second.status, c.review(second.json()["access_token"].as_str().unwrap()).status), (200, 200));

    let errors = [
        (refresh.as_str(), "invalid_grant"),
        ("grant_type=password&username=ada&password=open", "invalid_grant"),
        ("grant_type=password&username=ada", "invalid_request"),
        ("grant_type=refresh_token&refresh_token=", "invalid_request"),
        ("grant_type=refresh_token&refresh_token=a&refresh_token=b", "invalid_request"),
        ("grant_type=magic", "unsupported_grant_type"),
        ("", "invalid_request"),
    ];
    for (body, error) in errors {
        let answer = c.form("/oauth/token", body);
        assert_eq!((answer.status, &answer.json()["error"]), (400, &json!(error)), "{body}");
        assert!(answer.json()["error_description"].is_string());
    }
    assert_eq!(c.post("/oauth/token", &json!({"grant_type": "password"})).json()["error"], "invalid_request");
    assert_eq!(c.counters()["reuse"], 1);
}

#[test]
fn echo_shows_what_arrived() {
    let world = World::start();
    let c = world.realm("a");
    let token = c.sign_in("ada").access;
    let echo = c.get("/echo?a=1&b=%EA%B0%80", &[("x-auth-token", &token), ("x-many", "one"), ("x-many", "two")]).json();
    assert_eq!((&echo["method"], &echo["path"], &echo["user"]), (&json!("GET"), &json!("/echo"), &json!("ada")));
    assert_eq!(echo["query"], json!({"a": "1", "b": "가"}));
    assert_eq!(echo["headers"]["x-many"], "one, two");
    let posted = c.post("/open/echo", &json!("abc")).json();
    assert_eq!((&posted["length"], &posted["user"]), (&json!(5), &Value::Null));
    // The digest of `"abc"`, with its quotes.
    assert_eq!(posted["sha256"], "6cc43f858fbb763301637b5af970e2a46b46f461f27e5a0f41e009c59b827b25");
}

#[test]
fn traces_are_kept_when_asked_for_and_given_once() {
    let world = World::start();
    let c = world.realm("a");
    let token = c.sign_in("ada").access;
    assert_eq!(c.get("/echo", &[]).status, 401);
    c.post("/control", &json!({"trace": true}));
    assert_eq!(c.get("/echo?id=7", &[("x-auth-token", &token), ("x-own", "1")]).status, 200);
    c.get("/open/echo", &[("authorization", "Bearer mine")]);
    let traces = c.post("/control/traces", &json!({})).json();
    assert_eq!(traces.as_array().map(Vec::len), Some(2));
    assert_eq!((&traces[0]["query"]["id"], &traces[0]["token"]), (&json!("7"), &json!("good")));
    assert_eq!((&traces[0]["headers"]["x-own"], &traces[0]["headers"]["x-auth-token"]), (&json!("1"), &Value::Null));
    assert_eq!((&traces[1]["token"], &traces[1]["headers"]["authorization"]), (&json!("bad"), &json!("Bearer mine")));
    assert_eq!(c.post("/control/traces", &json!({})).json(), json!([]));
}

#[test]
fn the_other_protected_routes() {
    let world = World::start();
    let c = world.realm("a");
    let token = c.sign_in("ada").access;
    let get = |route: &str| c.get(route, &[("x-auth-token", &token)]);
    for status in [200, 204, 304, 404, 418, 503] {
        assert_eq!(get(&format!("/status/{status}")).status, status);
    }
    assert_eq!(get("/status/99").status, 404);
    assert_eq!((get("/forbidden").status, c.get("/forbidden", &[]).status), (403, 401));
    let scope = get("/scope");
    assert_eq!(scope.status, 403);
    assert!(scope.header("www-authenticate").contains("insufficient_scope"));
    let step_up = get("/step-up");
    assert_eq!(step_up.status, 401);
    assert!(step_up.header("www-authenticate").contains("insufficient_user_authentication"));
    assert_eq!(get("/basic").header("www-authenticate"), r#"Basic realm="x""#);
    assert_eq!(get("/slow?ms=1").status, 200);
    assert_eq!(get("/stream?chunks=3&ms=1").text, "line 0\nline 1\nline 2\n");
    let sse = get("/sse?n=2&ms=1");
    assert_eq!((sse.header("content-type"), sse.text.matches("data: ").count()), ("text/event-stream", 2));
    let redirect = c.get("/redirect?to=http%3A%2F%2Flocalhost%2Fx&status=307", &[]);
    assert_eq!((redirect.status, redirect.header("location")), (307, "http://localhost/x"));
    assert_eq!(c.get("/redirect?to=/x&status=200", &[]).status, 400);
}

#[test]
fn the_counters_count() {
    let world = World::start();
    let c = world.realm("a");
    let tokens = c.sign_in("ada");
    c.review(&tokens.access);
    c.get("/forbidden", &[("x-auth-token", &tokens.access)]);
    c.get("/echo", &[]);
    c.get("/open/echo", &[]);
    c.refresh(&tokens.refresh);
    c.refresh("unknown");
    let expected = json!({
        "sign_ins": 1, "refreshes": 1, "refresh_calls": 2, "reuse": 0,
        "requests": 3, "unauthorized": 1, "ok": 1, "open": 1,
    });
    assert_eq!(c.counters(), expected);
}

#[test]
fn the_log_tells_everything_but_a_token() {
    let world = World::start();
    let c = world.realm("a");
    let first = c.sign_in("ada");
    c.review(&first.access);
    c.get(&format!("/redirect?to=/x?token={}", first.access), &[("x-auth-token", &first.access)]);
    let second = c.refresh(&first.refresh).tokens();
    c.review("forged");
    c.get("/echo", &[]);
    c.form("/oauth/token", &format!("grant_type=refresh_token&refresh_token={}", second.refresh));
    let log = c.log();
    let column = |name: &str| log.iter().map(|entry| entry[name].clone()).collect::<Vec<_>>();
    assert_eq!(column("n"), [1, 2, 3, 4, 5, 6, 7].map(Value::from));
    assert_eq!(column("token"), ["none", "good", "good", "none", "bad", "none", "none"]);
    assert_eq!(log[1]["header"], "authorization");
    assert_eq!(log[2]["header"], "x-auth-token");
    assert_eq!((&log[1]["jti"], log[1]["jti"].is_string()), (&log[2]["jti"], true));
    assert_eq!(c.get("/control/log?tail=2", &[]).json(), json!(log[5..]));
    let text = c.get("/open/log?tail=100", &[]).text;
    for token in [&first.access, &first.refresh, &second.access, &second.refresh] {
        assert!(!text.contains(token.as_str()));
        assert!(token.split('.').all(|part| !text.contains(part)));
    }
}

#[test]
fn the_second_origin_answers_a_preflight_and_lets_scripts_read_what_they_need() {
    let world = World::start();
    let second = Client::at(world.second().to_owned());
    let origin = ("origin", world.main());
    let preflight = second.options(
        "/t/a/echo",
        &[
            origin,
            ("access-control-request-method", "PUT"),
            ("access-control-request-headers", "authorization,x-other"),
        ],
    );
    assert_eq!(preflight.status, 204);
    assert_eq!(preflight.header("access-control-allow-origin"), world.main());
    assert_eq!(preflight.header("access-control-allow-credentials"), "true");
    assert_eq!(preflight.header("access-control-allow-methods"), "PUT");
    assert_eq!(preflight.header("access-control-allow-headers"), "authorization,x-other");
    assert_eq!(preflight.header("access-control-max-age"), "600");

    let answer = second.get("/t/a/echo", &[origin]);
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (401, world.main()));
    let exposed = answer.header("access-control-expose-headers");
    for name in ["www-authenticate", "retry-after", "x-request-number"] {
        assert!(exposed.contains(name), "{exposed}");
    }
    // A preflight is no request of the API.
    assert_eq!(world.realm("a").counters()["requests"], 1);
    // Without an asked method, OPTIONS is the API's own.
    assert_eq!(second.options("/t/a/open/echo", &[origin]).json()["method"], "OPTIONS");
}

#[test]
fn files_come_with_their_types_and_are_never_cached() {
    let world = World::start();
    let c = Client::at(world.main().to_owned());
    let files = [
        ("www/index.html", "/", "text/html"),
        ("www/app.js", "/www/app.js", "text/javascript"),
        ("pkg/dist/a.wasm", "/pkg/dist/a.wasm", "application/wasm"),
        ("tests/e2e/page.mjs", "/tests/e2e/page.mjs", "text/javascript"),
        ("tests/e2e/node_modules/ky/index.js", "/node_modules/ky/index.js", "text/javascript"),
    ];
    for (path, route, kind) in files {
        world.file(path, "text");
        let answer = c.get(route, &[]);
        assert_eq!(
            (answer.status, answer.header("content-type"), answer.text.as_str()),
            (200, kind, "text"),
            "{route}"
        );
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    assert_eq!(c.get("/pkg/../www/app.js", &[]).status, 404);
    assert_eq!(c.get("/config.json", &[]).json(), json!({"main": world.main(), "second": world.second()}));
}

#[test]
fn strangers_are_refused_before_anything_is_done() {
    let world = World::start();
    let c = world.realm("a");
    let token = c.sign_in("ada").access;
    let port = world.main().rsplit_once(':').unwrap().1.to_owned();
    let rebound = format!("evil.example:{port}");
    let strangers: [&[(&str, &str)]; 5] = [
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("origin", "http://127.0.0.1:1")],
        &[("host", &rebound)],
        &[("host", &rebound), ("origin", &format!("http://{rebound}"))],
    ];
    for headers in strangers {
        for route in ["/control/expire", "/control/revoke", "/control/reset", "/control"] {
            let answer = c.send(Method::POST, route, headers, "{\"rotate\":false}", Duration::from_secs(10)).unwrap();
            assert_eq!((answer.status, answer.header("access-control-allow-origin")), (403, ""), "{headers:?}");
        }
        assert_eq!(c.get("/control/log", headers).status, 403);
        assert_eq!(
            c.options("/control", &[headers, &[("access-control-request-method", "POST")]].concat()).status,
            403
        );
    }
    assert_eq!(c.review(&token).status, 200);
    assert_eq!(c.get("/control", &[]).json()["rotate"], true);
    let localhost = world.second().replace("127.0.0.1", "localhost");
    let own = c.get("/control", &[("origin", localhost.as_str())]);
    assert_eq!((own.status, own.header("access-control-allow-origin")), (200, localhost.as_str()));

    let open = World::with(&["http://127.0.0.1:*"]);
    let guest = open.realm("a").get("/control", &[("origin", "http://127.0.0.1:1")]);
    assert_eq!((guest.status, guest.header("access-control-allow-credentials")), (200, "true"));
}
