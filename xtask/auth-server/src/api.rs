//! One request of the API: from its arrival to its line in the log.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::time::Instant;

use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use crate::log::{Entry, Trace};
use crate::realm::Verdict;
use crate::{App, auth, connection, control, resources, split_realm, wall_ms};

/// Larger bodies are refused.
const MAX_BODY: usize = 64 << 20;

/// One call, read to its end.
pub struct Call {
    pub realm: String,
    /// Counts the realm's requests.
    pub number: u64,
    pub method: Method,
    /// The route inside the realm.
    pub path: String,
    pub query: HashMap<String, String>,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Call {
    /// The access token it carries, and in which header.
    pub fn token(&self) -> Option<(&'static str, &str)> {
        let text = |name: &str| self.headers.get(name).and_then(|v| v.to_str().ok());
        if let Some((scheme, token)) = text("authorization").and_then(|v| v.split_once(' '))
            && scheme.eq_ignore_ascii_case("bearer")
        {
            return Some(("authorization", token.trim()));
        }
        text("x-auth-token").map(|token| ("x-auth-token", token))
    }

    /// As a browser shows them: a header that was sent twice is one, with a comma.
    pub fn shown_headers(&self) -> BTreeMap<&str, String> {
        let mut headers: BTreeMap<&str, String> = BTreeMap::new();
        for (name, value) in &self.headers {
            let value = String::from_utf8_lossy(value.as_bytes());
            headers
                .entry(name.as_str())
                .and_modify(|all| {
                    let _ = write!(all, ", {value}");
                })
                .or_insert_with(|| value.into_owned());
        }
        headers
    }

    /// Of the body, in hex.
    pub fn sha256(&self) -> String {
        sha256(&self.body)
    }

    fn trace(&self, token: &'static str) -> Trace {
        let body = without_boundary(&self.body);
        let mut headers = self.shown_headers();
        if !matches!(token, "none" | "bad") {
            headers.retain(|name, _| !matches!(*name, "authorization" | "x-auth-token"));
        }
        Trace {
            n: self.number,
            method: self.method.to_string(),
            path: self.path.clone(),
            query: self.query.clone(),
            headers: headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            sha256: sha256(&body),
            length: body.len(),
            token,
        }
    }
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// A browser draws the boundary of a multipart body at random, so that two of the same fields are compared without it.
/// It is read from the body, because a caller can give another content type.
fn without_boundary(body: &[u8]) -> Vec<u8> {
    let line = body.strip_prefix(b"--").and_then(|rest| rest.split(|byte| *byte == b'\r').next());
    let Some(boundary) = line.filter(|b| b.len() > 20 && b.len() <= 70) else {
        return body.to_vec();
    };
    let mut out = Vec::with_capacity(body.len());
    let mut at = 0;
    while at < body.len() {
        if body[at..].starts_with(boundary) {
            out.extend_from_slice(b"boundary");
            at += boundary.len();
        } else {
            out.push(body[at]);
            at += 1;
        }
    }
    out
}

/// What becomes of a call.
pub enum Reply {
    Answer(Response),
    /// The connection is closed without an answer.
    Close,
    /// There is never an answer.
    Hang,
}

impl From<Response> for Reply {
    fn from(response: Response) -> Self {
        Reply::Answer(response)
    }
}

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
