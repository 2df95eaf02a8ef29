//! Options: what is wrong is told by name, what is right has its effect.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use js_sys::Array;
use relatch::{Code, Status};
use relatch::{Error, Event, Refresh, Session, Storage, Store, StoreFuture, Tokens};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::world::{Realm, Style, World, get};

/// Bad options, and the words for them: tests/clients/options.test.mjs gives the same to the npm package.
const BAD: &str = include_str!("../options.json");

/// What the Rust face says to this one.
async fn refused(option: &str, given: &JsValue) -> Error {
    let text = || given.as_string().expect("a string");
    let number = || given.as_f64().expect("a number");
    let make = || Session::builder(Refresh::post("/users/refresh"));
    let made = match option {
        "origins" => {
            make().origins(Array::from(given).iter().map(|origin| origin.as_string().expect("a string"))).build()
        }
        "refresh.url" => Session::builder(Refresh::post(text())).build(),
        "header.name" => make().header(text()).build(),
        "header.scheme" => make().scheme(text()).build(),
        "maxReplays" => make().max_replays(number() as u8).build(),
        "maxWait" => make().max_wait(Duration::from_millis(number() as u64)).build(),
        "refreshTimeout" => make().refresh_timeout(Duration::from_millis(number() as u64)).build(),
        "tokens.accessToken" => {
            let session = make().storage(Storage::Memory).build().expect("options are right");
            return session.set_tokens(&Tokens::new(text())).await.expect_err("refused");
        }
        other => panic!("no such option: {other}"),
    };
    made.expect_err(option)
}

/// The names of the two faces differ by this only.
fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| name + &word[..1].to_uppercase() + &word[1..])
}

#[wasm_bindgen_test]
async fn a_bad_option_has_the_name_and_the_words_that_it_has_in_javascript() {
    let rows = js_sys::JSON::parse(BAD).expect("a table");
    for row in Array::from(&rows).iter().map(|row| Array::from(&row)) {
        let word = |at: u32| row.get(at).as_string().expect("a string");
        let error = refused(&word(0), &row.get(1)).await;
        assert_eq!(error.code(), Some(Code::InvalidOption));
        let Error::InvalidOption { name, expected, .. } = &error else { panic!("{error:?}") };
        assert_eq!((camel_case(name), expected.clone()), (word(2), word(3)));
        let said = error.to_string();
        let thrown = JsValue::from(error);
        assert_eq!(get(&thrown, "name"), "RelatchError");
        assert_eq!(get(&thrown, "code"), "invalid_option");
        assert_eq!(get(&thrown, "message"), said.as_str());
    }
}

#[wasm_bindgen_test]
async fn a_token_that_no_header_can_carry_is_refused_and_changes_nothing() {
    let world = World::signed_in(Style::OAuth).await;
    for bad in ["", "  ", "two\r\nlines", "é"] {
        let error = world.session.set_tokens(&Tokens::new(bad)).await.expect_err("refused");
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
