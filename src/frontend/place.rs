//! What a session finds where it is made: its storage, and the page's own origin.

use gloo_storage::Storage as _;
use relatch_engine::Code;
use relatch_engine::limits::is_safe;
use wasm_bindgen::JsValue;

use super::error::Error;
use super::store::{self, Storage};
use super::sys::{get, global};

/// Where the record lives, as the port reads it.
pub struct Place {
    pub kind: &'static str,
    /// `None` where the record lives elsewhere, or the storage is blocked.
    pub web: Option<web_sys::Storage>,
    pub own: JsValue,
}

impl Place {
    /// Other tabs can see it.
    pub fn is_shared(&self) -> bool {
        self.web.is_some() || !self.own.is_undefined()
    }
}

/// Of the storage that was asked for, or the default.
pub fn place(given: Option<Storage>) -> Result<Place, Error> {
    let has_document = !global("document").is_undefined();
    let storage = given.unwrap_or(if has_document { Storage::Local } else { Storage::Memory });
    let none = JsValue::UNDEFINED;
    let (kind, property, raw): (_, _, fn() -> web_sys::Storage) = match storage {
        Storage::Memory => return Ok(Place { kind: "memory", web: None, own: none }),
        Storage::Own(store) => return Ok(Place { kind: "own", web: None, own: store::object(store) }),
        Storage::Local => ("local", "localStorage", gloo_storage::LocalStorage::raw),
        Storage::Session => ("session", "sessionStorage", gloo_storage::SessionStorage::raw),
    };
    if !has_document {
        return Err(Error::of(Code::StorageUnavailable));
    }
    // gloo's handle panics where the storage is blocked; where cookies are, reading the property alone throws.
    let is_blocked = !global(property).is_truthy();
    Ok(Place { kind, web: (!is_blocked).then(raw), own: none })
}

/// The page's.
pub struct OwnOrigin {
    pub text: String,
    /// A page that came in the clear has no origin that may see a token.
    pub safe: Option<String>,
}

pub fn own_origin() -> OwnOrigin {
    let location = global("location");
    let word = |name: &str| get(&location, name).as_string().unwrap_or_default();
    let origin = word("origin");
    let text = if origin == "null" { String::new() } else { origin };
    let is_safe = !text.is_empty() && is_safe(&word("protocol"), &word("hostname"));
    OwnOrigin { safe: is_safe.then(|| text.clone()), text }
}
