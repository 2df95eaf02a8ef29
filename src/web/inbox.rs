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
        let call = CallId(id);
        let opened = |call: Option<CallId>| call.map_or(FULL, |c| f64::from(c.0));
        match kind {
            0 => {
                let facts = Facts { covered: id & 1 != 0, own_header: id & 2 != 0, replayable: id & 4 != 0 };
                if !facts.ours() {
                    return UNTOUCHED;
                }
                let want = Want::Fetch { replayable: facts.replayable };
                return opened(self.engine.borrow_mut().open(want, now()));
            }
            5 => {
                let reply = self.reply(bits, value);
                return opened(self.engine.borrow_mut().challenged(Stamp(id), true, reply, now()));
            }
            6 => {
                return opened(self.engine.borrow_mut().open(Want::Token { min_validity_ms: u64::from(id) }, now()));
            }
            7 => return opened(self.engine.borrow_mut().open(Want::Refresh, now())),
            2 => {
                let reply = self.reply(bits, value);
                self.engine.borrow_mut().handle_response(call, reply, now());
            }
            3 => self.engine.borrow_mut().handle_failure(call),
            4 => self.engine.borrow_mut().handle_abort(call),
            8 => self.engine.borrow_mut().handle_lock(FlightId(id), bits != 0, now()),
            9 => {
                self.armed.set(None);
                self.engine.borrow_mut().handle_timeout(now());
            }
            10 => self.look(None),
            11 => {
                self.look(None);
                self.engine.borrow_mut().handle_wake(bits != 0, now());
            }
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
