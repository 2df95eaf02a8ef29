//! Hand-written bindings: to `port.js`, and where the generated ones would copy values into wasm memory.

#[cfg(not(feature = "npm"))]
use js_sys::Promise;
use wasm_bindgen::prelude::*;

/// What the browser says: kind, call or flight, bits, a row of values, and a challenge where there is one. `Fn`, because an
/// `FnMut` throws when it is called again from inside: by a listener, an abort, or a lock that is granted at once.
pub type Inbox = Closure<dyn Fn(u32, u32, u32, Row, Option<Vec<u8>>) -> f64>;

#[wasm_bindgen(module = "/src/web/port.js")]
extern "C" {
    #[derive(Clone, Debug)]
    pub type Port;
    #[wasm_bindgen(constructor)]
    pub fn new(options: &JsValue, inbox: &JsValue) -> Port;
    /// Carries out one effect. One door for all of them, because every import costs glue of its own.
    #[wasm_bindgen(method)]
    pub fn act(this: &Port, kind: u32, id: u32, n: f64, value: &JsValue);
}

/// What Rust frontends call; the npm facade calls the same without Rust between.
#[cfg(not(feature = "npm"))]
#[wasm_bindgen(module = "/src/web/port.js")]
extern "C" {
    #[wasm_bindgen(method)]
    pub fn fetch(this: &Port, input: &JsValue, init: &JsValue) -> Promise;
    #[wasm_bindgen(method)]
    pub fn token(this: &Port, min_validity_s: f64, signal: &JsValue) -> Promise;
    #[wasm_bindgen(method)]
    pub fn refresh(this: &Port) -> Promise;
    #[wasm_bindgen(method, js_name = setTokens)]
    pub fn set_tokens(this: &Port, access: &JsValue, refresh: &JsValue, expires_in: &JsValue) -> Promise;
    #[wasm_bindgen(method)]
    pub fn clear(this: &Port) -> Promise;
    #[wasm_bindgen(method)]
    pub fn close(this: &Port);
    #[wasm_bindgen(method)]
    pub fn listen(this: &Port, single_calls: bool);
    #[wasm_bindgen(method)]
    pub fn claims(this: &Port) -> JsValue;
    #[wasm_bindgen(method)]
    pub fn look(this: &Port);
}

#[wasm_bindgen]
extern "C" {
    /// An array that `port.js` has filled: numbers where numbers are read (NaN for none), strings or `undefined` where
    /// tokens are.
    pub type Row;
    #[wasm_bindgen(method, structural, indexing_getter)]
    pub fn number(this: &Row, index: u32) -> f64;
    #[wasm_bindgen(method, structural, indexing_getter)]
    pub fn value(this: &Row, index: u32) -> JsValue;

    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    pub fn performance_now() -> f64;
}
