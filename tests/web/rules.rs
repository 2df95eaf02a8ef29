//! The main promises, through the whole of shell and engine.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use futures::future::join_all;
use relatch::{Change, Code, Reason, Status};
use relatch::{Error, Event};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::world::{Style, World, get, sleep};

#[wasm_bindgen_test]
async fn g1_a_hundred_calls_on_an_expired_token_succeed_behind_one_refresh() {
    for style in [Style::Article, Style::OAuth] {
        let world = World::signed_in(style).await;
        world.realm.post("/control/expire", "").await;
        let calls = (0..100).map(|i| world.session.fetch(&world.realm.url(&format!("/home/review/detail/{i}"))));
        let responses = join_all(calls).await;
        assert!(responses.iter().all(|response| response.as_ref().is_ok_and(|response| response.status() == 200)));
        let counters = world.realm.counters().await;
        assert_eq!(get(&counters, "refreshes"), 1);
        assert_eq!(get(&counters, "reuse"), 0);
        assert!(get(&counters, "requests").as_f64().expect("a number") <= 201.0);
        assert_eq!(world.session.status(), Status::Fresh);
        let events = world.events.borrow();
        let [Event::Refreshed { generation: 2, reason: Reason::Rejected, duration, waiting, .. }] = &events[..] else {
            panic!("{events:?}");
        };
        assert!(*duration > Duration::ZERO && *duration < Duration::from_secs(30));
        assert!(*waiting > 0);
    }
}

#[wasm_bindgen_test]
async fn s7_a_signed_out_call_goes_out_without_a_header_and_its_401_is_the_callers() {
    let world = World::new(Style::OAuth).await;
    assert_eq!(world.session.status(), Status::SignedOut);
    assert_eq!(world.status_of("/echo").await, 401);
    assert_eq!(get(&world.realm.counters().await, "refresh_calls"), 0);
}

#[wasm_bindgen_test]
async fn s3_a_call_carries_the_token_and_its_claims_are_there_as_a_type_of_ones_own() {
    #[derive(serde::Deserialize)]
    struct Claims {
        name: String,
        exp: u64,
    }
    let world = World::new(Style::OAuth).await;
    assert!(world.session.claims::<Claims>().expect("no claims").is_none());
    world.sign_in().await;
    assert_eq!(world.status_of("/echo").await, 200);
    let claims = world.session.claims::<Claims>().expect("they fit").expect("claims");
    assert_eq!(claims.name, "ada");
    assert!(claims.exp > 1_700_000_000);
    let error = world.session.claims::<Vec<u8>>().expect_err("they do not fit");
    assert!(matches!(error, Error::Claims(_)), "{error:?}");
    let token = world.session.access_token(Duration::ZERO).await.expect("a token");
    assert!(token.starts_with("ey"));
    // More than it has left: it is refreshed first.
    let next = world.session.access_token(Duration::from_secs(3_600)).await;
    assert!(next.is_ok_and(|next| next != token));
}

#[wasm_bindgen_test]
async fn g6_invalid_grant_ends_the_session_and_removes_the_record() {
    let world = World::signed_in(Style::OAuth).await;
    assert!(world.realm.stored().is_some());
    world.realm.post("/control/revoke", "").await;
    assert_eq!(world.status_of("/echo").await, 401);
    assert_eq!(world.session.status(), Status::SignedOut);
    assert!(world.realm.stored().is_none());
    assert_eq!(world.told(|event| matches!(event, Event::Expired { status: 400, .. })), 1);
}

#[wasm_bindgen_test]
async fn g7_a_server_error_keeps_the_tokens_and_a_forced_refresh_succeeds_later() {
    let world = World::signed_in(Style::Article).await;
    world.realm.post("/control", r#"{"refresh_fault":"server_error","refresh_fault_count":1}"#).await;
    let error = world.session.refresh().await.expect_err("the refresh fails");
    assert_eq!(error.code(), Some(Code::RefreshFailed));
    let Error::Session { cause: Some(cause), .. } = &error else { panic!("{error:?}") };
    assert!(get(cause, "message").as_string().expect("a message").contains("500"));
    assert!(world.realm.stored().is_some());
    let failed = |event: &Event| match event {
        Event::Failed { code: Code::RefreshFailed, status: 500, retry_in, .. } => *retry_in > Duration::ZERO,
        _ => false,
    };
    assert_eq!(world.told(failed), 1);
    world.session.refresh().await.expect("the server is well again");
    assert_eq!(world.told(|event| matches!(event, Event::Refreshed { reason: Reason::Forced, .. })), 1);
}

#[wasm_bindgen_test]
async fn an_access_token_deleted_from_local_storage_comes_back_through_a_refresh() {
    let world = World::signed_in(Style::Article).await;
    let record: js_sys::Object =
        js_sys::JSON::parse(&world.realm.stored().expect("a record")).expect("JSON").unchecked_into();
    assert!(js_sys::Reflect::delete_property(&record, &"accessToken".into()).expect("deleted"));
    world.realm.store(&String::from(js_sys::JSON::stringify(&record).expect("JSON")));
    sleep(3).await;
    assert_eq!(world.status_of("/echo").await, 200);
    assert_eq!(get(&world.realm.counters().await, "unauthorized"), 0);
    assert_eq!(world.told(|event| matches!(event, Event::Refreshed { .. })), 1);
}

#[wasm_bindgen_test]
async fn a_logout_clears_the_store_and_a_token_is_refused_afterwards() {
    let world = World::new(Style::OAuth).await;
    let changes = Rc::new(RefCell::new(Vec::new()));
    let heard = changes.clone();
    let _listener = world.session.listen(move |event| {
        if let Event::Changed { change, .. } = event {
            heard.borrow_mut().push(*change);
        }
    });
    world.sign_in().await;
    world.session.clear().await.expect("cleared");
    assert_eq!(changes.borrow()[..], [Change::SignedIn, Change::SignedOut]);
    assert!(world.realm.stored().is_none());
    let error = world.session.access_token(Duration::ZERO).await.expect_err("no token");
    assert_eq!(error.code(), Some(Code::SignedOut));
    assert_eq!(error.to_string(), "relatch: there are no tokens: call setTokens after a login");
}

#[wasm_bindgen_test]
async fn a1_a_step_up_challenge_is_told_with_what_it_asks_for() {
    let world = World::signed_in(Style::OAuth).await;
    assert_eq!(world.status_of("/step-up").await, 401);
    let events = world.events.borrow();
    let [Event::StepUp { error, scope: None, acr_values, max_age, url, .. }] = &events[..] else {
        panic!("{events:?}");
    };
    assert_eq!(error, "insufficient_user_authentication");
    assert_eq!(acr_values.as_deref(), Some("urn:example:gold"));
    assert_eq!(*max_age, Some(Duration::from_secs(300)));
    assert_eq!(*url, world.realm.url("/step-up"));
}

#[wasm_bindgen_test]
async fn a_native_error_of_fetch_is_passed_on_as_it_is() {
    let world = World::signed_in(Style::OAuth).await;
    world.realm.post("/control", r#"{"api_fault":"drop"}"#).await;
    let error = world.session.fetch(&world.realm.url("/echo")).await.expect_err("no answer");
    assert_eq!(error.code(), None);
    assert!(error.to_string().starts_with("TypeError: "), "{error}");
    let Error::Fetch(error) = error else { panic!("{error:?}") };
    assert!(error.is_instance_of::<js_sys::TypeError>());
}
