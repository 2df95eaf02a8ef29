//! The session as the page's own `fetch`.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Function, Object, Promise};
use wasm_bindgen::prelude::*;

use super::session::Session;
use super::sys::{global, set};
use crate::web::sys::fetch;

/// The global `fetch` is the session's as long as this lives. See [`Session::install`].
#[must_use = "dropping it takes the session's fetch out again"]
#[derive(Debug)]
pub struct Installed {
    session: Session,
    /// What was the global one before, and is again afterwards.
    before: JsValue,
    /// What the session itself sent with.
    sends: JsValue,
    ours: JsValue,
    is_on: Rc<Cell<bool>>,
}

impl Session {
    /// Makes the session's the global `fetch`, so that crates that call it (`gloo-net`, `reqwest`, `leptos`' server
    /// functions) go through the session unchanged. Dropping what is returned takes it out again.
    pub fn install(&self) -> Installed {
        Installed::new(self.clone())
    }
}

impl Installed {
    fn new(session: Session) -> Installed {
        let before = global("fetch");
        let sends = session.exchange_fetch(&before);
        let is_on = Rc::new(Cell::new(true));
        let (port, on, native) = (session.port().clone(), is_on.clone(), before.clone());
        let wrapped = Closure::<dyn Fn(JsValue, JsValue) -> Promise>::new(move |input: JsValue, init: JsValue| {
            if on.get() {
                return fetch(&port, &input, &init);
            }
            // Somebody who wrapped us since then keeps their wrapper, and us as a bare way through.
            let called = native.unchecked_ref::<Function>().call2(&JsValue::UNDEFINED, &input, &init);
            called.map_or_else(|error| Promise::reject(&error), JsCast::unchecked_into)
        });
        let ours = wrapped.into_js_value();
        set(js_sys::global().unchecked_ref::<Object>(), "fetch", &ours);
        Installed { session, before, sends, ours, is_on }
    }

    /// Leaves the session installed for as long as the page lives.
    pub fn forget(self) {
        std::mem::forget(self);
    }
}

impl Drop for Installed {
    fn drop(&mut self) {
        self.is_on.set(false);
        self.session.exchange_fetch(&self.sends);
        if global("fetch") == self.ours {
            set(js_sys::global().unchecked_ref::<Object>(), "fetch", &self.before);
        }
    }
}
