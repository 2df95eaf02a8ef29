//! One request of the API: from its arrival to its line in the log.

use std::time::Instant;

use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

use crate::app::{App, split_realm};
use crate::clock::wall_ms;
use crate::exchange::{Call, Reply};
use crate::log::Entry;
use crate::realm::Verdict;
use crate::{auth, connection, control, resources};

/// Larger bodies are refused.
const MAX_BODY: usize = 64 << 20;

pub async fn answer(State(app): State<App>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let full = parts.uri.path();
    let (realm, path) = split_realm(full).unwrap_or(("demo", full));
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return (StatusCode::PAYLOAD_TOO_LARGE, "the body is above 64 MiB, or broke off").into_response();
    };
    let query = form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    let mut call = Call {
        realm: realm.to_owned(),
        number: 0,
        method: parts.method,
        path: path.to_owned(),
        query,
        headers: parts.headers,
        body,
    };
    if call.path == "/open/log" || call.path == "/control" || call.path.starts_with("/control/") {
        return control::answer(&app, &call).await;
    }
    call.number = app.with(&call.realm, |r| r.log.number());
    // A task of its own, which ends even if the client goes away: a token that a real server has rotated stays rotated,
    // whether or not somebody still waits for the answer.
    match tokio::spawn(logged(app, call)).await {
        Ok(Reply::Answer(response)) => response,
        Ok(Reply::Hang) => std::future::pending().await,
        Ok(Reply::Close) | Err(_) => connection::close(),
    }
}

async fn logged(app: App, call: Call) -> Reply {
    let (at_ms, started) = (wall_ms(), Instant::now());
    let token = call.token();
    let mut verdict: Verdict = app.with(&call.realm, |r| r.judge(token.map(|(_, token)| token)));
    app.with(&call.realm, |r| {
        if r.settings.trace {
            r.log.trace(call.trace(verdict.word));
        }
    });
    let mut reply = match auth::answer(&app, &call).await {
        Some(reply) => reply,
        None => resources::answer(&app, &call, &mut verdict).await,
    };
    let status = match &mut reply {
        Reply::Answer(response) => {
            response.headers_mut().insert("x-request-number", HeaderValue::from(call.number));
            response.status().as_u16()
        }
        Reply::Close | Reply::Hang => 0,
    };
    let entry = Entry {
        n: call.number,
        at_ms,
        method: call.method.to_string(),
        path: call.path.clone(),
        status,
        ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        token: verdict.word,
        header: token.map_or("none", |(header, _)| header),
        jti: verdict.claims.map(|claims| claims.jti),
    };
    app.with(&call.realm, |r| r.log.push(entry));
    reply
}
