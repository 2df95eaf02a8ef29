//! relatch in Yew: sign in, let the token expire, call, and see 200s.
//!
//! `cargo xtask example` builds it and serves it beside the auth server. `trunk build` builds it too.

mod session;

use futures::future::join_all;
use gloo_net::http::Request;
use relatch::{Session, Tokens};
use serde::Deserialize;
use session::{api, use_events, use_session, use_status};
use yew::platform::spawn_local;
use yew::prelude::*;

/// The article's envelope.
#[derive(Deserialize)]
struct Envelope {
    result: Tokens,
}

#[derive(Deserialize)]
struct Claims {
    name: String,
}

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

async fn sign_in(session: &Session) -> Result<String> {
    let form = serde_json::json!({"name": "ada", "password": "latch"});
    let response = Request::post(&format!("{}/users/sign-in", api())).json(&form)?.send().await?;
    let Envelope { result } = response.json().await?;
    session.set_tokens(&result).await?;
    let name = session.claims::<Claims>()?.map_or_else(|| "somebody".to_owned(), |claims| claims.name);
    Ok(format!("signed in as {name}"))
}

/// Twenty calls at once: ten by the session, ten by gloo-net, which knows nothing of it.
async fn twenty(session: &Session) -> Result<String> {
    let url = |id: u32| format!("{}/home/review/detail/{id}", api());
    let by_session = join_all((151..161).map(|id| session.fetch(&url(id))));
    let by_gloo_net = join_all((161..171).map(|id| {
        let url = url(id);
        async move { Request::get(&url).send().await }
    }));
    let (ours, theirs) = futures::future::join(by_session, by_gloo_net).await;
    let mut good = 0;
    for response in ours {
        good += u32::from(response?.ok());
    }
    for response in theirs {
        good += u32::from(response?.ok());
    }
    Ok(format!("{good} of 20 succeeded"))
}

/// The server takes back every access token, as time does.
async fn expire() -> Result<String> {
    Request::post(&format!("{}/control/expire", api())).body("{}")?.send().await?;
    Ok("the access token has expired".to_owned())
}

async fn sign_out(session: &Session) -> Result<String> {
    session.clear().await?;
    Ok("signed out".to_owned())
}

#[component]
fn Page() -> Html {
    let session = use_session();
    let (status, events) = (use_status(), use_events());
    let result = use_state(String::new);
    let button = |id: &'static str, text: &'static str| {
        let (session, result) = (session.clone(), result.clone());
        let onclick = Callback::from(move |_: MouseEvent| {
            let (session, result) = (session.clone(), result.clone());
            spawn_local(async move {
                let done = match id {
                    "sign-in" => sign_in(&session).await,
                    "expire" => expire().await,
                    "send" => twenty(&session).await,
                    _ => sign_out(&session).await,
                };
                result.set(done.unwrap_or_else(|error| error.to_string()));
            });
        });
        html! { <button {id} {onclick}>{ text }</button> }
    };
    html! {
        <main>
            <h1>{ "relatch in Yew" }</h1>
            <p>{ "Status: " }<span id="status" role="status">{ status.as_str() }</span></p>
            { button("sign-in", "Sign in") }
            { button("expire", "Let the access token expire") }
            { button("send", "Send 20 requests") }
            { button("sign-out", "Sign out") }
            <p id="result" role="status">{ (*result).clone() }</p>
            <h2>{ "Events" }</h2>
            <ol id="events">{ for events.iter().map(|line| html! { <li>{ line }</li> }) }</ol>
        </main>
    }
}

#[component]
fn App() -> Html {
    let session = use_memo((), |()| {
        session::open().inspect(|session| session.install().forget()) // so that gloo-net goes through it
    });
    match &*session {
        Ok(session) => {
            html! { <ContextProvider<Session> context={session.clone()}><Page /></ContextProvider<Session>> }
        }
        Err(error) => html! { <p id="result">{ error.to_string() }</p> },
    }
}

fn main() {
    yew::Renderer::<App>::new().render();
}
