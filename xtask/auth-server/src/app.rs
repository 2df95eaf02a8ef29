//! What all requests share, and the way to one realm of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::realm::Realm;

/// What all requests share.
#[derive(Clone)]
pub struct App {
    pub realms: Arc<Mutex<HashMap<String, Realm>>>,
    /// Tells every connection to close as soon as it is idle.
    pub recycle: watch::Sender<()>,
}

impl App {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Realm>> {
        // A panic in one request is no reason to fail all later ones.
        self.realms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The realm's state, for the time of the closure.
    pub fn with<T>(&self, realm: &str, what: impl FnOnce(&mut Realm) -> T) -> T {
        what(self.lock().entry(realm.to_owned()).or_default())
    }

    /// Whether this realm, or any for `None`, is going to close a connection without an answer.
    pub fn will_drop(&self, realm: Option<&str>) -> bool {
        let realms = self.lock();
        match realm {
            Some(name) => realms.get(name).is_some_and(|realm| realm.settings.will_drop()),
            None => realms.values().any(|realm| realm.settings.will_drop()),
        }
    }
}

/// `/t/{realm}/…` as the realm and the route in it.
pub fn split_realm(path: &str) -> Option<(&str, &str)> {
    let rest = path.strip_prefix("/t/")?;
    let end = rest.find('/')?;
    Some(rest.split_at(end))
}
