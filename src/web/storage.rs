//! Where the record lives: localStorage or sessionStorage (through gloo-storage), the caller's own store, or nowhere.

use std::cell::{Cell, RefCell};

use gloo_storage::Storage as _;
use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::sys::{Port, RawStorage};
use super::token::JsToken;
use crate::core::policy::LIFETIME_MAX_MS;
use crate::core::{Record, Stored};

/// The version of the record's form. One of another version is left alone.
const VERSION: u32 = 1;

pub struct Store {
    place: Place,
    key: JsValue,
    /// What was read or written last, to tell other hands' changes from one's own.
    last: RefCell<JsValue>,
    looked_at_ms: Cell<u64>,
}

enum Place {
    Web(RawStorage),
    Own,
    /// The tokens live in the engine only, as asked for.
    Memory,
    /// The storage that was asked for is blocked or missing.
    Blocked,
}

/// The record's fields in the order in which `port.js` names them.
#[derive(Serialize)]
struct Written(
    u32,
    u32,
    u32,
    #[serde(with = "serde_wasm_bindgen::preserve")] JsValue,
    #[serde(with = "serde_wasm_bindgen::preserve")] JsValue,
    f64,
    Option<f64>,
);

impl Store {
    /// `kind`: 0 memory, 1 localStorage, 2 sessionStorage, 3 the caller's own, 4 none to be had. gloo's handle panics
    /// without a window or where the storage is blocked: the facade has tried before it says 1 or 2.
    pub fn open(kind: u32, key: JsValue) -> Store {
        let place = match kind {
            0 => Place::Memory,
            1 => Place::Web(gloo_storage::LocalStorage::raw().unchecked_into()),
            2 => Place::Web(gloo_storage::SessionStorage::raw().unchecked_into()),
            3 => Place::Own,
            _ => Place::Blocked,
        };
        Store { place, key, last: RefCell::new(JsValue::UNDEFINED), looked_at_ms: Cell::new(0) }
    }

    /// Can other tabs see it, so that a refresh needs the origin's lock?
    pub fn is_shared(&self) -> bool {
        matches!(self.place, Place::Web(_) | Place::Own)
    }

    /// Is it the caller's own, whose operations are promises?
    pub fn is_own(&self) -> bool {
        matches!(self.place, Place::Own)
    }

    /// What the store holds, read now. `first`: nothing was known before.
    pub fn read(&self, port: &Port, first: bool) -> Stored<JsToken> {
        match &self.place {
            Place::Web(storage) => match storage.get_item(&self.key) {
                Ok(raw) => {
                    let stored = parse(port, &raw);
                    self.last.replace(raw);
                    stored
                }
                Err(_) => Stored::Unavailable,
            },
            Place::Memory if first => Stored::Absent,
            Place::Memory | Place::Blocked | Place::Own => Stored::Unavailable,
        }
    }

    /// What another hand changed since the last look; `None` if nothing. The same tab gets no `storage` event for a
    /// change by its own scripts or developer tools, so requests look for themselves: at most once a millisecond, for
    /// the sake of storms.
    pub fn news(&self, port: &Port, wall_ms: Option<u64>) -> Option<Stored<JsToken>> {
        let Place::Web(storage) = &self.place else {
            return None;
        };
        if wall_ms.is_some_and(|now| self.looked_at_ms.replace(now) == now) {
            return None;
        }
        // A store that fails now will say so when it matters: at the next write.
        let raw = storage.get_item(&self.key).ok()?;
        if raw == *self.last.borrow() {
            return None;
        }
        let stored = parse(port, &raw);
        self.last.replace(raw);
        Some(stored)
    }

    /// Stores the record; `false` if that failed. Not for the caller's own store.
    pub fn write(&self, port: &Port, record: &Record<JsToken>) -> bool {
        let Place::Web(storage) = &self.place else {
            return true;
        };
        let raw = serialise(port, record);
        let written = storage.set_item(&self.key, &raw).is_ok();
        if written {
            self.last.replace(raw);
        }
        written
    }

    pub fn remove(&self) {
        if let Place::Web(storage) = &self.place
            && storage.remove_item(&self.key).is_ok()
        {
            self.last.replace(JsValue::NULL);
        }
    }
}

pub fn serialise(port: &Port, record: &Record<JsToken>) -> JsValue {
    let token = |t: &Option<JsToken>| t.as_ref().map_or(JsValue::NULL, |t| t.0.clone().into());
    let values = Written(
        VERSION,
        record.epoch,
        record.generation,
        token(&record.access),
        token(&record.refresh),
        record.obtained_at_ms as f64,
        record.lifetime_ms.map(|ms| ms as f64),
    );
    port.serialise(&serde_wasm_bindgen::to_value(&values).unwrap_or(JsValue::UNDEFINED))
}

/// Reads a record back. A token that a hand removed is missing, not an error: without an access token the next call
/// refreshes. Without both there is no session to speak of.
pub fn parse(port: &Port, raw: &JsValue) -> Stored<JsToken> {
    if raw.is_null() || raw.is_undefined() {
        return Stored::Absent;
    }
    let read = || -> Option<Record<JsToken>> {
        let values = port.parse(raw)?;
        let number = |i: u32| values.get(i).as_f64().filter(|n| *n >= 0.0);
        let (access, refresh) = (JsToken::from_js(values.get(3)), JsToken::from_js(values.get(4)));
        if number(0)? != f64::from(VERSION) || (access.is_none() && refresh.is_none()) {
            return None;
        }
        Some(Record {
            // Float casts saturate, so a number out of range is a wrong number but no panic.
            epoch: number(1)? as u32,
            generation: number(2)? as u32,
            access,
            refresh,
            obtained_at_ms: number(5).unwrap_or(0.0) as u64,
            lifetime_ms: number(6).map(|ms| (ms as u64).min(LIFETIME_MAX_MS)),
        })
    };
    read().map_or(Stored::Unreadable, Stored::Record)
}
