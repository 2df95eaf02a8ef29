//! What a session is on this side of the border: the engine, the port, and what the shell remembers between inputs.

use std::cell::{Cell, RefCell, RefMut};

use relatch_engine::{Engine, Now};
use wasm_bindgen::prelude::*;

use super::sys::{self, Port};
use super::token::JsToken;
use super::wire::FIGURES_MAX;

pub struct Shell {
    pub(super) engine: RefCell<Engine<JsToken>>,
    pub port: Port,
    /// The deadline that the timer is set to.
    pub armed: Cell<Option<u64>>,
    /// A pump is due in a microtask.
    pub scheduled: Cell<bool>,
    /// Where in its field the latest step-up challenge says what it asks for; see `places` in inbox.rs.
    pub asked: Cell<[f64; FIGURES_MAX]>,
}

pub fn now() -> Now {
    // Float casts saturate: a clock before 1970 is 0.
    Now { wall_ms: js_sys::Date::now() as u64, mono_ms: sys::clock() as u64 }
}

impl Shell {
    /// The engine, for one statement: no borrow outlives a call into JavaScript. In one place because every place that
    /// borrows costs its own check in wasm.
    #[inline(never)]
    pub fn engine(&self) -> RefMut<'_, Engine<JsToken>> {
        self.engine.borrow_mut()
    }

    /// The current access token; `undefined` without one.
    #[inline(never)]
    pub fn access(&self) -> JsValue {
        self.engine().access().map_or(JsValue::UNDEFINED, |t| t.0.clone().into())
    }
}
