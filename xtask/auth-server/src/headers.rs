//! What every response carries.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::app::{App, split_realm};

/// CORS for whoever was let in (`visitors.rs`), credentials included; nothing is cached but the preflight; JavaScript
/// is called by its name.
pub async fn cors(request: Request, next: Next) -> Response {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let method = request.headers().get(header::ACCESS_CONTROL_REQUEST_METHOD).cloned();
    let headers = request.headers().get(header::ACCESS_CONTROL_REQUEST_HEADERS).cloned();

    let mut response = match method {
        // An OPTIONS request without this header is no preflight, but one of the API's own.
        Some(method) if request.method() == Method::OPTIONS => {
            let mut preflight = StatusCode::NO_CONTENT.into_response();
            let allow = preflight.headers_mut();
            allow.insert(header::ACCESS_CONTROL_ALLOW_METHODS, method);
            if let Some(headers) = headers {
                allow.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, headers);
            }
            allow.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
            preflight
        }
        _ => next.run(request).await,
    };
    let headers = response.headers_mut();
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        let exposed = HeaderValue::from_static("www-authenticate, retry-after, date, x-request-number");
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    // RFC 9239 §6: the file service still gives modules (`.mjs`) the old name.
    if headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/javascript") {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/javascript"));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// A browser silently sends a request again, a POST too, when a connection that had worked before closes without an
/// answer. The page would not see the lost answer, and the server would see the refresh token a second time. So no
/// connection is used twice while one is going to be closed like that.
pub async fn connection(State(app): State<App>, request: Request, next: Next) -> Response {
    let realm = split_realm(request.uri().path()).map(|(realm, _)| realm.to_owned());
    let mut response = next.run(request).await;
    if app.will_drop(realm.as_deref()) {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
