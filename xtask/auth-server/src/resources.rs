//! Protected resources, and a few open ones.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use serde_json::json;

use crate::app::App;
use crate::auth::envelope;
use crate::exchange::{Call, Reply, json as answer_json};
use crate::realm::{Claims, Verdict};
use crate::settings::ApiFault;

const MAX_CHUNKS: u64 = 10_000;
const MAX_DELAY_MS: u64 = 60_000;

/// `verdict` is set to what the access token was worth when it was looked at, which is after any delay.
pub async fn answer(app: &App, call: &Call, verdict: &mut Verdict) -> Reply {
    if call.path == "/redirect" || call.path.starts_with("/open/") {
        app.with(&call.realm, |r| r.counters.open += 1);
        return match call.path.as_str() {
            "/redirect" => redirect(call),
            "/open/echo" => echo(call, None),
            _ => missing(call),
        }
        .into();
    }
    let reply = protected(app, call, verdict).await;
    if let Reply::Answer(response) = &reply {
        let status = response.status();
        app.with(&call.realm, |r| {
            r.counters.unauthorized += u64::from(status == StatusCode::UNAUTHORIZED);
            r.counters.ok += u64::from(status.as_u16() < 400);
        });
    }
    reply
}

async fn protected(app: &App, call: &Call, verdict: &mut Verdict) -> Reply {
    let (delay_ms, fault) = app.with(&call.realm, |r| {
        r.counters.requests += 1;
        (r.settings.api_delay_ms, r.settings.take_api_fault())
    });
    tokio::time::sleep(Duration::from_millis(delay_ms)).await;
    match fault {
        None => {}
        Some(ApiFault::ServerError) => {
            return answer_json(StatusCode::INTERNAL_SERVER_ERROR, &json!({"error": "server_error"})).into();
        }
        Some(ApiFault::Html401) => {
            let html = [(header::CONTENT_TYPE, "text/html")];
            return (StatusCode::UNAUTHORIZED, html, "<!doctype html><p>Unauthorized</p>").into_response().into();
        }
        Some(ApiFault::Hang) => return Reply::Hang,
        Some(ApiFault::Drop) => return Reply::Close,
    }
    let token = call.token().map(|(_, token)| token);
    let (reject, challenges) = app.with(&call.realm, |r| {
        *verdict = r.judge(token);
        (r.settings.reject_fresh, r.settings.www_authenticate)
    });
    match &verdict.claims {
        Some(claims) if verdict.word == "good" && !reject => resource(call, claims).await,
        _ => unauthorized(call, token.is_some(), challenges),
    }
    .into()
}

async fn resource(call: &Call, claims: &Claims) -> Response {
    let number = |name: &str, default: u64| call.query.get(name).and_then(|v| v.parse().ok()).unwrap_or(default);
    let wait_ms = |default: u64| number("ms", default).min(MAX_DELAY_MS);
    let path = call.path.as_str();
    if let Some(code) = path.strip_prefix("/status/") {
        return status(call, code);
    }
    if path == "/echo" {
        return echo(call, Some(claims));
    }
    if !matches!(call.method, Method::GET | Method::HEAD) {
        return missing(call);
    }
    if let Some(id) = path.strip_prefix("/home/review/detail/") {
        return review(id, claims);
    }
    match path {
        "/slow" => {
            tokio::time::sleep(Duration::from_millis(wait_ms(1_000))).await;
            answer_json(StatusCode::OK, &json!({"slow": true}))
        }
        "/stream" => stream("text/plain", number("chunks", 5), wait_ms(50), |i| format!("line {i}\n")),
        "/sse" => stream("text/event-stream", number("n", 5), wait_ms(50), |i| format!("id: {i}\ndata: tick {i}\n\n")),
        "/forbidden" => answer_json(StatusCode::FORBIDDEN, &json!({"error": "forbidden"})),
        "/step-up" => challenge(
            "Bearer error=\"insufficient_user_authentication\", acr_values=\"urn:example:gold\", max_age=\"300\"",
        ),
        "/scope" => {
            let mut response = challenge("Bearer error=\"insufficient_scope\", scope=\"review:write review:delete\"");
            *response.status_mut() = StatusCode::FORBIDDEN;
            response
        }
        "/basic" => challenge("Basic realm=\"x\""),
        // Unlike Basic, no browser shows a dialog of its own for it.
        "/other-scheme" => challenge("DPoP algs=\"ES256\""),
        _ => missing(call),
    }
}

fn unauthorized(call: &Call, had_token: bool, challenges: bool) -> Response {
    let body = json!({
        "isSuccess": false, "code": "2001", "message": "인증이 필요합니다.", "result": null, "n": call.number,
    });
    let mut response = answer_json(StatusCode::UNAUTHORIZED, &body);
    if challenges {
        // RFC 6750 §3.1: no error code for a request that carried no token.
        let value =
            if had_token { "Bearer realm=\"relatch\", error=\"invalid_token\"" } else { "Bearer realm=\"relatch\"" };
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(value));
    }
    response
}

fn challenge(value: &'static str) -> Response {
    let mut response = answer_json(StatusCode::UNAUTHORIZED, &json!({"error": "challenge"}));
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(value));
    response
}

fn missing(call: &Call) -> Response {
    answer_json(StatusCode::NOT_FOUND, &json!({"error": format!("there is no {} {}", call.method, call.path)}))
}

fn status(call: &Call, code: &str) -> Response {
    // hyper sends no informational status as an answer.
    match code.parse().ok().filter(|code| *code >= 200).and_then(|code: u16| StatusCode::from_u16(code).ok()) {
        Some(code) if matches!(code.as_u16(), 204 | 205 | 304) => code.into_response(),
        Some(code) => answer_json(code, &json!({"status": code.as_u16()})),
        None => missing(call),
    }
}

fn review(id: &str, claims: &Claims) -> Response {
    let stars = id.bytes().fold(0u32, |n, b| n.wrapping_mul(31).wrapping_add(u32::from(b))) % 5 + 1;
    envelope(&json!({
        "reviewId": id, "writer": claims.name, "stars": stars,
        "text": format!("Review {id}: the door latched at once."),
    }))
}

fn echo(call: &Call, claims: Option<&Claims>) -> Response {
    answer_json(
        StatusCode::OK,
        &json!({
            "method": call.method.as_str(), "path": call.path, "query": call.query, "headers": call.shown_headers(),
            "length": call.body.len(), "sha256": call.sha256(),
            "user": claims.map(|c| &c.name), "jti": claims.map(|c| &c.jti),
        }),
    )
}

fn stream(kind: &'static str, chunks: u64, every_ms: u64, line: fn(u64) -> String) -> Response {
    let chunks = futures_util::stream::unfold(0, move |i| async move {
        if i >= chunks.min(MAX_CHUNKS) {
            return None;
        }
        tokio::time::sleep(Duration::from_millis(every_ms)).await;
        Some((Ok::<_, std::convert::Infallible>(Bytes::from(line(i))), i + 1))
    });
    ([(header::CONTENT_TYPE, kind)], Body::from_stream(chunks)).into_response()
}

fn redirect(call: &Call) -> Response {
    let status = call.query.get("status").map_or(Some(302), |s| s.parse().ok());
    let status = status.and_then(|s| StatusCode::from_u16(s).ok()).filter(StatusCode::is_redirection);
    let to = call.query.get("to").and_then(|to| HeaderValue::from_str(to).ok());
    match (status, to) {
        (Some(status), Some(to)) => (status, [(header::LOCATION, to)]).into_response(),
        _ => answer_json(StatusCode::BAD_REQUEST, &json!({"error": "say to=URL and, if you like, status=3xx"})),
    }
}
