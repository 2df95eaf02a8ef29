//! Why something did not work.

use std::fmt;

use wasm_bindgen::prelude::*;

use super::sys::{get, set};
use relatch_engine::Code;
use relatch_engine::limits::MUST_BE_TOKEN;

/// The name of relatch's own errors where JavaScript sees them.
const NAME: &str = "RelatchError";

/// What the calls of a [`Session`](crate::Session) fail with.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Error {
    /// An option, or a token, is not what it must be. Nothing was changed.
    #[non_exhaustive]
    InvalidOption {
        /// The option's name, as `refresh.url` or `origins[0]`.
        name: String,
        /// What it must be, and what was given; never a token.
        expected: String,
    },
    /// This is no browser, no worker and no other place with JavaScript: a server renders the page, or a native test
    /// runs.
    NoBrowser,
    /// relatch could not do it; see the code.
    #[non_exhaustive]
    Session {
        /// Stable, and the same as in JavaScript.
        code: Code,
        /// What the refresh failed with, of [`Code::RefreshFailed`] and [`Code::SessionExpired`].
        cause: Option<JsValue>,
    },
    /// What `fetch` itself rejected with, as it is: a `TypeError` where there was no answer, the reason of an abort
    /// signal.
    Fetch(JsValue),
    /// The access token's claims are not what they were wanted as.
    Claims(String),
}

impl Error {
    /// The stable code of an error of relatch's own; `None` for what `fetch` rejected with, and outside of a browser.
    pub fn code(&self) -> Option<Code> {
        match self {
            Error::InvalidOption { .. } => Some(Code::InvalidOption),
            Error::Session { code, .. } => Some(*code),
            Error::NoBrowser | Error::Fetch(_) | Error::Claims(_) => None,
        }
    }

    pub(super) fn invalid(name: impl Into<String>, expected: impl Into<String>) -> Error {
        Error::InvalidOption { name: name.into(), expected: expected.into() }
    }

    pub(super) fn of(code: Code) -> Error {
        Error::Session { code, cause: None }
    }

    /// What a promise of the shell's was rejected with.
    pub(super) fn from_rejection(value: JsValue) -> Error {
        let word = |name: &str| get(&value, name).as_string();
        let ours = value.is_instance_of::<js_sys::Error>() && word("name").as_deref() == Some(NAME);
        match word("code").and_then(|code| Code::ALL.into_iter().find(|known| known.as_str() == code)) {
            Some(Code::InvalidOption) if ours => Error::invalid("tokens.access_token", MUST_BE_TOKEN),
            Some(code) if ours => {
                let cause = get(&value, "cause");
                Error::Session { code, cause: (!cause.is_undefined()).then_some(cause) }
            }
            _ => Error::Fetch(value),
        }
    }

    /// What the shell rejects with: an `Error` with a name and a code, as the npm package's.
    pub(super) fn rejection(code: Code, cause: Option<JsValue>) -> JsValue {
        let error = js_sys::Error::new(&format!("relatch: {}", code.message()));
        error.set_name(NAME);
        set(&error, "code", code.as_str());
        if let Some(cause) = cause.filter(|cause| !cause.is_undefined()) {
            error.set_cause(&cause);
        }
        error.into()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::InvalidOption { name, expected } => write!(f, "relatch: {name} must be {expected}"),
            Error::NoBrowser => f.write_str("relatch: there is no browser here: make the session where the page runs"),
            Error::Session { code, .. } => write!(f, "relatch: {}", code.message()),
            // As JavaScript says it: "TypeError: Failed to fetch".
            Error::Fetch(value) => match value.dyn_ref::<js_sys::Error>() {
                Some(error) => f.write_str(&String::from(error.to_string())),
                None => write!(f, "{value:?}"),
            },
            Error::Claims(why) => write!(f, "relatch: the claims do not fit: {why}"),
        }
    }
}

impl std::error::Error for Error {}

/// For code that passes errors on to JavaScript: what `fetch` rejected with stays what it was.
impl From<Error> for JsValue {
    fn from(error: Error) -> JsValue {
        match error {
            Error::Fetch(value) => value,
            Error::Session { code, cause } => Error::rejection(code, cause),
            other => {
                let code = other.code();
                let error = js_sys::Error::new(&other.to_string());
                error.set_name(NAME);
                if let Some(code) = code {
                    set(&error, "code", code.as_str());
                }
                error.into()
            }
        }
    }
}
