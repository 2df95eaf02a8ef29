//! Protected resources, and a few open ones.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::auth::close;
use crate::realm::{Claims, Settings};
use crate::{App, Call, json as answer_json};

/// The access token a request carries, and in which header.
pub fn presented(headers: &HeaderMap) -> Option<(&'static str, String)> {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    if let Some(token) = text("authorization").and_then(|v| v.strip_prefix("Bearer ")) {
        return Some(("authorization", token.to_owned()));
    }
    text("x-auth-token").map(|token| ("x-auth-token", token.to_owned()))
}

pub async fn answer(app: &App, realm: &str, call: &Call) -> Response {
    let number = |name: &str, default: u64| call.query.get(name).and_then(|v| v.parse().ok()).unwrap_or(default);
    if let Some(open) = call.path.strip_prefix("/open") {
        app.with(realm, |r| r.counters.open += 1);
        return if open == "/echo" { echo(call, None) } else { StatusCode::NOT_FOUND.into_response() };
    }
    if call.path == "/redirect" {
        return redirect(call);
    }
    let (delay, fault) = app.with(realm, |r| {
        r.counters.requests += 1;
        let Settings { api_fault, api_fault_count, api_delay_ms, .. } = &mut r.settings;
        (*api_delay_ms, Settings::take_fault(api_fault, api_fault_count))
    });
    tokio::time::sleep(Duration::from_millis(delay)).await;
    match fault.as_deref() {
        None => {}
        Some("server_error") => {
            return answer_json(StatusCode::INTERNAL_SERVER_ERROR, &json!({"error": "server_error"}));
        }
        Some("hang") => return std::future::pending().await,
        Some("drop") => return close(),
        Some("html401") => {
            return (StatusCode::UNAUTHORIZED, [(header::CONTENT_TYPE, "text/html")], "<html></html>").into_response();
        }
        Some(other) => {
            return answer_json(
                StatusCode::NOT_IMPLEMENTED,
                &json!({"error": format!("there is no API fault {other}")}),
            );
        }
    }
    let token = presented(&call.headers).map(|(_, token)| token);
    let claims = app.with(realm, |r| {
        let (claims, _) = r.judge(token.as_deref());
        let claims = claims.filter(|_| !r.settings.reject_fresh);
        if claims.is_some() {
            r.counters.ok += 1;
        } else {
            r.counters.unauthorized += 1;
        }
        claims
    });
    let Some(claims) = claims else {
        return unauthorized(app, realm, token.is_some());
    };
    let path = call.path.as_str();
    if let Some(id) = path.strip_prefix("/home/review/detail/") {
        return review(id, &claims);
    }
    if let Some(code) = path.strip_prefix("/status/").and_then(|c| StatusCode::from_bytes(c.as_bytes()).ok()) {
        return if matches!(code.as_u16(), 204 | 304) {
            code.into_response()
        } else {
            answer_json(code, &json!({"status": code.as_u16()}))
        };
    }
    match path {
        "/echo" => echo(call, Some(&claims)),
        "/slow" => {
            tokio::time::sleep(Duration::from_millis(number("ms", 1000).min(60_000))).await;
            answer_json(StatusCode::OK, &json!({"slow": true}))
        }
        "/stream" => stream("text/plain", number("chunks", 5), number("ms", 50), |i| format!("line {i}\n")),
        "/sse" => {
            stream("text/event-stream", number("n", 5), number("ms", 50), |i| format!("id: {i}\ndata: tick {i}\n\n"))
        }
        "/forbidden" => answer_json(StatusCode::FORBIDDEN, &json!({"error": "forbidden"})),
        "/step-up" => challenge(
            "Bearer error=\"insufficient_user_authentication\", acr_values=\"urn:example:gold\", max_age=\"300\"",
        ),
        // Not Basic: for that a browser asks its user, whoever fetches.
        "/other-scheme" => challenge("DPoP algs=\"ES256\""),
        _ => answer_json(StatusCode::NOT_FOUND, &json!({"error": "there is no such resource"})),
    }
}

fn unauthorized(app: &App, realm: &str, had_token: bool) -> Response {
    let body = json!({"isSuccess": false, "code": "2001", "message": "인증이 필요합니다.", "result": null});
    let mut response = answer_json(StatusCode::UNAUTHORIZED, &body);
    if app.with(realm, |r| r.settings.www_authenticate) {
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

fn review(id: &str, claims: &Claims) -> Response {
    let stars = id.bytes().fold(0u32, |n, b| n.wrapping_mul(31).wrapping_add(u32::from(b))) % 5 + 1;
    let result = json!({
        "reviewId": id, "writer": claims.name, "stars": stars, "text": format!("Review {id}: the door latched at once."),
    });
    answer_json(
        StatusCode::OK,
        &json!({"isSuccess": true, "code": "1000", "message": "요청에 성공하였습니다.", "result": result}),
    )
}

fn echo(call: &Call, claims: Option<&Claims>) -> Response {
    let headers: BTreeMap<&str, &str> =
        call.headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap_or("?"))).collect();
    let hash = Sha256::digest(&call.body).iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    answer_json(
        StatusCode::OK,
        &json!({
            "method": call.method.as_str(), "path": call.path, "query": call.query, "headers": headers,
            "length": call.body.len(), "sha256": hash, "user": claims.map(|c| &c.name), "jti": claims.map(|c| &c.jti),
        }),
    )
}

fn stream(kind: &'static str, chunks: u64, ms: u64, line: fn(u64) -> String) -> Response {
    let chunks = futures_util::stream::unfold(0, move |i| async move {
        if i >= chunks.min(10_000) {
            return None;
        }
        tokio::time::sleep(Duration::from_millis(ms.min(10_000))).await;
        Some((Ok::<_, std::convert::Infallible>(Bytes::from(line(i))), i + 1))
    });
    ([(header::CONTENT_TYPE, kind)], Body::from_stream(chunks)).into_response()
}

fn redirect(call: &Call) -> Response {
    let status =
        call.query.get("status").and_then(|s| StatusCode::from_bytes(s.as_bytes()).ok()).unwrap_or(StatusCode::FOUND);
    match call.query.get("to").and_then(|to| HeaderValue::from_str(to).ok()) {
        Some(to) => (status, [(header::LOCATION, to)]).into_response(),
        None => answer_json(StatusCode::BAD_REQUEST, &json!({"error": "`to` is missing"})),
    }
}
