//! The exported class, which the npm facade calls.

use std::rc::Rc;

use relatch_engine::Pass;
use wasm_bindgen::prelude::*;

use super::pump::pump;
use super::shell::{Shell, now};
use super::start::{Start, start};
use super::wire;

/// A session's engine. The npm package's `createSession` wraps it; Rust frontends have `relatch::Session`.
#[wasm_bindgen]
pub struct Core {
    shell: Rc<Shell>,
}

impl std::fmt::Debug for Core {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Core")
    }
}

#[wasm_bindgen]
impl Core {
    /// Takes what the npm facade makes of the options; see [`Start`].
    #[wasm_bindgen(constructor)]
    pub fn new(options: &JsValue, shared: bool, refresh_timeout_ms: u32, max_wait_ms: u32, max_replays: u8) -> Core {
        Core { shell: start(options, Start { shared, refresh_timeout_ms, max_wait_ms, max_replays }) }
    }

    /// The fast path's one question, at this time (`Date.now()`): the stamp to send with, and to report a 401 with, or
    /// one of the answers in wire.rs.
    pub fn ticket(&self, wall_ms: f64) -> f64 {
        let mut engine = self.shell.engine();
        let watched = if engine.watches_routes() { wire::WATCHED } else { 0.0 };
        if let Some(stamp) = engine.plainly_fresh(wall_ms as u64) {
            return f64::from(stamp.0) + watched;
        }
        let pass = engine.ticket(now());
        drop(engine);
        pump(&self.shell);
        match pass {
            Pass::With(stamp) => f64::from(stamp.0) + watched,
            Pass::Bare => wire::BARE,
            Pass::Hold => wire::SLOW,
        }
    }

    /// The browser's half, which the facade calls without a detour.
    #[wasm_bindgen(getter)]
    pub fn port(&self) -> JsValue {
        self.shell.port.clone().into()
    }
}
