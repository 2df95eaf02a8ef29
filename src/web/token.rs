//! A token in the browser: a handle to a JavaScript string, which never enters wasm memory.

use js_sys::JsString;
use wasm_bindgen::prelude::*;

use super::sys::Row;
use super::wire;
use relatch_engine::policy::LIFETIME_MAX_MS;
use relatch_engine::{Grant, Record, Token, expiry};

#[derive(Clone, PartialEq)]
pub struct JsToken(pub JsString);

/// Says nothing of its content: tokens stay out of everything that is printed.
impl std::fmt::Debug for JsToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JsToken")
    }
}

impl Token for JsToken {
    /// The port hands on no blank token: it says `undefined` instead.
    fn is_blank(&self) -> bool {
        false
    }
}

impl Row {
    fn token(&self, index: u32) -> Option<JsToken> {
        let value = self.value(index);
        (!value.is_undefined()).then(|| JsToken(value.unchecked_into()))
    }

    pub fn finite(&self, index: u32) -> Option<f64> {
        Some(self.number(index)).filter(|n| n.is_finite())
    }

    /// By the places of `wire::Grant`. `None`: there is no access token.
    pub fn grant(&self) -> Option<Grant<JsToken>> {
        use wire::Grant as Place;
        let number = |place: Place| self.finite(place as u32);
        Some(Grant {
            access: self.token(Place::Access as u32)?,
            refresh: self.token(Place::Refresh as u32),
            lifetime_ms: expiry::lifetime_ms(number(Place::ExpiresIn), number(Place::IssuedAt), number(Place::Expires)),
            subject: self.number(Place::Subject as u32) as u32,
        })
    }

    /// By the places of `wire::Record`.
    pub fn record(&self) -> Record<JsToken> {
        use wire::Record as Place;
        Record {
            access: self.token(Place::Access as u32),
            refresh: self.token(Place::Refresh as u32),
            // Float casts saturate, so a number out of range is a wrong number but no panic.
            epoch: self.number(Place::Epoch as u32) as u32,
            generation: self.number(Place::Generation as u32) as u32,
            obtained_at_ms: self.number(Place::ObtainedAt as u32) as u64,
            lifetime_ms: self.finite(Place::Lifetime as u32).map(|ms| (ms as u64).min(LIFETIME_MAX_MS)),
            subject: self.number(Place::Subject as u32) as u32,
        }
    }
}
