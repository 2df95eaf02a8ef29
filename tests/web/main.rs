//! The crate as a Rust frontend uses it, in a headless browser against the auth server: `cargo xtask test --only wasm-pack`.
#![cfg(target_arch = "wasm32")]

mod world;

use js_sys::{Array, Promise, Reflect};
use relatch::core::Status;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use world::{Style, World, get, status};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
async fn g1_a_hundred_calls_on_an_expired_token_succeed_behind_one_refresh() {
    for style in [Style::Article, Style::OAuth] {
        let world = World::new(style).await;
        world.sign_in().await;
        world.post("/control/expire", "").await;
        let calls: Array = (0..100).map(|i| world.fetch(&format!("/home/review/detail/{i}"))).collect();
        let responses: Array = JsFuture::from(Promise::all(&calls)).await.expect("all settle").unchecked_into();
        assert!(responses.iter().all(|r| status(&r) == 200));
        let counters = world.counters().await;
        assert_eq!(get(&counters, "refreshes"), 1);
        assert_eq!(get(&counters, "reuse"), 0);
        assert!(get(&counters, "requests").as_f64().expect("a number") <= 201.0);
        assert_eq!(world.session.status(), Status::Fresh);
    }
}

#[wasm_bindgen_test]
async fn s7_a_signed_out_call_goes_out_without_a_header_and_its_401_is_the_callers() {
    let world = World::new(Style::OAuth).await;
    assert_eq!(world.session.status(), Status::SignedOut);
    assert_eq!(world.session.ticket(js_sys::Date::now()), -1.0);
    let response = JsFuture::from(world.fetch("/echo")).await.expect("a response");
    assert_eq!(status(&response), 401);
    assert_eq!(get(&world.counters().await, "refresh_calls"), 0);
}

#[wasm_bindgen_test]
async fn s3_the_short_way_gets_a_stamp_and_the_whole_header() {
    let world = World::new(Style::OAuth).await;
    world.sign_in().await;
    assert!(world.session.ticket(js_sys::Date::now()) > 0.0);
    let header = world.session.header().as_string().expect("a header");
    assert!(header.starts_with("Bearer ey"));
    assert_eq!(get(&world.session.claims(), "name"), "ada");
}

#[wasm_bindgen_test]
async fn g6_invalid_grant_ends_the_session_and_removes_the_record() {
    let world = World::new(Style::OAuth).await;
    world.sign_in().await;
    assert!(world.stored().is_some());
    world.post("/control/revoke", "").await;
    let response = JsFuture::from(world.fetch("/echo")).await.expect("a response");
    assert_eq!(status(&response), 401);
    assert_eq!(world.session.status(), Status::SignedOut);
    assert!(world.stored().is_none());
    assert_eq!(world.told("expired"), 1);
}

#[wasm_bindgen_test]
async fn g7_a_server_error_keeps_the_tokens_and_a_forced_refresh_succeeds_later() {
    let world = World::new(Style::Article).await;
    world.sign_in().await;
    world.post("/control", r#"{"refresh_fault":"server_error","refresh_fault_count":1}"#).await;
    let error = JsFuture::from(world.session.refresh()).await.expect_err("the refresh fails");
    assert_eq!(get(&error, "code"), "refresh_failed");
    assert!(world.stored().is_some());
    JsFuture::from(world.session.refresh()).await.expect("the server is well again");
    assert_eq!(world.told("refreshed"), 1);
}

#[wasm_bindgen_test]
async fn an_access_token_deleted_from_local_storage_comes_back_through_a_refresh() {
    let world = World::new(Style::Article).await;
    world.sign_in().await;
    let record = js_sys::JSON::parse(&world.stored().expect("a record")).expect("JSON");
    assert!(
        Reflect::delete_property(record.unchecked_ref::<js_sys::Object>(), &"accessToken".into()).expect("deleted")
    );
    world.store(&js_sys::JSON::stringify(&record).expect("JSON").into());
    world.sleep(3).await;
    let response = JsFuture::from(world.fetch("/echo")).await.expect("a response");
    assert_eq!(status(&response), 200);
    assert_eq!(get(&world.counters().await, "unauthorized"), 0);
    assert_eq!(world.told("refreshed"), 1);
}

#[wasm_bindgen_test]
async fn a_logout_clears_the_store_and_a_token_is_refused_afterwards() {
    let world = World::new(Style::OAuth).await;
    world.sign_in().await;
    JsFuture::from(world.session.clear()).await.expect("cleared");
    assert!(world.stored().is_none());
    let error = JsFuture::from(world.session.access_token(0.0, &JsValue::UNDEFINED)).await.expect_err("no token");
    assert_eq!(get(&error, "code"), "signed_out");
}

#[wasm_bindgen_test]
async fn a_native_error_of_fetch_is_passed_on_as_it_is() {
    let world = World::new(Style::OAuth).await;
    world.sign_in().await;
    world.post("/control", r#"{"api_fault":"drop"}"#).await;
    let error = JsFuture::from(world.fetch("/echo")).await.expect_err("no answer");
    assert!(error.is_instance_of::<js_sys::TypeError>());
}
