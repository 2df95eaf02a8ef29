//! A session begins: engine and port are made, and joined.

use std::rc::{Rc, Weak};

use relatch_engine::{Engine, Policy};
use wasm_bindgen::prelude::*;

use super::inbox::receive;
use super::pump::pump;
use super::shell::{Shell, now};
use super::sys::{Inbox, Row, create_port};

/// What of a session's options the engine and the shell need; the port reads the rest itself.
#[derive(Debug)]
pub struct Start {
    /// Other tabs can see the store, so that a refresh needs the origin's lock.
    pub shared: bool,
    /// 0: the default.
    pub refresh_timeout_ms: u32,
    /// 0: the default.
    pub max_wait_ms: u32,
    pub max_replays: u8,
}

/// The bits of a float's integers: seeds differ from tab to tab by so many bits of the browser's random source.
const SEEDS: f64 = 9_007_199_254_740_992.0;

/// `options` are for the port: `PortOptions` of port/options.d.ts.
pub fn start(options: &JsValue, given: Start) -> Rc<Shell> {
    let Start { shared, refresh_timeout_ms, max_wait_ms, max_replays } = given;
    let mut policy = Policy { max_replays, shared, ..Policy::default() };
    if refresh_timeout_ms != 0 {
        policy = policy.with_refresh_timeout(u64::from(refresh_timeout_ms));
    }
    if max_wait_ms != 0 {
        policy.max_wait_ms = u64::from(max_wait_ms);
    }
    let seed = (js_sys::Math::random() * SEEDS) as u64;
    let shell = Rc::new_cyclic(|weak: &Weak<Shell>| {
        let weak = weak.clone();
        let inbox: Inbox = Closure::new(move |input, subject, bits, row: Row, asks| {
            // A session that is gone hears nothing.
            weak.upgrade().map_or(super::wire::FULL, |shell| receive(&shell, input, subject, bits, &row, asks))
        });
        Shell {
            engine: Engine::new(policy, seed, now()).into(),
            // The browser's to free, because a fetch or a timer may end after the session did.
            port: create_port(options, &inbox.into_js_value()),
            armed: Default::default(),
            scheduled: Default::default(),
            asked: Default::default(),
        }
    });
    pump(&shell);
    shell
}
