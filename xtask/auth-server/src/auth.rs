//! Sign-in and refresh: the article's envelope, and OAuth 2.0's token endpoint (RFC 6749 §4.3, §5, §6).

use std::time::Duration;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::realm::{Pair, RefreshError, Settings};
use crate::{App, Call, CloseConnection, json as answer_json};

const PASSWORD: &str = "latch";

/// `None`: not an auth route.
pub async fn answer(app: &App, realm: &str, call: &Call) -> Option<Response> {
    if call.method != "POST" {
        return None;
    }
    let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    let field = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    Some(match call.path.as_str() {
        "/users/sign-in" => {
            let name = field("name");
            if name.is_empty() || field("password") != PASSWORD {
                return Some(refused("2003", "이름 또는 비밀번호가 올바르지 않습니다."));
            }
            envelope(&app.with(realm, |r| r.sign_in(&name)))
        }
        "/users/refresh" => refresh(app, realm, &field("refreshToken"), Style::Article).await,
        "/users/sign-out" => {
            app.with(realm, |r| r.sign_out(&field("refreshToken")));
            answer_json(
                StatusCode::OK,
                &json!({"isSuccess": true, "code": "1000", "message": "로그아웃되었습니다.", "result": null}),
            )
        }
        "/oauth/token" => token_endpoint(app, realm, call).await,
        _ => return None,
    })
}

async fn token_endpoint(app: &App, realm: &str, call: &Call) -> Response {
    let form: std::collections::HashMap<String, String> = match axum::extract::Query::try_from_uri(
        &format!("/?{}", String::from_utf8_lossy(&call.body)).parse().unwrap_or_default(),
    ) {
        Ok(form) => form.0,
        Err(_) => return oauth_error("invalid_request", "the body is no form"),
    };
    let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    match field("grant_type") {
        "password" if field("password") == PASSWORD && !field("username").is_empty() => {
            oauth(&app.with(realm, |r| r.sign_in(field("username"))))
        }
        "password" => oauth_error("invalid_grant", "wrong name or password"),
        "refresh_token" if field("refresh_token").is_empty() => {
            oauth_error("invalid_request", "refresh_token is missing")
        }
        "refresh_token" => refresh(app, realm, field("refresh_token"), Style::OAuth).await,
        "" => oauth_error("invalid_request", "grant_type is missing"),
        _ => oauth_error("unsupported_grant_type", "password and refresh_token are supported"),
    }
}

#[derive(Clone, Copy)]
enum Style {
    Article,
    OAuth,
}

impl Style {
    fn pair(self, pair: &Pair) -> Response {
        match self {
            Style::Article => envelope(pair),
            Style::OAuth => oauth(pair),
        }
    }

    fn invalid(self) -> Response {
        match self {
            Style::Article => refused("2002", "유효하지 않은 토큰입니다."),
            Style::OAuth => oauth_error("invalid_grant", "the refresh token is unknown, used or revoked"),
        }
    }
}

async fn refresh(app: &App, realm: &str, token: &str, style: Style) -> Response {
    let (delay, fault) = app.with(realm, |r| {
        r.counters.refresh_calls += 1;
        let Settings { refresh_fault, refresh_fault_count, refresh_delay_ms, .. } = &mut r.settings;
        (*refresh_delay_ms, Settings::take_fault(refresh_fault, refresh_fault_count))
    });
    tokio::time::sleep(Duration::from_millis(delay)).await;
    let rotate = || app.with(realm, |r| r.refresh(token));
    let page = |status, text: &str| {
        (status, [(header::CONTENT_TYPE, "text/html")], format!("<html><body>{text}</body></html>")).into_response()
    };
    match fault.as_deref() {
        None => match rotate() {
            Ok(pair) => style.pair(&pair),
            Err(RefreshError::Invalid) => style.invalid(),
        },
        Some("invalid_grant") => oauth_error("invalid_grant", "told to say so"),
        Some("server_error") => answer_json(StatusCode::INTERNAL_SERVER_ERROR, &json!({"error": "server_error"})),
        Some("unavailable") => later(StatusCode::SERVICE_UNAVAILABLE),
        Some("too_many") => later(StatusCode::TOO_MANY_REQUESTS),
        Some("garbage") => (StatusCode::OK, "not json").into_response(),
        Some("html403") => page(StatusCode::FORBIDDEN, "Please sign in to the hotel's network."),
        Some("html200") => page(StatusCode::OK, "Welcome to the hotel's network."),
        Some("blank") => style.pair(&Pair { access: String::new(), refresh: None, expires_in_s: Some(60) }),
        Some("same") => {
            let access = app.with(realm, |r| r.last_access.clone()).unwrap_or_default();
            style.pair(&Pair { access, refresh: None, expires_in_s: Some(60) })
        }
        Some("expired") => {
            let access = app.with(realm, |r| r.owner(token).map(|(family, name)| r.access(&family, &name, 0)));
            style.pair(&Pair { access: access.unwrap_or_default(), refresh: None, expires_in_s: Some(0) })
        }
        Some("hang") => std::future::pending().await,
        Some("drop") => {
            // The answer is lost, and the token is rotated all the same.
            let _ = rotate();
            close()
        }
        Some("drop_before") => close(),
        Some(other) => {
            answer_json(StatusCode::NOT_IMPLEMENTED, &json!({"error": format!("there is no refresh fault {other}")}))
        }
    }
}

pub fn close() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.extensions_mut().insert(CloseConnection);
    response
}

fn later(status: StatusCode) -> Response {
    let mut response = answer_json(status, &json!({"error": "temporarily_unavailable"}));
    response.headers_mut().insert(header::RETRY_AFTER, 1.into());
    response
}

fn envelope(pair: &Pair) -> Response {
    let mut result = json!({ "accessToken": pair.access });
    if let Some(refresh) = &pair.refresh {
        result["refreshToken"] = json!(refresh);
    }
    if let Some(seconds) = pair.expires_in_s {
        result["expiresIn"] = json!(seconds);
    }
    answer_json(
        StatusCode::OK,
        &json!({"isSuccess": true, "code": "1000", "message": "요청에 성공하였습니다.", "result": result}),
    )
}

fn refused(code: &str, message: &str) -> Response {
    answer_json(
        StatusCode::UNAUTHORIZED,
        &json!({"isSuccess": false, "code": code, "message": message, "result": null}),
    )
}

fn oauth(pair: &Pair) -> Response {
    let mut body = json!({ "access_token": pair.access, "token_type": "Bearer" });
    if let Some(refresh) = &pair.refresh {
        body["refresh_token"] = json!(refresh);
    }
    if let Some(seconds) = pair.expires_in_s {
        body["expires_in"] = json!(seconds);
    }
    answer_json(StatusCode::OK, &body)
}

fn oauth_error(error: &str, description: &str) -> Response {
    answer_json(StatusCode::BAD_REQUEST, &json!({"error": error, "error_description": description}))
}
