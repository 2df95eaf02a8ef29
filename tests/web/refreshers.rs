//! A refresh that is a function of the application's.

use std::cell::RefCell;
use std::rc::Rc;

use relatch::{Code, Reason, Status};
use relatch::{Error, Event, Refresh, RefreshContext, Tokens};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Request, RequestInit};

use crate::world::{Realm, Style, World, get};

/// What an application would write against the article's server.
async fn ask(url: String, context: RefreshContext) -> Result<Option<Tokens>, JsValue> {
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_body(&format!(r#"{{"refreshToken":"{}"}}"#, context.refresh_token()).into());
    init.set_signal(Some(context.signal()));
    let response = context.fetch(&Request::new_with_str_and_init(&url, &init)?).await?;
    if response.status() == 401 {
        return Ok(None);
    }
    let body = JsFuture::from(response.json()?).await?;
    Ok(Some(serde_wasm_bindgen::from_value(get(&body, "result"))?))
}

#[wasm_bindgen_test]
async fn a_function_gives_tokens_ends_the_session_or_fails_for_now() {
    let realm = Realm::new(Style::Article);
    let reasons = Rc::new(RefCell::new(Vec::new()));
    let (url, seen) = (realm.url("/users/refresh"), reasons.clone());
    let refresh = Refresh::with(move |context| {
        seen.borrow_mut().push(context.reason());
        let debug = format!("{context:?}");
        assert!(debug.contains("reason") && !debug.contains(context.refresh_token()));
        ask(url.clone(), context)
    });
    let session = realm.builder(refresh).build().expect("options are right");
    let world = World::of(realm, session);
    world.sign_in().await;

    world.realm.post("/control/expire", "").await;
    assert_eq!(world.status_of("/echo").await, 200);
    assert_eq!(get(&world.realm.counters().await, "refreshes"), 1);

    // No JSON: the error of `json()` is the cause, and the tokens are kept.
    world.realm.post("/control", r#"{"refresh_fault":"html200","refresh_fault_count":1}"#).await;
    let error = world.session.refresh().await.expect_err("it fails for now");
    let Error::Session { code: Code::RefreshFailed, cause: Some(cause), .. } = error else { panic!("{error:?}") };
    assert!(cause.is_instance_of::<js_sys::SyntaxError>());
    world.session.refresh().await.expect("and works later");

    world.realm.post("/control/revoke", "").await;
    assert_eq!(world.status_of("/echo").await, 401);
    assert_eq!(world.session.status(), Status::SignedOut);
    assert_eq!(world.told(|event| matches!(event, Event::Expired { status: 0, .. })), 1);
    assert_eq!(reasons.borrow()[..], [Reason::Rejected, Reason::Forced, Reason::Forced, Reason::Rejected]);
}
