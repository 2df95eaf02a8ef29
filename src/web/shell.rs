//! The shell's heart: the engine, the port, and the loop that carries effects from one to the other.

use std::cell::{Cell, RefCell, RefMut};
use std::rc::{Rc, Weak};

use gloo_storage::Storage as _;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::outbox::{self, Act};
use super::sys::{self, Inbox, Port, Row};
use super::token::JsToken;
use relatch_engine::{Engine, Now, Policy};

pub struct Shell {
    engine: RefCell<Engine<JsToken>>,
    pub port: Port,
    /// The scheme that a challenge of ours has; empty where the token travels in a header of its own, which no
    /// challenge's scheme speaks of.
    pub scheme: Vec<u8>,
    /// The deadline that the timer is set to.
    pub armed: Cell<Option<u64>>,
    /// A pump is due in a microtask.
    scheduled: Cell<bool>,
    /// Where in its field the latest step-up challenge says what it asks for; see `places` in inbox.rs.
    pub asked: Cell<[f64; 4]>,
}

pub fn now() -> Now {
    // Float casts saturate: a clock before 1970 is 0.
    Now { wall_ms: js_sys::Date::now() as u64, mono_ms: sys::performance_now() as u64 }
}

impl Shell {
    /// `options` are for `port.js`, as pkg/options.js and frontend/builder.rs make them. `storage`: 0 memory,
    /// 1 localStorage, 2 sessionStorage, 3 the caller's own, 4 none to be had. `scheme`: that of a challenge of ours
    /// (empty: any). Of the limits 0 means the default, but for `max_replays`.
    pub fn new(
        options: &JsValue,
        storage: u32,
        scheme: Vec<u8>,
        refresh_timeout_ms: u32,
        max_wait_ms: u32,
        max_replays: u8,
    ) -> Rc<Shell> {
        // A refresh needs the origin's lock where other tabs can see the store.
        let mut policy = Policy { max_replays, shared: matches!(storage, 1..=3), ..Policy::default() };
        if refresh_timeout_ms != 0 {
            policy = policy.with_refresh_timeout(u64::from(refresh_timeout_ms));
        }
        if max_wait_ms != 0 {
            policy.max_wait_ms = u64::from(max_wait_ms);
        }
        // Differs from tab to tab: 53 bits of the browser's random source.
        let seed = (js_sys::Math::random() * 9_007_199_254_740_992.0) as u64;
        let shell = Rc::new_cyclic(|weak: &Weak<Shell>| {
            let weak = weak.clone();
            let inbox: Inbox = Closure::new(move |kind, id, bits, row: Row, asks| {
                // A session that is gone hears nothing.
                weak.upgrade().map_or(-1.0, |shell| shell.receive(kind, id, bits, &row, asks))
            });
            Shell {
                engine: RefCell::new(Engine::new(policy, seed, now())),
                // The browser's to free, because a fetch or a timer may end after the session did.
                port: Port::new(options, &inbox.into_js_value()),
                scheme,
                armed: Cell::new(None),
                scheduled: Cell::default(),
                asked: Cell::default(),
            }
        });
        // gloo's handle panics without a window or where the storage is blocked: the faces have tried before they say 1
        // or 2. The values stay on the JavaScript side.
        let handle = match storage {
            1 => gloo_storage::LocalStorage::raw().into(),
            2 => gloo_storage::SessionStorage::raw().into(),
            other => JsValue::from(other),
        };
        shell.port.act(outbox::STORAGE, 0, 0.0, &handle);
        shell.pump();
        shell
    }

    /// The engine, for one statement: no borrow outlives a call into JavaScript. In one place because every place that
    /// borrows costs its own check in wasm.
    #[inline(never)]
    pub fn engine(&self) -> RefMut<'_, Engine<JsToken>> {
        self.engine.borrow_mut()
    }

    /// The current access token; `undefined` without one.
    #[inline(never)]
    pub fn access(&self) -> JsValue {
        self.engine().access().map_or(JsValue::UNDEFINED, |t| t.0.clone().into())
    }

    /// See `Session::ticket` in export.rs.
    #[cfg(feature = "npm")]
    pub fn ticket(self: &Rc<Self>, wall_ms: u64) -> f64 {
        let fresh = self.engine().plainly_fresh(wall_ms);
        match fresh {
            Some(stamp) => f64::from(stamp.0),
            None => self.receive(super::inbox::TICKET, 0, 0, &JsValue::UNDEFINED.unchecked_into(), None),
        }
    }

    /// Carries out all that is to do. Called after every input; calls made by what it carries out may call it again.
    pub fn pump(self: &Rc<Self>) {
        loop {
            // A statement of its own, so that the borrow ends before the effect is carried out.
            let effect = self.engine().poll();
            let Some(effect) = effect else { break };
            let Act { kind, id, n, value } = self.encode(effect);
            self.port.act(kind, id, n, &value);
        }
        let deadline = self.engine().deadline();
        if self.armed.replace(deadline) != deadline {
            // One more, because the clock was cut to whole milliseconds.
            let ms = deadline.map_or(-1.0, |at| at.saturating_sub(now().mono_ms) as f64 + 1.0);
            self.port.act(outbox::ARM, 0, ms, &JsValue::UNDEFINED);
        }
    }

    /// Carries out all that is to do once the caller has returned: whoever opens a call must first hear its id. A storm of
    /// calls is one microtask.
    pub fn schedule(self: &Rc<Self>) {
        if !self.scheduled.replace(true) {
            let shell = self.clone();
            spawn_local(async move {
                shell.scheduled.set(false);
                shell.pump();
            });
        }
    }
}
