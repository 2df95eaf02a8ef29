//! What the engine wants done: each effect as a number for `port.js`, which has the same table, and what belongs to it.

use serde::Serialize;
use wasm_bindgen::JsValue;

use super::shell::Shell;
use super::token::JsToken;
use relatch_engine::{Effect, Event, Outcome, Record};

/// Kinds of effects, as at the head of `port.js`.
const SEND: u32 = 0;
const WAIT: u32 = 1;
const SETTLE: u32 = 2;
const LOCK: u32 = 3;
const UNLOCK: u32 = 4;
const READ: u32 = 5;
const CALL: u32 = 6;
const ABORT_CALL: u32 = 7;
const WRITE: u32 = 8;
const REMOVE: u32 = 9;
const TELL: u32 = 10;
pub const ARM: u32 = 11;
pub const ACCESS: u32 = 12;
pub const STORAGE: u32 = 13;

/// How a call ends; errors come after these, by their code.
const RESPONSE: u32 = 0;
const FAILURE: u32 = 1;
const ABORTED: u32 = 2;
const VALUE: u32 = 3;
const ERROR: u32 = 4;

/// What goes along with an effect. One type for records and events, because each is code of its own in wasm.
#[derive(Serialize)]
struct Along(
    f64,
    f64,
    f64,
    f64,
    #[serde(with = "serde_wasm_bindgen::preserve")] JsValue,
    #[serde(with = "serde_wasm_bindgen::preserve")] JsValue,
);

/// An effect in the form in which it goes out.
pub struct Act {
    pub kind: u32,
    pub id: u32,
    pub n: f64,
    pub value: JsValue,
}

impl Shell {
    pub fn encode(&self, effect: Effect<JsToken>) -> Act {
        let (mut id, mut n, mut value) = (0, 0, JsValue::UNDEFINED);
        let kind = match effect {
            Effect::Send { call, with } => {
                id = call.0;
                if with.is_some() {
                    value = self.access();
                }
                SEND
            }
            Effect::Wait { call } => {
                id = call.0;
                WAIT
            }
            Effect::Settle { call, outcome } => {
                id = call.0;
                n = match outcome {
                    Outcome::Response => RESPONSE,
                    Outcome::Failure => FAILURE,
                    Outcome::Aborted => ABORTED,
                    Outcome::Done => VALUE,
                    Outcome::Token => {
                        value = self.access();
                        VALUE
                    }
                    Outcome::Error(code) => ERROR + code as u32,
                };
                SETTLE
            }
            Effect::Lock { flight } => {
                id = flight.0;
                LOCK
            }
            Effect::Unlock { flight } => {
                id = flight.0;
                UNLOCK
            }
            Effect::Read { flight } => {
                id = flight.map_or(0, |f| f.0);
                READ
            }
            Effect::Refresh { flight, refresh, reason } => {
                id = flight.0;
                n = reason as u32;
                value = refresh.0.into();
                CALL
            }
            Effect::AbortRefresh { flight } => {
                id = flight.0;
                ABORT_CALL
            }
            Effect::Write { flight, record } => {
                id = flight.map_or(0, |f| f.0);
                value = record_row(record);
                WRITE
            }
            Effect::Remove => REMOVE,
            Effect::Dispatch(event) => {
                let row;
                (n, id, row) = self.event_row(event);
                value = row;
                TELL
            }
        };
        Act { kind, id, n: f64::from(n), value }
    }

    /// The event's number, the call it is about, and its figures in the order of `port.js`' table. The types have no
    /// place for a token.
    fn event_row(&self, event: Event) -> (u32, u32, JsValue) {
        let mut id = 0;
        let f = f64::from;
        let (n, [a, b, c, d]) = match event {
            Event::Refreshed { generation, reason, duration_ms, waiting } => {
                (0, [f(generation), duration_ms as f64, f(reason as u32), f(waiting)])
            }
            Event::Adopted { generation, change } => (1, [f(generation), 0.0, f(change as u32), 0.0]),
            Event::Replayed { call, generation } => {
                id = call.0;
                (2, [f(id), f(generation), 0.0, 0.0])
            }
            Event::Held { call, sent } => {
                id = call.0;
                (3, [f(id), f(u32::from(sent)), 0.0, 0.0])
            }
            Event::Expired { status } => (4, [f(status.into()), 0.0, 0.0, 0.0]),
            Event::Failed { code, status, retry_in_ms } => {
                (5, [f(status.into()), retry_in_ms as f64, f(code as u32), 0.0])
            }
            Event::Changed { change } => (7, [0.0, 0.0, f(change as u32), 0.0]),
            Event::StepUp { call } => {
                id = call.0;
                (6, self.asked.take())
            }
        };
        (n, id, row(Along(a, b, c, d, JsValue::UNDEFINED, JsValue::UNDEFINED)))
    }
}

fn record_row(record: Record<JsToken>) -> JsValue {
    let token = |t: Option<JsToken>| t.map_or(JsValue::UNDEFINED, |t| t.0.into());
    row(Along(
        f64::from(record.epoch),
        f64::from(record.generation),
        record.obtained_at_ms as f64,
        record.lifetime_ms.map_or(-1.0, |ms| ms as f64),
        token(record.access),
        token(record.refresh),
    ))
}

fn row(along: Along) -> JsValue {
    serde_wasm_bindgen::to_value(&along).unwrap_or(JsValue::UNDEFINED)
}
