//! A call and its reply: what every part of the server takes and gives.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use crate::log::Trace;

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

    pub fn trace(&self, token: &'static str) -> Trace {
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

pub fn json(status: StatusCode, body: &serde_json::Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}
