//! A session of its own, in a realm of the server of its own.

use js_sys::{Array, Object, Promise, Reflect};
use relatch::Session;
use relatch::core::{Change, Code, Reason};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = fetch)]
    fn native_fetch(url: &str, init: &JsValue) -> Promise;
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

pub struct World {
    pub session: Session,
    api: String,
    key: String,
    events: Array,
    _on_event: Closure<dyn FnMut(JsValue, JsValue)>,
    _make_error: Closure<dyn FnMut(u32, JsValue) -> JsValue>,
}

pub fn get(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &name.into()).expect("readable")
}

pub fn status(response: &JsValue) -> u32 {
    get(response, "status").as_f64().expect("a status") as u32
}

fn set(of: &Object, name: &str, value: impl Into<JsValue>) {
    Reflect::set(of, &name.into(), &value.into()).expect("set");
}

/// What the engine's numbers are called.
fn words() -> Object {
    fn texts(texts: impl IntoIterator<Item = &'static str>) -> Array {
        texts.into_iter().map(JsValue::from).collect()
    }
    let names = Object::new();
    set(&names, "codes", texts(Code::ALL.map(Code::as_str)));
    set(&names, "messages", texts(Code::ALL.map(Code::message)));
    set(&names, "reasons", texts(Reason::ALL.map(Reason::as_str)));
    set(&names, "changes", texts(Change::ALL.map(Change::as_str)));
    names
}

impl World {
    pub async fn new(style: Style) -> World {
        let server =
            option_env!("RELATCH_TEST_MAIN").expect("the server's address: run `cargo xtask test --only wasm-pack`");
        let key = format!("web-{}", js_sys::Math::random());
        let api = format!("{server}/t/{key}");
        let events = Array::new();
        let kept = events.clone();
        let on_event = Closure::<dyn FnMut(JsValue, JsValue)>::new(move |name, _detail| {
            kept.push(&name);
        });
        let make_error = Closure::<dyn FnMut(u32, JsValue) -> JsValue>::new(|code, _cause| {
            let code = Code::ALL.get(code as usize).expect("a code");
            let error = js_sys::Error::new(code.message());
            set(&error, "code", code.as_str());
            error.into()
        });
        let refresh = Object::new();
        let (url, form, names) = match style {
            Style::Article => {
                ("/users/refresh", false, ["result.accessToken", "result.refreshToken", "result.expiresIn"])
            }
            Style::OAuth => ("/oauth/token", true, ["access_token", "refresh_token", "expires_in"]),
        };
        set(&refresh, "url", format!("{api}{url}"));
        set(&refresh, "form", form);
        set(&refresh, "send", if form { "refresh_token" } else { "refreshToken" });
        set(&refresh, "credentials", "omit");
        for (name, path) in ["accessToken", "refreshToken", "expiresIn"].iter().zip(names) {
            set(&refresh, name, path);
        }
        let options = Object::new();
        let (header, prefix) = match style {
            Style::Article => ("X-AUTH-TOKEN", ""),
            Style::OAuth => ("Authorization", "Bearer "),
        };
        set(&options, "origins", Array::of1(&server.into()));
        set(&options, "ownOrigin", "");
        set(&options, "header", header);
        set(&options, "prefix", prefix);
        set(&options, "key", key.as_str());
        set(&options, "names", words());
        set(&options, "refresh", refresh);
        set(&options, "fetch", get(&js_sys::global(), "fetch"));
        set(&options, "onEvent", on_event.as_ref().clone());
        set(&options, "makeError", make_error.as_ref().clone());
        let session = Session::new(&options, 1, prefix.trim().into(), 0, 0, 1);
        World { session, api, key, events, _on_event: on_event, _make_error: make_error }
    }

    pub fn fetch(&self, path: &str) -> Promise {
        self.session.fetch(&format!("{}{path}", self.api).into(), &JsValue::UNDEFINED)
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
        let response = JsFuture::from(native_fetch(&format!("{}{path}", self.api), init)).await.expect("an answer");
        assert!(status(&response) < 300, "{path}: {}", status(&response));
        let json: js_sys::Function = get(&response, "json").unchecked_into();
        let promise: Promise = json.call0(&response).expect("a promise").unchecked_into();
        JsFuture::from(promise).await.expect("JSON")
    }

    pub async fn sign_in(&self) {
        let answer = self.post("/users/sign-in", r#"{"name":"ada","password":"latch"}"#).await;
        let result = get(&answer, "result");
        let stored = self.session.set_tokens(
            &get(&result, "accessToken"),
            &get(&result, "refreshToken"),
            &get(&result, "expiresIn"),
        );
        JsFuture::from(stored).await.expect("stored");
    }

    pub fn stored(&self) -> Option<String> {
        get_item(&self.key)
    }

    pub fn store(&self, record: &JsValue) {
        set_item(&self.key, &record.as_string().expect("a string"));
    }

    /// How often an event of this type was told.
    pub fn told(&self, name: &str) -> usize {
        self.events.iter().filter(|e| e == name).count()
    }

    pub async fn sleep(&self, ms: u32) {
        let promise = Promise::new(&mut |resolve, _| set_timeout(&resolve, ms));
        JsFuture::from(promise).await.expect("slept");
    }
}
