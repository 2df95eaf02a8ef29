//! Hand-written bindings: to `port.js`, and where the generated ones would copy strings into wasm memory.

use js_sys::{Array, Promise};
use wasm_bindgen::prelude::*;

/// What the browser says, as numbers: kind, call or flight, bits, and a value where there is one. `Fn`, because an
/// `FnMut` throws when it is called again from inside: by a listener, an abort, or a lock that is granted at once.
pub type Inbox = Closure<dyn Fn(u32, u32, u32, JsValue) -> f64>;

#[wasm_bindgen(module = "/src/web/port.js")]
extern "C" {
    #[derive(Clone, Debug)]
    pub type Port;
    #[wasm_bindgen(constructor)]
    pub fn new(options: &JsValue, inbox: &JsValue) -> Port;
    #[wasm_bindgen(method)]
    pub fn fetch(this: &Port, input: &JsValue, init: &JsValue) -> Promise;
    #[wasm_bindgen(method)]
    pub fn token(this: &Port, min_validity_s: f64, signal: &JsValue) -> Promise;
    #[wasm_bindgen(method)]
    pub fn refresh(this: &Port) -> Promise;
    #[wasm_bindgen(method)]
    pub fn detach(this: &Port);

    #[wasm_bindgen(method)]
    pub fn send(this: &Port, call: u32, value: &JsValue);
    #[wasm_bindgen(method)]
    pub fn watch(this: &Port, call: u32);
    #[wasm_bindgen(method)]
    pub fn settle(this: &Port, call: u32, outcome: u32, value: &JsValue, message: &JsValue);
    #[wasm_bindgen(method)]
    pub fn lock(this: &Port, flight: u32);
    #[wasm_bindgen(method)]
    pub fn unlock(this: &Port, flight: u32);
    #[wasm_bindgen(method)]
    pub fn arm(this: &Port, ms: f64);
    #[wasm_bindgen(method)]
    pub fn tell(this: &Port, name: &str, values: &JsValue, call: Option<u32>);
    #[wasm_bindgen(method)]
    pub fn asks(this: &Port, call: u32) -> String;
    #[wasm_bindgen(method)]
    pub fn call(this: &Port, flight: u32, refresh: &JsValue, reason: &str) -> Promise;
    #[wasm_bindgen(method, js_name = abortCall)]
    pub fn abort_call(this: &Port, flight: u32);

    #[wasm_bindgen(method)]
    pub fn serialise(this: &Port, values: &JsValue) -> JsValue;
    #[wasm_bindgen(method)]
    pub fn parse(this: &Port, raw: &JsValue) -> Option<Array>;
    #[wasm_bindgen(method)]
    pub fn own(this: &Port, operation: &str, raw: &JsValue) -> Promise;
    #[wasm_bindgen(method)]
    pub fn settled(this: &Port) -> Promise;
}

#[wasm_bindgen]
extern "C" {
    /// `Storage`, with values left on the JavaScript side.
    pub type RawStorage;
    #[wasm_bindgen(method, catch, js_name = getItem)]
    pub fn get_item(this: &RawStorage, key: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = setItem)]
    pub fn set_item(this: &RawStorage, key: &JsValue, value: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = removeItem)]
    pub fn remove_item(this: &RawStorage, key: &JsValue) -> Result<(), JsValue>;

    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    pub fn performance_now() -> f64;
}

#[wasm_bindgen(module = "/src/web/port.js")]
extern "C" {
    /// The object that these bytes are in UTF-8 and JSON; `undefined` if they are not.
    #[wasm_bindgen(js_name = jsonOf)]
    pub fn json_of(bytes: &[u8]) -> JsValue;
}

/// A property, or `undefined` where reading it fails.
pub fn get(of: &JsValue, name: &str) -> JsValue {
    js_sys::Reflect::get(of, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}
