//! What the engine wants done: each effect as numbers and a handle for the port, as wire.rs describes them.

use relatch_engine::{Effect, Event, Outcome, Record};
use serde::Serialize;
use wasm_bindgen::JsValue;

use super::shell::Shell;
use super::token::JsToken;
use super::wire::{self, EventKind, FIGURES_MAX, event};

/// Payload of `Write` and `Dispatch`. One struct for both: each serialised type adds its own code to the wasm. The
/// figures of an event, or a record in the order of `wire::Record`.
#[derive(Serialize)]
struct Row(
    f64,
    f64,
    f64,
    f64,
    #[serde(with = "serde_wasm_bindgen::preserve")] JsValue,
    #[serde(with = "serde_wasm_bindgen::preserve")] JsValue,
    f64,
);

/// An effect in the form in which it goes out.
pub struct Act {
    pub effect: wire::Effect,
    pub subject: u32,
    pub n: f64,
    pub value: JsValue,
}

pub fn encode(shell: &Shell, effect: Effect<JsToken>) -> Act {
    let (mut subject, mut n, mut value) = (0, 0.0, JsValue::UNDEFINED);
    let effect = match effect {
        Effect::Send { call, with } => {
            subject = call.0;
            if with.is_some() {
                value = shell.access();
            }
            wire::Effect::Send
        }
        Effect::Wait { call } => {
            subject = call.0;
            wire::Effect::Wait
        }
        Effect::Settle { call, outcome } => {
            subject = call.0;
            n = f64::from(match outcome {
                Outcome::Response => wire::Outcome::Response as u32,
                Outcome::Failure => wire::Outcome::Failure as u32,
                Outcome::Aborted => wire::Outcome::Aborted as u32,
                Outcome::Done => wire::Outcome::Value as u32,
                Outcome::Token => {
                    value = shell.access();
                    wire::Outcome::Value as u32
                }
                Outcome::Error(code) => wire::Outcome::Error as u32 + code as u32,
            });
            wire::Effect::Settle
        }
        Effect::Lock { flight } => {
            subject = flight.0;
            wire::Effect::Lock
        }
        Effect::Unlock { flight, after_ms } => {
            subject = flight.0;
            n = after_ms as f64;
            wire::Effect::Unlock
        }
        Effect::Read { flight } => {
            subject = flight.map_or(0, |f| f.0);
            wire::Effect::Read
        }
        Effect::ReadMark { flight, epoch } => {
            subject = flight.0;
            n = f64::from(epoch);
            wire::Effect::ReadMark
        }
        Effect::Mark { epoch, generation } => {
            subject = epoch;
            n = f64::from(generation);
            wire::Effect::Mark
        }
        Effect::Restore { flight, record } => {
            subject = flight.map_or(0, |f| f.0);
            if let Some(record) = record {
                value = record_row(record);
            }
            wire::Effect::Restore
        }
        Effect::Refresh { flight, refresh, reason } => {
            subject = flight.0;
            n = f64::from(reason as u32);
            value = refresh.0.into();
            wire::Effect::Refresh
        }
        Effect::AbortRefresh { flight } => {
            subject = flight.0;
            wire::Effect::AbortRefresh
        }
        Effect::Write { flight, record } => {
            subject = flight.map_or(0, |f| f.0);
            value = record_row(record);
            wire::Effect::Write
        }
        Effect::Remove => wire::Effect::Remove,
        Effect::Dispatch(event) => {
            let (call, (kind, [a, b, c, d])) = figures(shell, event);
            subject = call;
            n = f64::from(kind as u32);
            value = row(Row(a, b, c, d, JsValue::UNDEFINED, JsValue::UNDEFINED, 0.0));
            wire::Effect::Dispatch
        }
    };
    Act { effect, subject, n, value }
}

/// The call that the event is about (0: none), its kind and its figures. The types have no place for a token.
fn figures(shell: &Shell, event: Event) -> (u32, (EventKind, [f64; FIGURES_MAX])) {
    let f = f64::from;
    match event {
        Event::Refreshed { generation, reason, duration_ms, waiting } => {
            let (generation, waiting, reason) = (f(generation), f(waiting), f(reason as u32));
            (0, event::Refreshed { generation, duration_ms: duration_ms as f64, reason, waiting }.row())
        }
        Event::Adopted { generation, change } => {
            (0, event::Adopted { generation: f(generation), change: f(change as u32) }.row())
        }
        Event::Replayed { call, generation } => {
            (call.0, event::Replayed { call: f(call.0), generation: f(generation) }.row())
        }
        Event::Held { call, sent } => (call.0, event::Held { call: f(call.0), sent: f(u32::from(sent)) }.row()),
        Event::Expired { status } => (0, event::Expired { status: f(status.into()) }.row()),
        Event::Failed { code, status, retry_in_ms } => {
            let (status, code) = (f(status.into()), f(code as u32));
            (0, event::Failed { status, retry_in_ms: retry_in_ms as f64, code }.row())
        }
        Event::Changed { change } => (0, event::Changed { change: f(change as u32) }.row()),
        Event::StepUp { call } => {
            let [error, scope, acr_values, max_age] = shell.asked.take();
            (call.0, event::StepUp { error, scope, acr_values, max_age }.row())
        }
    }
}

fn record_row(record: Record<JsToken>) -> JsValue {
    let token = |t: Option<JsToken>| t.map_or(JsValue::UNDEFINED, |t| t.0.into());
    row(Row(
        f64::from(record.epoch),
        f64::from(record.generation),
        record.obtained_at_ms as f64,
        record.lifetime_ms.map_or(-1.0, |ms| ms as f64),
        token(record.access),
        token(record.refresh),
        f64::from(record.subject),
    ))
}

fn row(row: Row) -> JsValue {
    serde_wasm_bindgen::to_value(&row).unwrap_or(JsValue::UNDEFINED)
}
