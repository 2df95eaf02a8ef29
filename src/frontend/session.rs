//! A session, and who listens to it.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use js_sys::{Object, Promise};
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Request, RequestInit, Response};

use super::error::Error;
use super::event::Event;
use super::sys::{get, set};
use super::tokens::Tokens;
use crate::web::shell::{Shell, now};
use crate::web::sys;
use relatch_engine::Status;

/// A session: its tokens, its one refresh, and the calls that wait for it.
///
/// Cheap to clone; all clones are one session. When the last clone and the last call under way are gone, this object is
/// closed; the tokens stay in the store. It is not `Send`: where a framework asks for that (Leptos' signals and
/// contexts), wrap it in
/// `send_wrapper::SendWrapper`.
///
/// Calls start when they are made, not when they are polled, and go on when their future is dropped, as promises do: to
/// end one, give it an abort signal.
#[derive(Clone)]
pub struct Session {
    inner: Rc<Inner>,
}

struct Inner {
    shell: Rc<Shell>,
    /// Read by the port at each use.
    options: Object,
    listeners: Rc<Listeners>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        sys::close(&self.shell.port);
    }
}

/// The same session object: for the contexts and properties of component frameworks.
impl PartialEq for Session {
    fn eq(&self, other: &Session) -> bool {
        Rc::ptr_eq(&self.inner, &other.inner)
    }
}

impl Eq for Session {}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Session")
    }
}

impl Session {
    pub(super) fn new(shell: Rc<Shell>, options: Object, listeners: Rc<Listeners>) -> Session {
        Session { inner: Rc::new(Inner { shell, options, listeners }) }
    }

    pub(super) fn port(&self) -> &sys::Port {
        &self.inner.shell.port
    }

    pub(super) fn fetch_any(&self, input: &JsValue, init: &JsValue) -> Promise {
        sys::fetch(self.port(), input, init)
    }

    /// Sends by this `fetch` from now on; gives the one before.
    pub(super) fn exchange_fetch(&self, fetch: &JsValue) -> JsValue {
        let before = get(&self.inner.options, "fetch");
        set(&self.inner.options, "fetch", fetch);
        before
    }

    /// `fetch` with the access token: held while a refresh is under way, sent again after a 401. The response is the
    /// native one, also a 401 that no refresh can help.
    ///
    /// # Errors
    ///
    /// [`Error::Fetch`] with what `fetch` rejects with; [`Error::Session`] after [`Session::close`], or if too many
    /// calls wait.
    pub fn fetch(&self, url: &str) -> impl Future<Output = Result<Response, Error>> + use<> {
        self.response(self.fetch_any(&url.into(), &JsValue::UNDEFINED))
    }

    /// [`Session::fetch`] with an init. A stream as body is sent once: its 401 is the caller's, after the refresh.
    pub fn fetch_with(&self, url: &str, init: &RequestInit) -> impl Future<Output = Result<Response, Error>> + use<> {
        self.response(self.fetch_any(&url.into(), init))
    }

    /// [`Session::fetch`] with a request, whose body is used up.
    pub fn fetch_request(&self, request: &Request) -> impl Future<Output = Result<Response, Error>> + use<> {
        self.response(self.fetch_any(request, &JsValue::UNDEFINED))
    }

    /// Takes over the tokens of a login, in every tab. Done when they are stored.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for an access token that is blank or that no header can carry, or a token that is too
    /// long; nothing is changed then.
    pub fn set_tokens(&self, tokens: &Tokens) -> impl Future<Output = Result<(), Error>> + use<> {
        let [access, refresh, seconds, id_token] = tokens.values();
        self.done(sys::set_tokens(self.port(), &access, &refresh, &seconds, &id_token))
    }

    /// The access token, refreshed first if it does not have this much validity left. For WebSocket, EventSource and
    /// whatever does not go through `fetch`.
    ///
    /// # Errors
    ///
    /// [`Error::Session`]: there is no token, or the refresh failed.
    pub fn access_token(&self, min_validity: Duration) -> impl Future<Output = Result<String, Error>> + use<> {
        let token = sys::token(self.port(), min_validity.as_secs_f64(), &JsValue::UNDEFINED);
        self.settled(token, |token| token.as_string().unwrap_or_default())
    }

    /// Refreshes now, or joins the refresh under way.
    ///
    /// # Errors
    ///
    /// [`Error::Session`] says why there is no new token.
    pub fn refresh(&self) -> impl Future<Output = Result<(), Error>> + use<> {
        self.done(sys::refresh(self.port()))
    }

    /// Logs out: forgets the tokens here, in the store and so in other tabs. Tell your server first, if it keeps
    /// sessions.
    ///
    /// # Errors
    ///
    /// None is known; a record that cannot be removed is found again at the next start, and the server refuses it then.
    pub fn clear(&self) -> impl Future<Output = Result<(), Error>> + use<> {
        self.done(sys::clear(self.port()))
    }

    /// Where the session stands.
    pub fn status(&self) -> Status {
        sys::look(self.port());
        let at = now();
        self.inner.shell.engine().status(at)
    }

    /// The payload of the access token, if it is a JWT (RFC 7519 §4): decoded and **not verified**, a hint for display
    /// and never a permission. `None` without one.
    ///
    /// # Errors
    ///
    /// [`Error::Claims`] if it does not deserialize into `T`.
    pub fn claims<T: DeserializeOwned>(&self) -> Result<Option<T>, Error> {
        let claims = sys::claims(self.port());
        if claims.is_undefined() {
            return Ok(None);
        }
        serde_wasm_bindgen::from_value(claims).map(Some).map_err(|error| Error::Claims(error.to_string()))
    }

    /// Calls `hear` with what becomes of the session, until the listener is dropped. Events about single calls are left
    /// out.
    ///
    /// A closure that holds a clone of the session keeps it from being closed when it is dropped.
    pub fn listen(&self, hear: impl Fn(&Event) + 'static) -> Listener {
        self.inner.listeners.add(false, Rc::new(hear))
    }

    /// [`Session::listen`], with the events about single calls as well, which cost a little for each of them.
    pub fn listen_to_calls(&self, hear: impl Fn(&Event) + 'static) -> Listener {
        sys::listen(self.port(), true);
        self.inner.listeners.add(true, Rc::new(hear))
    }

    /// Ends this object, not the session: the tokens stay where they are, and other tabs go on. What waits is settled.
    pub fn close(&self) {
        sys::close(self.port());
    }

    fn response(&self, promise: Promise) -> impl Future<Output = Result<Response, Error>> + use<> {
        self.settled(promise, JsCast::unchecked_into)
    }

    fn done(&self, promise: Promise) -> impl Future<Output = Result<(), Error>> + use<> {
        self.settled(promise, |_| ())
    }

    fn settled<T>(&self, promise: Promise, make: fn(JsValue) -> T) -> impl Future<Output = Result<T, Error>> + use<T> {
        // A call under way keeps the session alive, or it would settle as closed.
        let session = self.clone();
        // Not in the block below: what nobody polls must not become an unhandled rejection.
        let settled = JsFuture::from(promise);
        async move {
            let result = settled.await;
            drop(session);
            result.map(make).map_err(Error::from_rejection)
        }
    }
}

/// Who listens to a session.
#[derive(Default)]
pub(super) struct Listeners {
    next: Cell<u32>,
    all: RefCell<Vec<Entry>>,
}

#[derive(Clone)]
struct Entry {
    id: u32,
    calls: bool,
    hear: Rc<dyn Fn(&Event)>,
}

impl Listeners {
    fn add(self: &Rc<Self>, calls: bool, hear: Rc<dyn Fn(&Event)>) -> Listener {
        let id = self.next.get();
        self.next.set(id.wrapping_add(1));
        self.all.borrow_mut().push(Entry { id, calls, hear });
        Listener { id, listeners: self.clone() }
    }

    pub fn dispatch(&self, kind: &str, detail: JsValue) {
        let Some(event) = Event::read(kind, detail) else { return };
        // A copy, because whoever hears may add and remove listeners.
        let all = self.all.borrow().clone();
        for Entry { calls, hear, .. } in all {
            if calls || !event.is_of_call() {
                hear(&event);
            }
        }
    }
}

/// Hears a session's events for as long as it lives. See [`Session::listen`].
#[must_use = "dropping it ends the listening"]
pub struct Listener {
    id: u32,
    listeners: Rc<Listeners>,
}

impl Listener {
    /// Listens for as long as the session lives.
    pub fn forget(self) {
        std::mem::forget(self);
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // What is removed is dropped after the borrow: it may hold whatever the application gave it.
        let gone: Vec<Entry> = self.listeners.all.borrow_mut().extract_if(.., |entry| entry.id == self.id).collect();
        drop(gone);
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}
