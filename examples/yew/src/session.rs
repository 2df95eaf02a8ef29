//! The application's one session, and what a component needs of it.

use relatch::Status;
use relatch::{Error, Event, Refresh, Session};
use yew::prelude::*;

/// Where the auth server of this repository answers: `/t/<realm>`, so that visitors and tests do not meet.
pub fn api() -> String {
    let search = web_sys::window().and_then(|window| window.location().search().ok()).unwrap_or_default();
    let realm = web_sys::UrlSearchParams::new_with_str(&search).ok().and_then(|search| search.get("realm"));
    format!("/t/{}", realm.as_deref().unwrap_or("yew"))
}

/// As the server of the Android article has it: a header of its own, and tokens in an envelope.
pub fn open() -> Result<Session, Error> {
    let refresh = Refresh::post(format!("{}/users/refresh", api())).pick(
        "result.accessToken",
        "result.refreshToken",
        "result.expiresIn",
    );
    Session::builder(refresh).header("X-AUTH-TOKEN").key(format!("relatch{}", api().replace('/', "-"))).build()
}

/// The session of the nearest provider.
#[hook]
pub fn use_session() -> Session {
    use_context().expect("a ContextProvider<Session> around the application")
}

/// Where the session stands: looked at whenever the component renders, and its events make it render.
#[hook]
pub fn use_status() -> Status {
    let session = use_session();
    let update = use_force_update();
    use_effect_with(session.clone(), move |session| {
        // Dropped, and so deaf, when the component goes.
        let listener = session.listen(move |_| update.force_update());
        move || drop(listener)
    });
    session.status()
}

/// The session's events, as lines.
#[hook]
pub fn use_events() -> Vec<String> {
    let session = use_session();
    let lines = use_reducer(Lines::default);
    let to = lines.dispatcher();
    use_effect_with(session, move |session| {
        let listener = session.listen_to_calls(move |event| to.dispatch(line(event)));
        move || drop(listener)
    });
    lines.0.clone()
}

#[derive(Default)]
struct Lines(Vec<String>);

impl Reducible for Lines {
    type Action = String;

    fn reduce(self: std::rc::Rc<Self>, line: String) -> std::rc::Rc<Self> {
        const SHOWN: usize = 30;
        Lines(std::iter::once(line).chain(self.0.iter().cloned()).take(SHOWN).collect()).into()
    }
}

fn line(event: &Event) -> String {
    match event {
        Event::Refreshed { generation, duration, waiting, .. } => {
            format!("refreshed: generation {generation} after {} ms; {waiting} calls waited", duration.as_millis())
        }
        Event::Held { call, sent, .. } => {
            format!("held: call {call} {}", if *sent { "with its 401" } else { "unsent" })
        }
        Event::Replayed { call, .. } => format!("replayed: call {call}"),
        Event::Adopted { change, .. } => format!("adopted: {}", change.as_str()),
        Event::Changed { change, .. } => format!("changed: {}", change.as_str()),
        Event::Expired { status, .. } => format!("expired: {status}"),
        Event::Failed { code, .. } => format!("failed: {}", code.message()),
        Event::StepUp { error, .. } => format!("step-up: {error}"),
        other => format!("{other:?}"),
    }
}
