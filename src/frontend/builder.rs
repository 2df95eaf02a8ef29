//! Options, checked before there is a session.

use std::fmt;
use std::ops::RangeInclusive;
use std::rc::Rc;
use std::time::Duration;

use js_sys::{Array, Function, Object};
use wasm_bindgen::prelude::*;
use web_sys::Response;

use super::checks::origin;
use super::error::Error;
use super::place::{own_origin, place};
use super::refresh::Refresh;
use super::session::{Listeners, Session};
use super::store::Storage;
use super::sys::{self, get, global, set};
use crate::web::start::{Start, start};
use relatch_engine::limits::{
    CODES_WITH_CAUSE, HEADER_DEFAULT, KEY_DEFAULT, MAX_REPLAYS, MAX_REPLAYS_DEFAULT, MAX_WAIT_MS, MUST_BE_FETCH,
    MUST_BE_HEADER, MUST_BE_SCHEME, REFRESH_TIMEOUT_MS, SCHEME_DEFAULT, is_word,
};
use relatch_engine::{Change, Code, Reason, Status};

/// Options of a session; made by [`Session::builder`].
#[must_use]
pub struct SessionBuilder {
    refresh: Refresh,
    origins: Option<Vec<String>>,
    header: String,
    scheme: Option<String>,
    storage: Option<Storage>,
    key: String,
    max_wait: Option<Duration>,
    max_replays: u8,
    refresh_timeout: Option<Duration>,
    skip: Option<Box<Skip>>,
    is_challenge: Option<Box<IsChallenge>>,
    fetch: Option<Function>,
}

type Skip = dyn Fn(&str) -> bool;
type IsChallenge = dyn Fn(&Response) -> bool;

impl fmt::Debug for SessionBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionBuilder")
            .field("refresh", &self.refresh)
            .field("origins", &self.origins)
            .field("header", &self.header)
            .field("storage", &self.storage)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// Begins a session's options with what has no default: how a new access token is got.
    pub fn builder(refresh: impl Into<Refresh>) -> SessionBuilder {
        SessionBuilder::new(refresh.into())
    }
}

impl SessionBuilder {
    fn new(refresh: Refresh) -> SessionBuilder {
        SessionBuilder {
            refresh,
            origins: None,
            header: HEADER_DEFAULT.to_owned(),
            scheme: None,
            storage: None,
            key: KEY_DEFAULT.to_owned(),
            max_wait: None,
            max_replays: MAX_REPLAYS_DEFAULT,
            refresh_timeout: None,
            skip: None,
            is_challenge: None,
            fetch: None,
        }
    }

    /// The origins that may see the token: exact scheme, host and port, and nothing more. Default: the page's own.
    /// Anything but https is refused, localhost apart. A request to any other origin passes through untouched.
    pub fn origins<T: Into<String>>(self, origins: impl IntoIterator<Item = T>) -> Self {
        SessionBuilder { origins: Some(origins.into_iter().map(Into::into).collect()), ..self }
    }

    /// The header that carries the access token, as `X-AUTH-TOKEN`, without a scheme. Default:
    /// `Authorization: Bearer …`.
    ///
    /// With another name than `Authorization` same-origin requests go out as `mode: "same-origin"`, others as
    /// `redirect: "error"`: browsers strip only `Authorization` when a redirect leaves the origin.
    pub fn header(self, name: impl Into<String>) -> Self {
        SessionBuilder { header: name.into(), ..self }
    }

    /// The auth scheme in front of the token. Default: `Bearer` in `Authorization`, none in another header.
    pub fn scheme(self, scheme: impl Into<String>) -> Self {
        SessionBuilder { scheme: Some(scheme.into()), ..self }
    }

    /// Where the tokens live. Default: localStorage, in a worker memory. Where the storage is blocked or full,
    /// [`Event::Failed`](crate::Event::Failed) says so, and the session lives in memory.
    pub fn storage(self, storage: Storage) -> Self {
        SessionBuilder { storage: Some(storage), ..self }
    }

    /// The record's name in the store, and the lock's. Default `relatch`. One session per key.
    pub fn key(self, key: impl Into<String>) -> Self {
        SessionBuilder { key: key.into(), ..self }
    }

    /// How long a call may be held before it goes out with what there is, all its holds together: from 1 ms to an hour.
    /// Default: the refresh's deadline and 10 s more. While a page is prerendered no time passes.
    pub fn max_wait(self, max_wait: Duration) -> Self {
        SessionBuilder { max_wait: Some(max_wait), ..self }
    }

    /// How often one request may be sent again. Default 1, at most 3.
    pub fn max_replays(self, max_replays: u8) -> Self {
        SessionBuilder { max_replays, ..self }
    }

    /// The refresh's own deadline: from 100 ms to 10 minutes. Default 30 s. No caller's abort shortens it.
    pub fn refresh_timeout(self, refresh_timeout: Duration) -> Self {
        SessionBuilder { refresh_timeout: Some(refresh_timeout), ..self }
    }

    /// Answer `true` to let a call to this URL, as it was given, pass untouched. Called on every call.
    pub fn skip(self, skip: impl Fn(&str) -> bool + 'static) -> Self {
        SessionBuilder { skip: Some(Box::new(skip)), ..self }
    }

    /// Widens what counts as a challenge beyond 401, also to a 403, a 200, or a step-up. Must not read the body: what
    /// is read of it here is gone for the caller. Asked once for each response to a call that carried the token.
    pub fn is_challenge(self, is_challenge: impl Fn(&Response) -> bool + 'static) -> Self {
        SessionBuilder { is_challenge: Some(Box::new(is_challenge)), ..self }
    }

    /// The `fetch` to wrap. Default: the global one.
    pub fn fetch(self, fetch: Function) -> Self {
        SessionBuilder { fetch: Some(fetch), ..self }
    }

    /// The session.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] names the option and says what it must be; [`Error::Session`] with
    /// [`Code::StorageUnavailable`] if a storage was asked for that does not exist here (a worker has no localStorage);
    /// [`Error::NoBrowser`] where there is no JavaScript.
    pub fn build(self) -> Result<Session, Error> {
        if !cfg!(all(target_arch = "wasm32", any(target_os = "unknown", target_os = "none"))) {
            return Err(Error::NoBrowser);
        }
        let is_standard = self.header.eq_ignore_ascii_case(HEADER_DEFAULT);
        let scheme = self.scheme.unwrap_or_else(|| if is_standard { SCHEME_DEFAULT.to_owned() } else { String::new() });
        if self.header.is_empty() || !is_word(&self.header) {
            return Err(Error::invalid("header.name", format!("{MUST_BE_HEADER}; got {}", self.header)));
        }
        if !is_word(&scheme) {
            return Err(Error::invalid("header.scheme", format!("{MUST_BE_SCHEME}; got {scheme}")));
        }
        let refresh_timeout_ms = span(self.refresh_timeout, "refresh_timeout", &REFRESH_TIMEOUT_MS)?;
        let max_wait_ms = span(self.max_wait, "max_wait", &MAX_WAIT_MS)?;
        if !MAX_REPLAYS.contains(&self.max_replays) {
            let (least, most) = MAX_REPLAYS.into_inner();
            return Err(Error::invalid("max_replays", format!("from {least} to {most}; got {}", self.max_replays)));
        }
        let place = place(self.storage)?;
        let own_origin = own_origin();
        let origins = match self.origins {
            Some(given) => given
                .iter()
                .enumerate()
                .map(|(i, given)| origin(given, &format!("origins[{i}]")))
                .collect::<Result<Vec<_>, Error>>()?,
            None => own_origin.safe.iter().cloned().collect(),
        };
        let fetch = self.fetch.map_or_else(|| global("fetch"), Into::into);
        if !fetch.is_function() {
            return Err(Error::invalid("fetch", MUST_BE_FETCH));
        }

        let listeners = Rc::new(Listeners::default());
        let options = Object::new();
        let hears = listeners.clone();
        let on_event =
            Closure::<dyn Fn(String, JsValue)>::new(move |kind: String, detail: JsValue| hears.dispatch(&kind, detail));
        let make_error = Closure::<dyn Fn(u32, JsValue) -> JsValue>::new(|number: u32, cause: JsValue| {
            let code = Code::ALL.get(number as usize).copied().unwrap_or(Code::Closed);
            Error::rejection(code, CODES_WITH_CAUSE.contains(&code).then_some(cause))
        });
        if let Some(skip) = self.skip {
            let skip = Closure::<dyn Fn(JsValue) -> bool>::new(move |input: JsValue| {
                let url = input.as_string().or_else(|| get(&input, "url").as_string());
                skip(&url.unwrap_or_else(|| String::from(input.unchecked_ref::<Object>().to_string())))
            });
            set(&options, "skip", skip.into_js_value());
        }
        if let Some(is_challenge) = self.is_challenge {
            let is_challenge = Closure::<dyn Fn(Response) -> Option<bool>>::new(move |response: Response| {
                is_challenge(&response).then_some(true)
            });
            set(&options, "isChallenge", is_challenge.into_js_value());
            sys::asks(&options);
        }
        // Without Web Locks (plain http, old browsers) tabs take turns by a lease in the storage that they share.
        if place.web.is_some() && get(&global("navigator"), "locks").is_undefined() {
            let lease = Closure::<dyn Fn(JsValue, Function) -> Function>::new(|options: JsValue, granted: Function| {
                sys::lease(&options, &granted)
            });
            set(&options, "lease", lease.into_js_value());
        }
        set(&options, "refreshTimeoutMs", refresh_timeout_ms);
        set(&options, "names", words());
        set(&options, "prefix", if scheme.is_empty() { String::new() } else { format!("{scheme} ") });
        set(&options, "origins", origins.iter().map(JsValue::from).collect::<Array>());
        set(&options, "ownOrigin", own_origin.text);
        set(&options, "lower", self.header.to_ascii_lowercase());
        set(&options, "header", self.header);
        let shared = place.is_shared();
        set(&options, "storage", place.kind);
        set(&options, "web", place.web.map_or(JsValue::UNDEFINED, Into::into));
        set(&options, "key", self.key);
        if !place.own.is_undefined() {
            set(&options, "store", place.own);
            let steady = sys::steady(&options);
            set(&options, "store", steady);
        }
        set(&options, "refresh", self.refresh.value()?);
        set(&options, "fetch", fetch);
        set(&options, "onEvent", on_event.into_js_value());
        set(&options, "makeError", make_error.into_js_value());
        if place.kind == "session" {
            sys::gate(&options);
        }
        let shell = start(&options, Start { shared, refresh_timeout_ms, max_wait_ms, max_replays: self.max_replays });
        Ok(Session::new(shell, options, listeners))
    }
}

/// Milliseconds, of which 0 is the default.
fn span(given: Option<Duration>, name: &str, allowed: &RangeInclusive<u32>) -> Result<u32, Error> {
    let Some(given) = given else { return Ok(0) };
    u32::try_from(given.as_millis()).ok().filter(|ms| allowed.contains(ms)).ok_or_else(|| {
        let (min_ms, max_ms) = (allowed.start(), allowed.end());
        Error::invalid(name, format!("from {min_ms} to {max_ms} ms; got {} ms", given.as_millis()))
    })
}

/// What the engine's numbers are called in the port.
fn words() -> Object {
    fn texts(texts: impl IntoIterator<Item = &'static str>) -> Array {
        texts.into_iter().map(JsValue::from).collect()
    }
    let names = Object::new();
    set(&names, "codes", texts(Code::ALL.map(Code::as_str)));
    set(&names, "messages", texts(Code::ALL.map(Code::message)));
    set(&names, "reasons", texts(Reason::ALL.map(Reason::as_str)));
    set(&names, "changes", texts(Change::ALL.map(Change::as_str)));
    set(&names, "statuses", texts(Status::ALL.map(Status::as_str)));
    names
}
