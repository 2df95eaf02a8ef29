use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::json;
use ureq::http::Method;

use crate::client::World;

const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

#[test]
fn each_refresh_fault_answers_as_named_and_rotates_nothing() {
    let world = World::start();
    let c = world.realm("a");
    let tokens = c.sign_in("ada");
    let answers = [
        ("invalid_grant", 401, "2002"),
        ("server_error", 500, "server_error"),
        ("unavailable", 503, "temporarily_unavailable"),
        ("too_many", 429, "temporarily_unavailable"),
        ("garbage", 200, "not json"),
        ("html403", 403, "<p>"),
        ("html200", 200, "<p>"),
        ("blank", 200, r#""accessToken":"""#),
        ("same", 200, tokens.access.as_str()),
        ("expired", 200, r#""expiresIn":0"#),
    ];
    for (fault, status, text) in answers {
        c.control(&json!({"refresh_fault": fault}));
        let answer = c.refresh(&tokens.refresh);
        assert_eq!(answer.status, status, "{fault}");
        assert!(answer.text.contains(text), "{fault}: {}", answer.text);
        assert_eq!(answer.header("retry-after"), if matches!(status, 429 | 503) { "1" } else { "" }, "{fault}");
        if fault == "expired" {
            assert_eq!(c.review(&answer.tokens().access).status, 401);
            assert_eq!(c.log().last().unwrap()["token"], "expired");
        }
    }
    c.control(&json!({"refresh_fault": null}));
    assert_eq!(c.refresh(&tokens.refresh).status, 200);
    let counters = c.counters();
    let counted = [&counters["refresh_calls"], &counters["refreshes"], &counters["reuse"]];
    assert_eq!(counted, [&json!(11), &json!(1), &json!(0)]);
}

#[test]
fn a_counted_fault_clears_itself() {
    let world = World::start();
    let c = world.realm("a");
    c.control(&json!({"refresh_fault": "unavailable", "refresh_fault_count": 2}));
    let token = c.sign_in("ada").refresh;
    let statuses: Vec<_> = (0..3).map(|_| c.refresh(&token).status).collect();
    assert_eq!(statuses, [503, 503, 200]);
}

#[test]
fn drop_loses_the_answer_after_rotating_and_drop_before_does_not_rotate() {
    let world = World::start();
    let c = world.realm("a");
    let token = c.sign_in("ada").refresh;
    let body = json!({"refreshToken": token}).to_string();
    let refresh = || c.send(Method::POST, "/users/refresh", JSON, &body, Duration::from_secs(5));

    c.control(&json!({"refresh_fault": "drop_before", "refresh_fault_count": 1}));
    assert!(refresh().is_err());
    c.control(&json!({"refresh_fault": "drop", "refresh_fault_count": 1, "grace_ms": 60_000}));
    assert!(refresh().is_err());
    assert_eq!(c.counters()["refreshes"], 1);
    // The lost answer is still to be had while the grace window lasts.
    assert_eq!(refresh().unwrap().status, 200);
    c.control(&json!({"grace_ms": 0}));
    assert_eq!(refresh().unwrap().status, 401);
    assert_eq!(c.counters()["reuse"], 1);
    let lost: Vec<_> = c.log().iter().filter(|entry| entry["status"] == 0).cloned().collect();
    assert_eq!(lost.len(), 2);
}

/// Sends one request on a connection that is kept open; gives the answer's head, or nothing if there was none.
fn raw(stream: &mut TcpStream, route: &str) -> String {
    let host = stream.peer_addr().unwrap();
    let _ = write!(stream, "GET {route} HTTP/1.1\r\nhost: {host}\r\n\r\n");
    let mut bytes = [0; 4096];
    let got = stream.read(&mut bytes).unwrap_or(0);
    String::from_utf8_lossy(&bytes[..got]).to_lowercase()
}

#[test]
fn a_dropped_connection_carries_not_one_byte_and_is_never_one_that_was_used_before() {
    let world = World::start();
    let c = world.realm("a");
    let connect = || {
        let stream = TcpStream::connect(world.main().trim_start_matches("http://")).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        stream
    };
    let mut idle = connect();
    assert!(raw(&mut idle, "/config.json").starts_with("http/1.1 200"));

    c.control(&json!({"api_fault": "drop"}));
    assert_eq!(idle.read(&mut [0; 16]).unwrap(), 0, "the idle connection is closed when the fault is set");
    assert!(raw(&mut connect(), "/config.json").contains("connection: close"));
    assert!(raw(&mut connect(), "/t/a/open/echo").contains("connection: close"));
    assert!(!raw(&mut connect(), "/t/b/open/echo").contains("connection: close"), "other realms are left alone");
    assert_eq!(raw(&mut connect(), "/t/a/echo"), "");
}

#[test]
fn hang_never_answers_and_does_not_hold_up_the_servers_end() {
    let mut world = World::start();
    let c = world.realm("a");
    c.control(&json!({"api_fault": "hang", "api_fault_count": 1}));
    let hung = c.send(Method::GET, "/echo", &[], "", Duration::from_millis(300));
    assert!(matches!(hung, Err(ureq::Error::Timeout(_))), "{:?}", hung.map(|answer| answer.status));
    assert_eq!(c.get("/echo", &[]).status, 401);
    let log = c.log();
    assert_eq!((&log[0]["status"], &log[1]["status"]), (&json!(0), &json!(401)));

    c.control(&json!({"api_fault": "hang"}));
    std::thread::scope(|scope| {
        scope.spawn(|| c.send(Method::GET, "/echo", &[], "", Duration::from_secs(8)).is_err());
        sleep(Duration::from_millis(200));
        let start = Instant::now();
        world.shut_down();
        assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
    });
}

#[test]
fn a_refresh_is_finished_even_if_its_client_has_gone() {
    let world = World::start();
    let c = world.realm("a");
    let token = c.sign_in("ada").refresh;
    c.control(&json!({"refresh_delay_ms": 400}));
    let body = json!({"refreshToken": token}).to_string();
    assert!(c.send(Method::POST, "/users/refresh", JSON, &body, Duration::from_millis(100)).is_err());
    assert_eq!(c.counters()["refreshes"], 0);
    sleep(Duration::from_millis(600));
    assert_eq!(c.counters()["refreshes"], 1);
}

#[test]
fn api_faults_answer_as_named_and_reject_fresh_rejects_every_token() {
    let world = World::start();
    let c = world.realm("a");
    let token = c.sign_in("ada").access;
    for (fault, status) in [("server_error", 500), ("html401", 401)] {
        c.control(&json!({"api_fault": fault, "api_fault_count": 1}));
        assert_eq!(c.review(&token).status, status);
        assert_eq!(c.review(&token).status, 200);
    }
    c.control(&json!({"reject_fresh": true, "api_delay_ms": 200}));
    let start = Instant::now();
    assert_eq!(c.review(&token).status, 401);
    assert!(start.elapsed() >= Duration::from_millis(200));
}

#[test]
fn a_setting_that_there_is_not_is_named() {
    let world = World::start();
    let c = world.realm("a");
    for (settings, name) in [(json!({"colour": 1}), "colour"), (json!({"api_fault": "flood"}), "api_fault")] {
        let answer = c.post("/control", &settings);
        assert_eq!(answer.status, 400);
        assert!(answer.text.contains(name), "{}", answer.text);
    }
}
