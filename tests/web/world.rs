//! A session of its own, in a realm of the server of its own.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Object, Promise, Reflect};
use relatch::{Event, Listener, Refresh, RefreshPost, Session, SessionBuilder, Tokens};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = fetch)]
    pub fn global_fetch(url: &str, init: &JsValue) -> Promise;
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(done: &js_sys::Function, ms: u32);
    #[wasm_bindgen(js_namespace = localStorage, js_name = getItem)]
    fn get_item(key: &str) -> Option<String>;
    #[wasm_bindgen(js_namespace = localStorage, js_name = setItem)]
    fn set_item(key: &str, value: &str);
}

#[derive(Clone, Copy)]
pub enum Style {
    Article,
    OAuth,
}

/// What the server knows of a realm.
pub struct Realm {
    pub style: Style,
    pub server: &'static str,
    pub api: String,
    pub key: String,
}

pub struct World {
    pub realm: Realm,
    pub session: Session,
    pub events: Events,
    _listener: Listener,
}

pub type Events = Rc<RefCell<Vec<Event>>>;

pub fn get(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &name.into()).expect("readable")
}

pub fn set(of: &Object, name: &str, value: impl Into<JsValue>) {
    Reflect::set(of, &name.into(), &value.into()).expect("set");
}

impl Realm {
    #[allow(clippy::option_env_unwrap)] // with `env!` the tests could not even be linted without a server
    pub fn new(style: Style) -> Realm {
        let server =
            option_env!("RELATCH_TEST_MAIN").expect("the server's address: run `cargo xtask test --only wasm-pack`");
        let key = format!("web-{}", js_sys::Math::random());
        Realm { style, server, api: format!("{server}/t/{key}"), key }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.api)
    }

    pub fn refresh(&self) -> RefreshPost {
        match self.style {
            Style::Article => Refresh::post(self.url("/users/refresh")).pick(
                "result.accessToken",
                "result.refreshToken",
                "result.expiresIn",
            ),
            Style::OAuth => Refresh::oauth(self.url("/oauth/token"), "web"),
        }
    }

    /// A session's options, of which a test changes what it is about.
    pub fn builder(&self, refresh: impl Into<Refresh>) -> SessionBuilder {
        let builder = Session::builder(refresh).origins([self.server]).key(&self.key);
        match self.style {
            Style::Article => builder.header("X-AUTH-TOKEN"),
            Style::OAuth => builder,
        }
    }

    pub async fn post(&self, path: &str, body: &str) -> JsValue {
        let init = Object::new();
        set(&init, "method", "POST");
        set(&init, "body", if body.is_empty() { "{}" } else { body });
        self.json(&init, path).await
    }

    pub async fn counters(&self) -> JsValue {
        self.json(&Object::new(), "/control/counters").await
    }

    async fn json(&self, init: &Object, path: &str) -> JsValue {
        let response = JsFuture::from(global_fetch(&self.url(path), init)).await.expect("an answer");
        let response: Response = response.unchecked_into();
        assert!(response.ok(), "{path}: {}", response.status());
        JsFuture::from(response.json().expect("a promise")).await.expect("JSON")
    }

    /// Signs in, and reads the answer as an application would.
    pub async fn tokens(&self) -> Tokens {
        let answer = self.post("/users/sign-in", r#"{"name":"ada","password":"latch"}"#).await;
        serde_wasm_bindgen::from_value(get(&answer, "result")).expect("tokens")
    }

    pub fn stored(&self) -> Option<String> {
        get_item(&self.key)
    }

    pub fn store(&self, record: &str) {
        set_item(&self.key, record);
    }
}

impl World {
    pub async fn new(style: Style) -> World {
        let realm = Realm::new(style);
        let session = realm.builder(realm.refresh()).build().expect("options are right");
        World::of(realm, session)
    }

    pub async fn signed_in(style: Style) -> World {
        let world = World::new(style).await;
        world.sign_in().await;
        world
    }

    pub fn of(realm: Realm, session: Session) -> World {
        let events = Events::default();
        let heard = events.clone();
        let listener = session.listen(move |event| {
            // Each test signs in.
            if !matches!(event, Event::Changed { .. }) {
                heard.borrow_mut().push(event.clone());
            }
        });
        World { realm, session, events, _listener: listener }
    }

    pub async fn sign_in(&self) {
        self.session.set_tokens(&self.realm.tokens().await).await.expect("stored");
    }

    pub async fn status_of(&self, path: &str) -> u16 {
        self.session.fetch(&self.realm.url(path)).await.expect("a response").status()
    }

    /// How many of the events are such.
    pub fn told(&self, is: impl Fn(&Event) -> bool) -> usize {
        self.events.borrow().iter().filter(|event| is(event)).count()
    }
}

pub async fn sleep(ms: u32) {
    let promise = Promise::new(&mut |resolve, _| set_timeout(&resolve, ms));
    JsFuture::from(promise).await.expect("slept");
}
