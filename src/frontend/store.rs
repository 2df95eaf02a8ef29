//! Where the session's record lives.

use std::any::Any;
use std::fmt;
use std::pin::Pin;
use std::rc::Rc;

use js_sys::{Function, Object, Promise};
use wasm_bindgen::prelude::*;

use super::sys::{promise, set};

/// What the operations of a [`Store`] give.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, JsValue>> + 'a>>;

/// A place of your own for the session's record, one string: IndexedDB, a native shell's key store. What an operation
/// fails with is dispatched as [`Event::Failed`](crate::Event::Failed) with `storage_failed`; the session then goes on
/// in memory. Operations come one after the other. One that has not answered within 5 s, or within the refresh's own
/// deadline if that is less, counts as failed; a write that hung is made good when the store answers again.
pub trait Store {
    /// What is stored; `None` if there is nothing.
    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<String>>;
    /// Stores the record.
    fn set<'a>(&'a self, key: &'a str, record: &'a str) -> StoreFuture<'a, ()>;
    /// Removes the record.
    fn remove<'a>(&'a self, key: &'a str) -> StoreFuture<'a, ()>;

    /// Does [`Store::subscribe`] tell of changes by others? Without it the store is looked at again at each 401 and, at
    /// most once a second, when a session that is signed out is used.
    fn tells_of_changes(&self) -> bool {
        false
    }

    /// Call `changed` after another page or worker has changed what is stored under the key; once too often does no
    /// harm. Called once, if [`Store::tells_of_changes`]. What is returned is dropped when the session ends.
    fn subscribe(&self, key: &str, changed: Rc<dyn Fn()>) -> Option<Box<dyn Any>> {
        let _ = (key, changed);
        None
    }
}

/// Where the tokens live.
#[non_exhaustive]
pub enum Storage {
    /// localStorage: one session for all tabs, which outlives them. The default where there is a document.
    Local,
    /// sessionStorage: one tab.
    Session,
    /// This object alone. The default in a worker.
    Memory,
    /// A place of your own.
    Own(Rc<dyn Store>),
}

impl Storage {
    /// A place of your own.
    pub fn own(store: impl Store + 'static) -> Storage {
        Storage::Own(Rc::new(store))
    }
}

impl fmt::Debug for Storage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Storage::Local => "Local",
            Storage::Session => "Session",
            Storage::Memory => "Memory",
            Storage::Own(_) => "Own",
        })
    }
}

/// The object that the port asks.
pub fn object(store: Rc<dyn Store>) -> JsValue {
    let object = Object::new();
    let own = store.clone();
    let get = Closure::<dyn Fn(String) -> Promise>::new(move |key: String| {
        let store = own.clone();
        promise(async move { Ok(store.get(&key).await?.map_or(JsValue::NULL, JsValue::from)) })
    });
    set(&object, "get", get.into_js_value());
    let own = store.clone();
    let put = Closure::<dyn Fn(String, String) -> Promise>::new(move |key: String, record: String| {
        let store = own.clone();
        promise(async move { store.set(&key, &record).await.map(|()| JsValue::UNDEFINED) })
    });
    set(&object, "set", put.into_js_value());
    let own = store.clone();
    let remove = Closure::<dyn Fn(String) -> Promise>::new(move |key: String| {
        let store = own.clone();
        promise(async move { store.remove(&key).await.map(|()| JsValue::UNDEFINED) })
    });
    set(&object, "remove", remove.into_js_value());
    if store.tells_of_changes() {
        let subscribe = Closure::<dyn Fn(String, Function) -> JsValue>::new(move |key: String, changed: Function| {
            let told = store.subscribe(&key, Rc::new(move || drop(changed.call0(&JsValue::UNDEFINED))));
            let mut told = Some(told);
            Closure::<dyn FnMut()>::new(move || drop(told.take())).into_js_value()
        });
        set(&object, "subscribe", subscribe.into_js_value());
    }
    object.into()
}
