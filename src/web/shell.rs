//! The shell's heart: carries out the engine's effects.

use std::cell::{Cell, RefCell, RefMut};
use std::rc::{Rc, Weak};

use js_sys::{Array, JsString, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::storage::{self, Store};
use super::sys::{self, Inbox, Port};
use super::token::{JsToken, grant};
use crate::core::verdict::{AnswerFacts, is_terminal, retry_after_ms};
use crate::core::{
    Answer, Effect, Engine, Event, Failure, FlightId, Now, Outcome, Policy, Reason, Record, Stamp, Stored, challenge,
};

pub struct Shell {
    engine: RefCell<Engine<JsToken>>,
    pub port: Port,
    /// The scheme that a challenge of ours has; empty where the token travels in a header of its own, which no
    /// challenge's scheme speaks of.
    pub scheme: String,
    /// The deadline that the timer is set to.
    pub armed: Cell<Option<u64>>,
    store: Store,
    /// What stands before the token in the header.
    prefix: JsString,
    /// The header's value, made once for each token.
    header: RefCell<(Stamp, JsValue)>,
    /// Lives as long as the browser may call it.
    _inbox: Inbox,
}

pub fn now() -> Now {
    // Float casts saturate: a clock before 1970 is 0.
    Now { wall_ms: js_sys::Date::now() as u64, mono_ms: sys::performance_now() as u64 }
}

impl Shell {
    /// `options` are for `port.js`; see [`super::Session::new`] for the rest.
    pub fn new(options: &JsValue, store: Store, mut policy: Policy, prefix: JsString, scheme: String) -> Rc<Shell> {
        policy.shared = store.is_shared();
        // Differs from tab to tab: 53 bits of the browser's random source.
        let seed = (js_sys::Math::random() * 9_007_199_254_740_992.0) as u64;
        let shell = Rc::new_cyclic(|weak: &Weak<Shell>| {
            let weak = weak.clone();
            let inbox: Inbox = Closure::new(move |kind, id, bits, value: JsValue| {
                // A session that is gone hears nothing.
                weak.upgrade().map_or(-1.0, |shell| shell.receive(kind, id, bits, &value))
            });
            Shell {
                engine: RefCell::new(Engine::new(policy, seed, now())),
                port: Port::new(options, inbox.as_ref()),
                scheme,
                armed: Cell::new(None),
                store,
                prefix,
                header: RefCell::new((Stamp(0), JsValue::UNDEFINED)),
                _inbox: inbox,
            }
        });
        shell.pump();
        shell
    }

    /// The engine, for one statement: no borrow outlives a call into JavaScript. In one place because every place that
    /// borrows costs its own check in wasm.
    #[inline(never)]
    pub fn engine(&self) -> RefMut<'_, Engine<JsToken>> {
        self.engine.borrow_mut()
    }

    /// Carries out all that is to do. Called after every input; calls made by what it carries out may call it again.
    pub fn pump(self: &Rc<Self>) {
        loop {
            // A statement of its own, so that the borrow ends before the effect is carried out.
            let effect = self.engine().poll();
            match effect {
                Some(effect) => self.carry_out(effect),
                None => break,
            }
        }
        let deadline = self.engine().deadline();
        if self.armed.replace(deadline) != deadline {
            // One more, because the clock was cut to whole milliseconds.
            let ms = deadline.map_or(-1.0, |at| at.saturating_sub(now().mono_ms) as f64 + 1.0);
            self.port.arm(ms);
        }
    }

    /// Looks whether another hand changed the store: at most once in this millisecond, if one is given.
    pub fn look(self: &Rc<Self>, wall_ms: Option<u64>) {
        if let Some(stored) = self.store.news(&self.port, wall_ms) {
            let at = now();
            self.engine().handle_read(None, stored, at);
            self.pump();
        }
    }

    /// The header's value with the current access token; `undefined` if there is none.
    pub fn header_value(&self) -> JsValue {
        let (stamp, access) = {
            let engine = self.engine();
            (engine.stamp(), engine.access().cloned())
        };
        if self.header.borrow().0 != stamp {
            let value = access.map_or(JsValue::UNDEFINED, |t| self.prefix.concat(&t.0).into());
            self.header.replace((stamp, value));
        }
        self.header.borrow().1.clone()
    }

    fn carry_out(self: &Rc<Self>, effect: Effect<JsToken>) {
        let port = &self.port;
        match effect {
            Effect::Send { call, with } => {
                let value = if with.is_some() { self.header_value() } else { JsValue::UNDEFINED };
                port.send(call.0, &value);
            }
            Effect::Wait { call } => port.watch(call.0),
            Effect::Settle { call, outcome } => self.settle(call.0, outcome),
            Effect::Lock { flight } => port.lock(flight.0),
            Effect::Unlock { flight } => port.unlock(flight.0),
            Effect::Call { flight, refresh, reason } => self.call(flight, &refresh, reason),
            Effect::AbortCall { flight } => port.abort_call(flight.0),
            Effect::Read { flight } if self.store.is_own() => self.own("get", flight, None),
            Effect::Write { flight, record } if self.store.is_own() => self.own("set", flight, Some(record)),
            Effect::Remove if self.store.is_own() => self.own("remove", None, None),
            Effect::Read { flight } => {
                let stored = self.store.read(port, flight.is_none());
                let at = now();
                self.engine().handle_read(flight, stored, at);
            }
            Effect::Write { flight, record } => {
                let ok = self.store.write(port, &record);
                let at = now();
                self.engine().handle_written(flight, ok, at);
            }
            Effect::Remove => self.store.remove(),
            Effect::Tell(event) => self.tell(event),
        }
    }

    fn settle(&self, call: u32, outcome: Outcome) {
        let none = JsValue::UNDEFINED;
        let (number, value, message) = match outcome {
            Outcome::Response => (0, none.clone(), none),
            Outcome::Failure => (1, none.clone(), none),
            Outcome::Aborted => (2, none.clone(), none),
            Outcome::Done => (3, none.clone(), none),
            Outcome::Token => {
                let access = self.engine().access().cloned();
                (3, access.map_or(JsValue::UNDEFINED, |t| t.0.into()), none)
            }
            Outcome::Error(code) => (4, code.as_str().into(), code.message().into()),
        };
        self.port.settle(call, number, &value, &message);
    }

    /// The token call: what came of it is put to the engine.
    fn call(self: &Rc<Self>, flight: FlightId, refresh: &JsToken, reason: Reason) {
        let promise = self.port.call(flight.0, &refresh.0, reason.as_str());
        self.then(promise, move |shell, result| {
            let answer = read_answer(&result.unwrap_or(JsValue::UNDEFINED).unchecked_into());
            let at = now();
            shell.engine().handle_answer(flight, answer, at);
        });
    }

    /// An operation of the caller's own store.
    fn own(self: &Rc<Self>, operation: &'static str, flight: Option<FlightId>, record: Option<Record<JsToken>>) {
        let raw = record.as_ref().map_or(JsValue::UNDEFINED, |r| storage::serialise(&self.port, r));
        let promise = self.port.own(operation, &raw);
        self.then(promise, move |shell, result| match operation {
            "get" => {
                let stored = result.map_or(Stored::Unavailable, |raw| storage::parse(&shell.port, &raw));
                let at = now();
                shell.engine().handle_read(flight, stored, at);
            }
            "set" => {
                let at = now();
                shell.engine().handle_written(flight, result.is_ok(), at);
            }
            // A record that cannot be removed is found again at the next start, and the server refuses it then.
            _ => {}
        });
    }

    fn then(self: &Rc<Self>, promise: Promise, what: impl FnOnce(&Rc<Shell>, Result<JsValue, JsValue>) + 'static) {
        let shell = self.clone();
        spawn_local(async move {
            let result = JsFuture::from(promise).await;
            what(&shell, result);
            shell.pump();
        });
    }

    /// Events: serialised as a row of values, which `port.js` names. The types have no place for a token.
    fn tell(&self, event: Event) {
        let asked;
        let (name, row, call) = match event {
            Event::Refreshed { generation, reason, duration_ms, waiting } => {
                ("refreshed", (f64::from(generation), duration_ms as f64, reason.as_str(), "", waiting), None)
            }
            Event::Adopted { generation, change } => {
                ("adopted", (f64::from(generation), 0.0, change.as_str(), "", 0), None)
            }
            Event::Replayed { call, generation } => {
                ("replayed", (f64::from(call.0), f64::from(generation), "", "", 0), Some(call.0))
            }
            Event::Held { call, sent } => {
                ("held", (f64::from(call.0), f64::from(u8::from(sent)), "", "", 0), Some(call.0))
            }
            Event::Expired { status } => ("expired", (f64::from(status), 0.0, "session_expired", "", 0), None),
            Event::Failed { code, status, retry_in_ms } => {
                ("failed", (f64::from(status), retry_in_ms as f64, code.as_str(), code.message(), 0), None)
            }
            Event::StepUp { call } => {
                asked = challenge::read(&self.port.asks(call.0), &self.scheme);
                let max_age = asked.max_age_s.map_or(-1.0, |s| s as f64);
                ("step-up", (0.0, max_age, asked.acr_values.as_deref().unwrap_or_default(), "", 0), Some(call.0))
            }
        };
        // One type of row for all events, because each type is code of its own in wasm.
        let values = serde_wasm_bindgen::to_value(&row).unwrap_or(JsValue::UNDEFINED);
        self.port.tell(name, &values, call);
    }
}

/// Reads the row that `Port.call` gives; see there for its order.
fn read_answer(row: &Array) -> Answer<JsToken> {
    if let Some(grant) = grant(row.get(0), row.get(1), &row.get(2)) {
        return Answer::Tokens(grant);
    }
    let error = row.get(5).as_string();
    let status = row.get(3).as_f64().unwrap_or(0.0) as u16;
    let facts = AnswerFacts { status, well_formed: row.get(4).is_truthy(), error: error.as_deref() };
    let terminal = row.get(6).as_bool().unwrap_or_else(|| is_terminal(facts));
    let date = row.get(8).as_string();
    let retry_after = row.get(7).as_string();
    let retry_after_ms =
        retry_after.and_then(|value| retry_after_ms(&value, date.as_deref(), now().wall_ms, js_sys::Date::parse));
    Answer::Failed(Failure { terminal, status, retry_after_ms })
}
