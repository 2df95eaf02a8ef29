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
        let opened = |call: Option<CallId>| call.map_or(FULL, |c| f64::from(c.0));
        match kind {
            0 => {
                let facts = Facts { covered: id & 1 != 0, own_header: id & 2 != 0, replayable: id & 4 != 0 };
                if !facts.ours() {
                    return UNTOUCHED;
                }
                let want = Want::Fetch { replayable: facts.replayable };
                return opened(self.engine().open(want, at));
            }
            5 => {
                let reply = self.reply(bits, value);
                return opened(self.engine().challenged(Stamp(id), true, reply, at));
            }
            6 => {
                return opened(self.engine().open(Want::Token { min_validity_ms: u64::from(id) }, at));
            }
            7 => return opened(self.engine().open(Want::Refresh, at)),
            2 => {
                let reply = self.reply(bits, value);
                self.engine().handle_response(call, reply, at);
            }
            3 => self.engine().handle_failure(call),
            4 => self.engine().handle_abort(call),
            8 => self.engine().handle_lock(FlightId(id), bits != 0, at),
            9 => {
                self.armed.set(None);
                self.engine().handle_timeout(at);
            }
            // Requests look for themselves, at most once in this millisecond.
            1 => self.look(Some(at.wall_ms)),
            10 => self.look(None),
            11 => {
                self.look(None);
                self.engine().handle_wake(bits != 0, at);
            }
            12 => self.engine().handle_proven(Stamp(id)),
            13 => self.engine().set_tells_calls(bits != 0),
            _ => {}
        }
        self.pump();
        0.0
    }

    fn reply(&self, bits: u32, asks: &JsValue) -> Reply {
        let asks =
            asks.as_string().map_or_else(Default::default, |field| challenge::read(&field, &self.scheme).challenge);
        Reply { challenge: bits & 1 != 0, left_origin: bits & 2 != 0, asks }
    }
}
