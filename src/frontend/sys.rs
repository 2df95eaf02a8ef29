//! What this face asks of the browser beyond `web_sys`.

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/web/port.js")]
extern "C" {
    pub fn lease(options: &JsValue, granted: &Function) -> Function;
    /// Each response is asked about (A1).
    pub fn asks(options: &JsValue);
    /// Nothing is found in sessionStorage before it is known that the record there is no copy of another tab's.
    pub fn gate(options: &JsValue);
    /// The caller's own store, which the options have, made steady (G10).
    pub fn steady(options: &JsValue) -> JsValue;
}

/// A property, or `undefined` where reading it throws.
pub fn get(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// Sets a property of an object of our own, which cannot fail: it is neither frozen nor a proxy.
pub fn set(of: &Object, name: &str, value: impl Into<JsValue>) {
    let _ = Reflect::set(of, &name.into(), &value.into());
}

/// A property of the global object.
pub fn global(name: &str) -> JsValue {
    get(&js_sys::global(), name)
}

/// A promise for what the future gives.
pub fn promise(future: impl Future<Output = Result<JsValue, JsValue>> + 'static) -> Promise {
    wasm_bindgen_futures::future_to_promise(future)
}
