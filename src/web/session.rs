//! The exported class: what the npm facade, and Rust frontends, call.

use std::rc::Rc;

use gloo_storage::Storage as _;
use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::shell::{Shell, now};
use crate::core::{Policy, Status};

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
    /// 1 localStorage, 2 sessionStorage, 3 the caller's own, 4 none to be had); the scheme that a challenge of ours has
    /// (empty: any); and limits, of which 0 means the default.
    #[wasm_bindgen(constructor)]
    pub fn new(
        options: &JsValue,
        storage: u32,
        scheme: Vec<u8>,
        refresh_timeout_ms: u32,
        max_wait_ms: u32,
        max_replays: u8,
    ) -> Session {
        // A refresh needs the origin's lock where other tabs can see the store.
        let mut policy = Policy { max_replays, shared: matches!(storage, 1..=3), ..Policy::default() };
        if refresh_timeout_ms != 0 {
            policy = policy.with_refresh_timeout(u64::from(refresh_timeout_ms));
        }
        if max_wait_ms != 0 {
            policy.max_wait_ms = u64::from(max_wait_ms);
        }
        // gloo's handle panics without a window or where the storage is blocked: the facade has tried before it says 1
        // or 2. The values stay on the JavaScript side.
        let handle = match storage {
            1 => gloo_storage::LocalStorage::raw().into(),
            2 => gloo_storage::SessionStorage::raw().into(),
            other => JsValue::from(other),
        };
        Session { shell: Shell::new(options, &handle, policy, scheme) }
    }

    /// The short way's one question, at this time (`Date.now()`): a positive number is the stamp to send with, and to
    /// report a 401 with; −1 means to send without a header; 0 means the long way, [`Session::fetch`].
    pub fn ticket(&self, wall_ms: f64) -> f64 {
        self.shell.ticket(wall_ms as u64)
    }

    /// The browser's half, which the facade calls without a detour.
    #[wasm_bindgen(getter)]
    pub fn port(&self) -> JsValue {
        self.shell.port.clone().into()
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

    /// Takes over the tokens of a login. `expires_in` in seconds, or undefined. Resolves when they are stored; rejects
    /// with `invalid_option` for an access token that is blank or no string, which changes nothing.
    pub fn set_tokens(&self, access: &JsValue, refresh: &JsValue, expires_in: &JsValue) -> Promise {
        self.shell.port.set_tokens(access, refresh, expires_in)
    }

    /// Logs out: forgets the tokens here and in the store.
    pub fn clear(&self) -> Promise {
        self.shell.port.clear()
    }

    /// Where the session stands.
    pub fn status(&self) -> Status {
        self.shell.port.look();
        let at = now();
        self.shell.engine().status(at)
    }

    /// The auth header's value with the current access token; `undefined` without one.
    pub fn header(&self) -> JsValue {
        self.shell.port.header()
    }

    /// The current access token's claims, unverified; `undefined` if there are none.
    pub fn claims(&self) -> JsValue {
        self.shell.port.claims()
    }

    /// Ends this object, not the session.
    pub fn close(&self) {
        self.shell.port.close();
    }
}
