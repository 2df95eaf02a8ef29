//! Hand-written bindings: to the port, and where the generated ones would copy values into wasm memory.

use js_sys::Promise;
use wasm_bindgen::prelude::*;

/// What the browser says: input, subject, bits, a row of values, and a challenge where there is one. `Fn`, because an
/// `FnMut` throws when it is called again from inside: by a listener, an abort, or a lock that is granted at once.
pub type Inbox = Closure<dyn Fn(u32, u32, u32, Row, Option<Vec<u8>>) -> f64>;

#[wasm_bindgen(module = "/src/web/port.js")]
extern "C" {
    #[derive(Clone, Debug)]
    pub type Port;
    #[wasm_bindgen(js_namespace = ports, js_name = create)]
    pub fn create_port(options: &JsValue, inbox: &JsValue) -> Port;
    /// The monotonic clock, in ms.
    #[wasm_bindgen(js_namespace = ports)]
    pub fn clock() -> f64;
}

#[wasm_bindgen(module = "/src/web/port.js")]
extern "C" {
    /// Carries out one effect. One door for all of them, because every import costs glue of its own.
    pub fn act(port: &Port, effect: u32, subject: u32, n: f64, value: &JsValue);
}

// What Rust frontends call; the npm facade calls the same without Rust between.

#[wasm_bindgen(module = "/src/web/port.js")]
extern "C" {
    pub fn fetch(port: &Port, input: &JsValue, init: &JsValue) -> Promise;
    pub fn token(port: &Port, min_validity_s: f64, signal: &JsValue) -> Promise;
    pub fn refresh(port: &Port) -> Promise;
}

#[wasm_bindgen(module = "/src/web/port.js")]
extern "C" {
    #[wasm_bindgen(js_name = setTokens)]
    pub fn set_tokens(
        port: &Port,
        access: &JsValue,
        refresh: &JsValue,
        expires_in: &JsValue,
        id_token: &JsValue,
    ) -> Promise;
    pub fn clear(port: &Port) -> Promise;
    pub fn close(port: &Port);
    pub fn listen(port: &Port, single_calls: bool);
    pub fn claims(port: &Port) -> JsValue;
}

#[wasm_bindgen(module = "/src/web/port.js")]
extern "C" {
    pub fn look(port: &Port);
}

#[wasm_bindgen(module = "/src/web/port.js")]
extern "C" {
    /// What relative URLs are relative to; none where there is no page, or a page of no address.
    pub fn page() -> Option<String>;
}

#[wasm_bindgen]
extern "C" {
    /// An array or object that the port has filled: numbers where numbers are read (NaN for none), strings or
    /// `undefined` where tokens are. Its places are named in wire.rs.
    pub type Row;
    #[wasm_bindgen(method, structural, indexing_getter)]
    pub fn number(this: &Row, index: u32) -> f64;
    #[wasm_bindgen(method, structural, indexing_getter)]
    pub fn value(this: &Row, index: u32) -> JsValue;
}
