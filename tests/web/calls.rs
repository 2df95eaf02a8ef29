//! Calls with bodies, listeners, the global fetch, and the end of a session object.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use relatch::{Code, Status};
use relatch::{Error, Event, Session};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{AbortController, Request, RequestInit, Response};

use crate::world::{Events, Style, World, get, global_fetch};

/// The SHA-256 of `the body`.
const THE_BODY: &str = "fa8242e99f48966ca514092b4233b446851f42b57ad5031bf133e1dd76787f3e";

async fn body(response: Response) -> JsValue {
    JsFuture::from(response.json().expect("a promise")).await.expect("JSON")
}

#[wasm_bindgen_test]
async fn a_post_is_replayed_with_its_body_whether_it_is_an_init_or_a_request() {
    let world = World::signed_in(Style::OAuth).await;
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_body(&"the body".into());
    let url = world.realm.url("/echo");
    world.realm.post("/control/expire", "").await;
    let echoed = body(world.session.fetch_with(&url, &init).await.expect("a response")).await;
    assert_eq!(get(&echoed, "sha256"), THE_BODY);
    world.realm.post("/control/expire", "").await;
    let request = Request::new_with_str_and_init(&url, &init).expect("a request");
    let echoed = body(world.session.fetch_request(&request).await.expect("a response")).await;
    assert_eq!(get(&echoed, "sha256"), THE_BODY);
    assert_eq!(get(&world.realm.counters().await, "refreshes"), 2);
}

#[wasm_bindgen_test]
async fn a_held_call_that_is_aborted_rejects_with_its_own_reason_and_the_others_succeed() {
    let world = World::signed_in(Style::OAuth).await;
    world.realm.post("/control", r#"{"refresh_delay_ms":300}"#).await;
    world.realm.post("/control/expire", "").await;
    let controller = AbortController::new().expect("a controller");
    let init = RequestInit::new();
    init.set_signal(Some(&controller.signal()));
    let url = world.realm.url("/echo");
    let (one, two) = (world.session.fetch_with(&url, &init), world.session.fetch(&url));
    let held = Rc::new(Cell::new(false));
    let (seen, aborter) = (held.clone(), controller.clone());
    let listener = world.session.listen_to_calls(move |event| {
        if matches!(event, Event::Held { sent: true, .. }) && !seen.replace(true) {
            aborter.abort_with_reason(&"enough".into());
        }
    });
    let Err(Error::Fetch(reason)) = one.await else { panic!("it was aborted") };
    assert_eq!(reason, "enough");
    assert_eq!(two.await.expect("a response").status(), 200);
    assert!(held.get());
    drop(listener);
}

#[wasm_bindgen_test]
async fn events_about_single_calls_are_told_only_to_who_asks_and_nothing_after_the_listener_is_dropped() {
    let world = World::signed_in(Style::OAuth).await;
    let calls = Events::default();
    let heard = calls.clone();
    let listener = world.session.listen_to_calls(move |event| heard.borrow_mut().push(event.clone()));
    world.realm.post("/control/expire", "").await;
    assert_eq!(world.status_of("/echo").await, 200);
    let url = world.realm.url("/echo");
    assert!(calls.borrow().iter().any(|e| matches!(e, Event::Held { sent: true, url: at, .. } if *at == url)));
    assert!(calls.borrow().iter().any(|e| matches!(e, Event::Replayed { generation: 2, url: at, .. } if *at == url)));
    assert!(matches!(&world.events.borrow()[..], [Event::Refreshed { .. }]));
    drop(listener);
    let before = calls.borrow().len();
    world.session.refresh().await.expect("refreshed");
    assert_eq!(calls.borrow().len(), before);
    assert_eq!(world.events.borrow().len(), 2);
}

#[wasm_bindgen_test]
async fn a_listener_may_add_and_drop_listeners() {
    let world = World::signed_in(Style::OAuth).await;
    let kept = Rc::new(RefCell::new(Vec::new()));
    let (session, mine) = (world.session.clone(), kept.clone());
    let first = world.session.listen(move |_| {
        let listener = session.listen(|_| {});
        mine.borrow_mut().push(listener);
    });
    world.session.refresh().await.expect("refreshed");
    assert_eq!(kept.borrow().len(), 1);
    drop(first);
    kept.borrow_mut().clear();
    world.session.refresh().await.expect("refreshed");
    assert_eq!(kept.borrow().len(), 0);
}

#[wasm_bindgen_test]
async fn installed_the_page_s_own_fetch_goes_through_the_session_until_it_is_taken_out() {
    let world = World::signed_in(Style::OAuth).await;
    let status = async || {
        let response = JsFuture::from(global_fetch(&world.realm.url("/echo"), &JsValue::UNDEFINED)).await;
        response.expect("a response").unchecked_into::<Response>().status()
    };
    assert_eq!(status().await, 401);
    let native = get(&js_sys::global(), "fetch");
    let installed = world.session.install();
    world.realm.post("/control/expire", "").await;
    assert_eq!(status().await, 200);
    let ours = get(&js_sys::global(), "fetch");
    drop(installed);
    assert_eq!(status().await, 401);
    assert_eq!(get(&js_sys::global(), "fetch"), native);
    // Somebody who kept ours keeps a way through.
    let kept = ours.unchecked_into::<js_sys::Function>().call1(&JsValue::UNDEFINED, &world.realm.url("/echo").into());
    let response = JsFuture::from(kept.expect("a promise").unchecked_into::<js_sys::Promise>()).await;
    assert_eq!(response.expect("a response").unchecked_into::<Response>().status(), 401);
    assert_eq!(world.status_of("/echo").await, 200);
}

#[wasm_bindgen_test]
async fn a_call_under_way_outlives_the_session_object_and_after_close_calls_are_refused() {
    let world = World::signed_in(Style::OAuth).await;
    world.realm.post("/control/expire", "").await;
    let World { realm, session, .. } = world;
    let call = session.fetch(&realm.url("/echo"));
    drop(session);
    assert_eq!(call.await.expect("a response").status(), 200);
    // The tokens stayed in the store, for the next session object.
    let session: Session = realm.builder(realm.refresh()).build().expect("options are right");
    assert_eq!(session.fetch(&realm.url("/echo")).await.expect("a response").status(), 200);
    session.close();
    assert_eq!(session.status(), Status::Closed);
    let error = session.access_token(Duration::ZERO).await.expect_err("it is closed");
    assert_eq!(error.code(), Some(Code::Closed));
}
