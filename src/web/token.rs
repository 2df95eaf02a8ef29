//! A token in the browser: a handle to a JavaScript string, which never enters wasm memory.

use js_sys::JsString;
use wasm_bindgen::prelude::*;

use super::sys::Row;
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
    /// `port.js` hands on no blank token: it says `undefined` instead.
    fn is_blank(&self) -> bool {
        false
    }
}

impl Row {
    fn token(&self, index: u32) -> Option<JsToken> {
        let value = self.value(index);
        (!value.is_undefined()).then(|| JsToken(value.unchecked_into()))
    }

    fn finite(&self, index: u32) -> Option<f64> {
        Some(self.number(index)).filter(|n| n.is_finite())
    }

    /// `[access, refresh, expires_in, iat, exp]`. `None`: there is no access token.
    pub fn grant(&self) -> Option<Grant<JsToken>> {
        Some(Grant {
            access: self.token(0)?,
            refresh: self.token(1),
            lifetime_ms: expiry::lifetime_ms(self.finite(2), self.finite(3), self.finite(4)),
        })
    }

    /// `[access, refresh, epoch, generation, obtained_at, lifetime]`.
    pub fn record(&self) -> Record<JsToken> {
        Record {
            access: self.token(0),
            refresh: self.token(1),
            // Float casts saturate, so a number out of range is a wrong number but no panic.
            epoch: self.number(2) as u32,
            generation: self.number(3) as u32,
            obtained_at_ms: self.number(4) as u64,
            lifetime_ms: self.finite(5).map(|ms| (ms as u64).min(LIFETIME_MAX_MS)),
        }
    }
}
