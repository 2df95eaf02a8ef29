//! The loop that carries effects from the engine to the port.

use wasm_bindgen::prelude::*;

use super::outbox::{Act, encode};
use super::shell::{Shell, now};
use super::sys::act;
use super::wire::Effect;

/// Carries out all that is to do. Called after every input; calls made by what it carries out may call it again.
pub fn pump(shell: &Shell) {
    loop {
        // A statement of its own, so that the borrow ends before the effect is carried out.
        let effect = shell.engine().poll();
        let Some(effect) = effect else { break };
        let Act { effect, subject, n, value } = encode(shell, effect);
        act(&shell.port, effect as u32, subject, n, &value);
    }
    let deadline = shell.engine().deadline();
    if shell.armed.replace(deadline) != deadline {
        // One more, because the clock was cut to whole milliseconds.
        let ms = deadline.map_or(-1.0, |at| at.saturating_sub(now().mono_ms) as f64 + 1.0);
        act(&shell.port, Effect::Arm as u32, 0, ms, &JsValue::UNDEFINED);
    }
}

/// Carries out all that is to do once the caller has returned: whoever opens a call must first hear its id. A storm of
/// calls is one microtask.
pub fn schedule(shell: &Shell) {
    if !shell.scheduled.replace(true) {
        act(&shell.port, Effect::Schedule as u32, 0, 0.0, &JsValue::UNDEFINED);
    }
}
