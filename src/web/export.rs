//! The exported class, which the npm facade calls.

use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::shell::Shell;

/// A session of relatch. The npm package's `createSession` wraps it; Rust frontends have `relatch::Session`.
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
    /// Takes what the npm facade makes of the options; see `Shell::new`.
    #[wasm_bindgen(constructor)]
    pub fn new(
        options: &JsValue,
        storage: u32,
        scheme: Vec<u8>,
        refresh_timeout_ms: u32,
        max_wait_ms: u32,
        max_replays: u8,
    ) -> Session {
        Session { shell: Shell::new(options, storage, scheme, refresh_timeout_ms, max_wait_ms, max_replays) }
    }

    /// The short way's one question, at this time (`Date.now()`): a positive number is the stamp to send with, and to
    /// report a 401 with; −1 means to send without a header; 0 means the long way, the port's `fetch`.
    pub fn ticket(&self, wall_ms: f64) -> f64 {
        self.shell.ticket(wall_ms as u64)
    }

    /// The browser's half, which the facade calls without a detour.
    #[wasm_bindgen(getter)]
    pub fn port(&self) -> JsValue {
        self.shell.port.clone().into()
    }
}
