//! What a session tells, as Rust values.

use std::time::Duration;

use serde::Deserialize;
use wasm_bindgen::JsValue;

use relatch_engine::{Change, Code, Reason};

use crate::web::wire::EventKind;

/// What became of the session, or of a call. Never carries a token.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A refresh committed.
    #[non_exhaustive]
    Refreshed {
        /// Grows by one with each committed refresh, and with each that is adopted.
        generation: u32,
        /// Why it was started.
        reason: Reason,
        /// From its start to its commit, the wait for the lock included.
        duration: Duration,
        /// How many calls waited for it.
        waiting: u32,
    },
    /// A change by another tab, or by the developer tools, was taken over.
    #[non_exhaustive]
    Adopted {
        /// The generation that is current now.
        generation: u32,
        /// What was changed.
        change: Change,
    },
    /// [`set_tokens`](crate::Session::set_tokens) or [`clear`](crate::Session::clear) was called on this object: for
    /// what shows the session's status. Other tabs' are [`Event::Adopted`].
    #[non_exhaustive]
    Changed {
        /// [`Change::SignedIn`] or [`Change::SignedOut`].
        change: Change,
    },
    /// A request that had got a 401 was sent again. Only for [`listen_to_calls`](crate::Session::listen_to_calls).
    #[non_exhaustive]
    Replayed {
        /// Tells calls apart; used again once the call is over.
        call: u32,
        /// The generation of the token that it was sent with.
        generation: u32,
        /// Where it went.
        url: String,
    },
    /// A request waits for the refresh. Only for [`listen_to_calls`](crate::Session::listen_to_calls).
    #[non_exhaustive]
    Held {
        /// Tells calls apart; used again once the call is over.
        call: u32,
        /// It has got a 401; otherwise it was not sent yet.
        sent: bool,
        /// Where it goes.
        url: String,
    },
    /// The session is over and its tokens are gone: show the login. Told once for each session.
    #[non_exhaustive]
    Expired {
        /// What the authorization server answered; 0 where the refresh function gave up.
        status: u16,
    },
    /// Something went wrong, and the tokens were kept.
    #[non_exhaustive]
    Failed {
        /// What it was.
        code: Code,
        /// What the authorization server answered; 0 for no answer.
        status: u16,
        /// No refresh is tried before that.
        retry_in: Duration,
    },
    /// A 401 or 403 says that the token is good but not good enough, which no refresh can help: start a new
    /// authorization that asks for what is said here. The response is the caller's.
    #[non_exhaustive]
    StepUp {
        /// `insufficient_scope` (RFC 6750 §3.1), `insufficient_user_authentication` (RFC 9470), or another
        /// `insufficient_…`.
        error: String,
        /// Space-separated (RFC 6749 §3.3).
        scope: Option<String>,
        /// Space-separated, the most wanted first.
        acr_values: Option<String>,
        /// Since the user last authenticated, at most.
        max_age: Option<Duration>,
        /// The request that was refused.
        url: String,
    },
}

/// All that the port says with any event.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Detail {
    generation: u32,
    reason: String,
    duration_ms: f64,
    waiting: u32,
    change: String,
    call: u32,
    url: String,
    sent: bool,
    status: u16,
    code: String,
    retry_in_ms: f64,
    error: String,
    scope: Option<String>,
    acr_values: Option<String>,
    max_age: Option<f64>,
}

impl Event {
    /// `None` for what this version does not know.
    pub(super) fn read(kind: &str, detail: JsValue) -> Option<Event> {
        let place = EventKind::NAMES.iter().position(|name| *name == kind)?;
        let d: Detail = serde_wasm_bindgen::from_value(detail).ok()?;
        Some(match *EventKind::ALL.get(place)? {
            EventKind::Refreshed => Event::Refreshed {
                generation: d.generation,
                reason: Reason::ALL.into_iter().find(|reason| reason.as_str() == d.reason)?,
                duration: milliseconds(d.duration_ms),
                waiting: d.waiting,
            },
            EventKind::Adopted => Event::Adopted { generation: d.generation, change: change(&d.change)? },
            EventKind::Changed => Event::Changed { change: change(&d.change)? },
            EventKind::Replayed => Event::Replayed { call: d.call, generation: d.generation, url: d.url },
            EventKind::Held => Event::Held { call: d.call, sent: d.sent, url: d.url },
            EventKind::Expired => Event::Expired { status: d.status },
            EventKind::Failed => Event::Failed {
                code: Code::ALL.into_iter().find(|code| code.as_str() == d.code)?,
                status: d.status,
                retry_in: milliseconds(d.retry_in_ms),
            },
            EventKind::StepUp => Event::StepUp {
                error: d.error,
                scope: d.scope,
                acr_values: d.acr_values,
                max_age: d.max_age.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
                url: d.url,
            },
        })
    }

    /// Is it about a single call?
    pub(super) fn is_of_call(&self) -> bool {
        matches!(self, Event::Replayed { .. } | Event::Held { .. })
    }
}

fn change(name: &str) -> Option<Change> {
    Change::ALL.into_iter().find(|change| change.as_str() == name)
}

fn milliseconds(ms: f64) -> Duration {
    // Float casts saturate.
    Duration::from_millis(ms as u64)
}
