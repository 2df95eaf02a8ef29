//! Options: what is wrong is told by name, what is right has its effect.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use relatch::{Code, Status};
use relatch::{Error, Event, Refresh, Session, Storage, Store, StoreFuture, Tokens};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::world::{Realm, Style, World, get};

#[wasm_bindgen_test]
fn a_wrong_option_is_told_by_its_name_and_by_what_it_must_be() {
    let make = || Session::builder(Refresh::post("/users/refresh"));
    let cases: [(Result<Session, Error>, &str, &str); 9] = [
        (make().origins(["https://a.example", "https://"]).build(), "origins[1]", "a URL"),
        (make().origins(["http://api.example"]).build(), "origins[0]", "https"),
        (Session::builder(Refresh::post("http://api.example/refresh")).build(), "refresh.url", "https"),
        (make().header("X AUTH").build(), "header", "X AUTH"),
        (make().header("").build(), "header", "a header name"),
        (make().scheme("Bearer:").build(), "scheme", "an auth scheme"),
        (make().max_replays(4).build(), "max_replays", "from 0 to 3"),
        (make().max_wait(Duration::ZERO).build(), "max_wait", "from 1 to 3600000 ms"),
        (make().refresh_timeout(Duration::from_secs(601)).build(), "refresh_timeout", "601000 ms"),
    ];
    for (made, option, word) in cases {
        let error = made.expect_err(option);
        assert_eq!(error.code(), Some(Code::InvalidOption));
        let Error::InvalidOption { name, expected, .. } = &error else { panic!("{error:?}") };
        assert_eq!(name, option);
        assert!(expected.contains(word), "{error}");
        let thrown = JsValue::from(error);
        assert_eq!(get(&thrown, "name"), "RelatchError");
        assert_eq!(get(&thrown, "code"), "invalid_option");
    }
}

#[wasm_bindgen_test]
async fn a_token_that_no_header_can_carry_is_refused_and_changes_nothing() {
    let world = World::signed_in(Style::OAuth).await;
    for bad in ["", "  ", "two\r\nlines", "é"] {
        let error = world.session.set_tokens(&Tokens::new(bad)).await.expect_err("refused");
        let Error::InvalidOption { name, expected, .. } = &error else { panic!("{error:?}") };
        assert!(name == "tokens.access_token" && expected.contains("visible ASCII"), "{error}");
        assert!(bad.trim().is_empty() || !error.to_string().contains(bad));
    }
    assert_eq!(world.status_of("/echo").await, 200);
}

#[wasm_bindgen_test]
async fn another_origin_and_what_is_skipped_never_see_the_token() {
    let realm = Realm::new(Style::OAuth);
    let builder = realm.builder(realm.refresh()).skip(|url| url.ends_with("?plain"));
    let world = World::of(realm, builder.build().expect("options are right"));
    world.sign_in().await;
    assert_eq!(world.status_of("/echo?plain").await, 401);
    assert_eq!(world.status_of("/echo").await, 200);
    let realm = Realm::new(Style::OAuth);
    let builder = realm.builder(realm.refresh()).origins(["https://api.example.com"]);
    let other = World::of(realm, builder.build().expect("options are right"));
    other.sign_in().await;
    assert_eq!(other.status_of("/echo").await, 401);
    assert_eq!(get(&other.realm.counters().await, "refresh_calls"), 0);
}

#[wasm_bindgen_test]
async fn another_status_may_be_a_challenge_and_another_answer_the_end() {
    let realm = Realm::new(Style::Article);
    let seen = Rc::new(RefCell::new(Vec::new()));
    let answers = seen.clone();
    let refresh = realm.refresh().terminal(move |status, body| {
        answers.borrow_mut().push((status, get(body, "error").as_string()));
        status == 503
    });
    let builder = realm.builder(refresh).is_challenge(|response| response.status() == 418);
    let world = World::of(realm, builder.build().expect("options are right"));
    world.sign_in().await;
    assert_eq!(world.status_of("/status/418").await, 418);
    assert_eq!(get(&world.realm.counters().await, "refreshes"), 1);
    world.realm.post("/control", r#"{"refresh_fault":"unavailable"}"#).await;
    world.session.refresh().await.expect_err("the session ends");
    assert_eq!(world.session.status(), Status::SignedOut);
    assert!(matches!(&seen.borrow()[..], [(503, _)]));
}

#[derive(Clone, Default)]
struct Shelf {
    record: Rc<RefCell<Option<String>>>,
    asked: Rc<RefCell<Vec<String>>>,
}

impl Store for Shelf {
    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<String>> {
        Box::pin(async move {
            self.asked.borrow_mut().push(format!("get {key}"));
            Ok(self.record.borrow().clone())
        })
    }
    fn set<'a>(&'a self, key: &'a str, record: &'a str) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            self.asked.borrow_mut().push(format!("set {key}"));
            *self.record.borrow_mut() = Some(record.to_owned());
            Ok(())
        })
    }
    fn remove<'a>(&'a self, key: &'a str) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            self.asked.borrow_mut().push(format!("remove {key}"));
            *self.record.borrow_mut() = None;
            Ok(())
        })
    }
}

struct Broken;

impl Store for Broken {
    fn get(&self, _: &str) -> StoreFuture<'_, Option<String>> {
        Box::pin(async { Ok(None) })
    }
    fn set(&self, _: &str, _: &str) -> StoreFuture<'_, ()> {
        Box::pin(async { Err("the disk is full".into()) })
    }
    fn remove(&self, _: &str) -> StoreFuture<'_, ()> {
        Box::pin(async { Ok(()) })
    }
}

#[wasm_bindgen_test]
async fn a_store_of_ones_own_keeps_the_session_and_its_failure_is_told() {
    let shelf = Shelf::default();
    let realm = Realm::new(Style::OAuth);
    let storage = || Storage::own(shelf.clone());
    let session = realm.builder(realm.refresh()).storage(storage()).build().expect("options are right");
    session.set_tokens(&realm.tokens().await).await.expect("stored");
    assert!(realm.stored().is_none());
    drop(session);
    let again = realm.builder(realm.refresh()).storage(storage()).build().expect("options are right");
    assert_eq!(again.fetch(&realm.url("/echo")).await.expect("a response").status(), 200);
    again.clear().await.expect("cleared");
    assert!(shelf.record.borrow().is_none());
    let expected = ["get", "set", "get", "remove"].map(|operation| format!("{operation} {}", realm.key));
    assert_eq!(shelf.asked.borrow()[..], expected);

    let realm = Realm::new(Style::OAuth);
    let session = realm.builder(realm.refresh()).storage(Storage::own(Broken)).build();
    let world = World::of(realm, session.expect("options are right"));
    world.sign_in().await;
    assert_eq!(world.status_of("/echo").await, 200);
    assert_eq!(world.told(|event| matches!(event, Event::Failed { code: Code::StorageFailed, .. })), 1);
}

#[wasm_bindgen_test]
async fn in_memory_nothing_is_stored() {
    let realm = Realm::new(Style::OAuth);
    let session = realm.builder(realm.refresh()).storage(Storage::Memory).build();
    let world = World::of(realm, session.expect("options are right"));
    world.sign_in().await;
    assert_eq!(world.status_of("/echo").await, 200);
    assert!(world.realm.stored().is_none());
}
