//! What the browser says: one function for `port.js` to call, with a number for the kind of input.

use std::rc::Rc;

use wasm_bindgen::JsValue;

use super::shell::{Shell, now};
use crate::core::{CallId, Facts, FlightId, Reply, Stamp, Want, challenge};

/// Answers that are no call's id: not the session's business (S1, S2), and no room for another call.
const UNTOUCHED: f64 = -1.0;
const FULL: f64 = -2.0;

impl Shell {
    /// The kinds are those at the head of `port.js`. `id` is a call, a flight, a stamp or a duration.
    pub fn receive(self: &Rc<Self>, kind: u32, id: u32, bits: u32, value: &JsValue) -> f64 {
        let (call, at) = (CallId(id), now());
        match kind {
            // Requests look for themselves, at most once in this millisecond.
            1 => self.look(Some(at.wall_ms)),
            9 => self.armed.set(None),
            10 | 11 => self.look(None),
            _ => {}
        }
        let reply = self.reply(bits, value);
        // One borrow for all kinds: every place that borrows costs its own check.
        let mut engine = self.engine();
        let opened = match kind {
            0 => {
                let facts = Facts { covered: id & 1 != 0, own_header: id & 2 != 0, replayable: id & 4 != 0 };
                if !facts.ours() {
                    return UNTOUCHED;
                }
                engine.open(Want::Fetch { replayable: facts.replayable }, at)
            }
            5 => engine.challenged(Stamp(id), true, reply, at),
            6 => engine.open(Want::Token { min_validity_ms: u64::from(id) }, at),
            7 => engine.open(Want::Refresh, at),
            other => {
                match other {
                    2 => engine.handle_response(call, reply, at),
                    3 => engine.handle_failure(call),
                    4 => engine.handle_abort(call),
                    8 => engine.handle_lock(FlightId(id), bits != 0, at),
                    9 => engine.handle_timeout(at),
                    11 => engine.handle_wake(bits != 0, at),
                    12 => engine.handle_proven(Stamp(id)),
                    13 => engine.set_tells_calls(bits != 0),
                    _ => {}
                }
                drop(engine);
                self.pump();
                return 0.0;
            }
        };
        opened.map_or(FULL, |call| f64::from(call.0))
    }

    fn reply(&self, bits: u32, asks: &JsValue) -> Reply {
        let asks =
            asks.as_string().map_or_else(Default::default, |field| challenge::read(&field, &self.scheme).challenge);
        Reply { challenge: bits & 1 != 0, left_origin: bits & 2 != 0, asks }
    }
}
