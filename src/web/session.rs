//! The exported class: what the npm facade, and Rust frontends, call.

use std::rc::Rc;

use js_sys::{JsString, Promise};
use wasm_bindgen::prelude::*;

use super::shell::{Shell, now};
use super::storage::Store;
use super::token::grant;
use crate::core::{Code, Pass, Policy};

/// A session of relatch. The npm package's `createSession` wraps it.
#[wasm_bindgen]
pub struct Session {
    shell: Rc<Shell>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Session")
    }
}

#[wasm_bindgen]
impl Session {
    /// Takes what the npm facade makes of the options: the options themselves, for `port.js`; the storage (0 memory,
    /// 1 localStorage, 2 sessionStorage, 3 the caller's own, 4 none to be had) and the record's name in it; what stands before the token
    /// in the header; the scheme that a challenge of ours has (empty: any); and limits, of which 0 means the default.
    #[expect(clippy::too_many_arguments, reason = "an object would cost more bytes to read than the engine has")]
    #[wasm_bindgen(constructor)]
    pub fn new(
        options: &JsValue,
        storage: u32,
        key: JsValue,
        prefix: JsString,
        scheme: String,
        refresh_timeout_ms: u32,
        max_wait_ms: u32,
        max_replays: u8,
    ) -> Session {
        let mut policy = Policy { max_replays, ..Policy::default() };
        if refresh_timeout_ms != 0 {
            policy = policy.with_refresh_timeout(u64::from(refresh_timeout_ms));
        }
        if max_wait_ms != 0 {
            policy.max_wait_ms = u64::from(max_wait_ms);
        }
        Session { shell: Shell::new(options, Store::open(storage, key), policy, prefix, scheme) }
    }

    /// The short way's one question, at this time (`Date.now()`): a positive number is the stamp to send with, and to
    /// report a 401 with; −1 means to send without a header; 0 means the long way, [`Session::fetch`].
    pub fn ticket(&self, wall_ms: f64) -> f64 {
        let wall_ms = wall_ms as u64;
        self.shell.look(Some(wall_ms));
        let fresh = self.shell.engine().plainly_fresh(wall_ms);
        if let Some(stamp) = fresh {
            return f64::from(stamp.0);
        }
        let at = now();
        let pass = self.shell.engine().ticket(at);
        self.shell.pump();
        match pass {
            Pass::With(stamp) => f64::from(stamp.0),
            Pass::Bare => -1.0,
            Pass::Hold => 0.0,
        }
    }

    /// The auth header's value with the current access token; `undefined` without one.
    pub fn header(&self) -> JsValue {
        self.shell.header_value()
    }

    /// The browser's half, whose `fetch`, `challenged`, `token` and `refresh` the facade calls without a detour.
    #[wasm_bindgen(getter)]
    pub fn port(&self) -> JsValue {
        self.shell.port.clone().into()
    }

    /// Takes over the tokens of a login. `expires_in` in seconds, or undefined. An access token that is blank or no
    /// string changes nothing: the facade refuses it before.
    #[wasm_bindgen(js_name = setTokens)]
    pub fn set_tokens(&self, access: JsValue, refresh: JsValue, expires_in: &JsValue) -> Promise {
        let Some(grant) = grant(access, refresh, expires_in) else {
            return Promise::reject(&Code::InvalidOption.as_str().into());
        };
        let at = now();
        self.shell.engine().set_tokens(grant, at);
        self.shell.pump();
        self.shell.port.settled()
    }

    /// Logs out: forgets the tokens here and in the store.
    pub fn clear(&self) -> Promise {
        let at = now();
        self.shell.engine().clear(at);
        self.shell.pump();
        self.shell.port.settled()
    }

    #[wasm_bindgen(getter)]
    pub fn status(&self) -> JsValue {
        let now = now();
        self.shell.look(Some(now.wall_ms));
        self.shell.engine().status(now).as_str().into()
    }

    /// The current access token's claims, unverified; `undefined` if there are none.
    #[wasm_bindgen(getter)]
    pub fn claims(&self) -> JsValue {
        self.shell.look(Some(now().wall_ms));
        let access = self.shell.engine().access().cloned();
        access.map_or(JsValue::UNDEFINED, |t| t.claims())
    }

    /// Ends this object, not the session.
    pub fn close(&self) {
        self.shell.port.detach();
        let at = now();
        self.shell.engine().close(at);
        self.shell.pump();
    }
}

/// For Rust frontends. JavaScript reaches the same through [`Session::port`], so that the npm package's wasm need not
/// carry these.
impl Session {
    /// `fetch`, the long way: any input, held if need be. Never throws; rejects as `fetch` does.
    pub fn fetch(&self, input: &JsValue, init: &JsValue) -> Promise {
        self.shell.port.fetch(input, init)
    }

    /// The access token with at least `min_validity_s` seconds left, refreshed first if need be.
    pub fn access_token(&self, min_validity_s: f64, signal: &JsValue) -> Promise {
        self.shell.port.token(min_validity_s, signal)
    }

    /// Refreshes now, or joins the refresh in progress.
    pub fn refresh(&self) -> Promise {
        self.shell.port.refresh()
    }
}
