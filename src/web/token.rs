//! A token in the browser: a handle to a JavaScript string, which never enters wasm memory on its way to a header.

use js_sys::JsString;
use wasm_bindgen::prelude::*;

use super::sys;
use crate::core::{Grant, Token, expiry, jwt};

#[derive(Clone, PartialEq)]
pub struct JsToken(pub JsString);

/// Says nothing of its content: tokens stay out of everything that is printed.
impl std::fmt::Debug for JsToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JsToken")
    }
}

impl Token for JsToken {
    fn is_blank(&self) -> bool {
        self.0.trim().length() == 0
    }
}

impl JsToken {
    /// `None` unless it is a string with something in it.
    pub fn from_js(value: JsValue) -> Option<JsToken> {
        let token = JsToken(value.is_string().then(|| value.unchecked_into())?);
        (!token.is_blank()).then_some(token)
    }

    /// The payload of a JWT as a JavaScript object, unverified; `undefined` if it is not one.
    pub fn claims(&self) -> JsValue {
        if self.0.length() as usize > jwt::MAX_LEN {
            return JsValue::UNDEFINED;
        }
        // Decoded as UTF-8 and JSON on the other side, which knows how.
        jwt::payload(&String::from(&self.0)).map_or(JsValue::UNDEFINED, |bytes| sys::json_of(&bytes))
    }
}

/// Tokens as a login or an answer has them. `None`: there is no usable access token. Some servers write the lifetime as
/// a string.
pub fn grant(access: JsValue, refresh: JsValue, expires_in: &JsValue) -> Option<Grant<JsToken>> {
    let access = JsToken::from_js(access)?;
    let refresh = JsToken::from_js(refresh);
    let number = |v: &JsValue| {
        if v.is_string() { js_sys::Number::from(v.clone()).value_of() } else { v.as_f64().unwrap_or(f64::NAN) }
    };
    let expires_in = Some(number(expires_in)).filter(|s| s.is_finite());
    let (mut iat, mut exp) = (None, None);
    if expires_in.is_none() {
        let claims = access.claims();
        iat = sys::get(&claims, "iat").as_f64();
        exp = sys::get(&claims, "exp").as_f64();
    }
    Some(Grant { access, refresh, lifetime_ms: expiry::lifetime_ms(expires_in, iat, exp) })
}
