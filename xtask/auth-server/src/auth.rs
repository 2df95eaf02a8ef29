//! Sign-in, refresh and sign-out: the article's envelope, and OAuth 2.0's token endpoint (RFC 6749 §4.3, §5, §6).

use std::collections::HashMap;
use std::time::Duration;

use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use crate::app::App;
use crate::exchange::{Call, Reply, json as answer_json};
use crate::realm::{InvalidGrant, Tokens};
use crate::settings::RefreshFault;

const PASSWORD: &str = "latch";
const FORM: &str = "application/x-www-form-urlencoded";

/// `None`: not an auth route.
pub async fn answer(app: &App, call: &Call) -> Option<Reply> {
    let path = call.path.as_str();
    if !matches!(path, "/users/sign-in" | "/users/refresh" | "/users/sign-out" | "/oauth/token") {
        return None;
    }
    if call.method != Method::POST {
        let mut response = answer_json(StatusCode::METHOD_NOT_ALLOWED, &json!({"error": format!("{path} takes POST")}));
        response.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static("POST"));
        return Some(response.into());
    }
    if path == "/oauth/token" {
        return Some(token_endpoint(app, call).await);
    }
    let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    let field = |name: &str| body[name].as_str();
    // A missing token is answered like an unknown one.
    let token = field("refreshToken").unwrap_or_default();
    Some(match path {
        "/users/sign-in" => sign_in(app, call, field("name"), field("password")).into(),
        "/users/refresh" => refresh(app, call, token, Style::Article).await,
        _ => {
            app.with(&call.realm, |r| r.sign_out(token));
            envelope(&Value::Null).into()
        }
    })
}

fn sign_in(app: &App, call: &Call, name: Option<&str>, password: Option<&str>) -> Response {
    match (name, password) {
        (Some(name), Some(PASSWORD)) if !name.is_empty() => {
            Style::Article.tokens(&app.with(&call.realm, |r| r.sign_in(name)))
        }
        _ => refused("2003", "이름 또는 비밀번호가 올바르지 않습니다."),
    }
}

async fn token_endpoint(app: &App, call: &Call) -> Reply {
    let kind = call.headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(FORM) {
        return oauth_error("invalid_request", &format!("the body must be {FORM}")).into();
    }
    let mut form: HashMap<String, String> = HashMap::new();
    for (name, value) in form_urlencoded::parse(&call.body).into_owned() {
        // RFC 6749 §3.2: no parameter may be there twice.
        if let Some((twice, _)) = form.insert(name.clone(), value).map(|old| (name, old)) {
            return oauth_error("invalid_request", &format!("{twice} is there twice")).into();
        }
    }
    // RFC 6749 §3.2: a parameter without a value is as good as missing.
    let field = |name: &str| form.get(name).map(String::as_str).filter(|value| !value.is_empty());
    match (field("grant_type"), field("username"), field("password"), field("refresh_token")) {
        (Some("password"), Some(name), Some(PASSWORD), _) => {
            Style::OAuth.tokens(&app.with(&call.realm, |r| r.sign_in(name))).into()
        }
        (Some("password"), Some(_), Some(_), _) => oauth_error("invalid_grant", "the password is wrong").into(),
        (Some("password"), ..) => oauth_error("invalid_request", "username or password is missing").into(),
        (Some("refresh_token"), .., Some(token)) => refresh(app, call, token, Style::OAuth).await,
        (Some("refresh_token"), ..) => oauth_error("invalid_request", "refresh_token is missing").into(),
        (Some(_), ..) => oauth_error("unsupported_grant_type", "use password or refresh_token").into(),
        (None, ..) => oauth_error("invalid_request", "grant_type is missing").into(),
    }
}

async fn refresh(app: &App, call: &Call, token: &str, style: Style) -> Reply {
    let (delay_ms, fault) = app.with(&call.realm, |r| {
        r.counters.refresh_calls += 1;
        (r.settings.refresh_delay_ms, r.settings.take_refresh_fault())
    });
    tokio::time::sleep(Duration::from_millis(delay_ms)).await;
    let rotate = || app.with(&call.realm, |r| r.refresh(token));
    let Some(fault) = fault else {
        return style.outcome(&rotate()).into();
    };
    match fault {
        RefreshFault::InvalidGrant => style.outcome(&Err(InvalidGrant)),
        RefreshFault::ServerError => answer_json(StatusCode::INTERNAL_SERVER_ERROR, &json!({"error": "server_error"})),
        RefreshFault::Unavailable => later(StatusCode::SERVICE_UNAVAILABLE),
        RefreshFault::TooMany => later(StatusCode::TOO_MANY_REQUESTS),
        RefreshFault::Garbage => (StatusCode::OK, "not json").into_response(),
        RefreshFault::Html403 => page(StatusCode::FORBIDDEN, "Please sign in to the hotel's network."),
        RefreshFault::Html200 => page(StatusCode::OK, "Welcome to the hotel's network."),
        RefreshFault::Blank => {
            let blank = app.with(&call.realm, |r| r.refresh_to_same(token));
            style.outcome(&blank.map(|tokens| Tokens { access: String::new(), ..tokens }))
        }
        RefreshFault::Same => style.outcome(&app.with(&call.realm, |r| r.refresh_to_same(token))),
        RefreshFault::Expired => style.outcome(&app.with(&call.realm, |r| r.refresh_to_expired(token))),
        RefreshFault::Hang => return Reply::Hang,
        RefreshFault::Drop => {
            // The answer is what gets lost, be it good or bad.
            let _ = rotate();
            return Reply::Close;
        }
        RefreshFault::DropBefore => return Reply::Close,
    }
    .into()
}

/// How an auth route words its answers.
#[derive(Clone, Copy)]
enum Style {
    Article,
    OAuth,
}

impl Style {
    fn outcome(self, outcome: &Result<Tokens, InvalidGrant>) -> Response {
        match (outcome, self) {
            (Ok(tokens), _) => self.tokens(tokens),
            (Err(InvalidGrant), Style::Article) => refused("2002", "유효하지 않은 토큰입니다."),
            (Err(InvalidGrant), Style::OAuth) => {
                oauth_error("invalid_grant", "the refresh token is unknown, used or revoked")
            }
        }
    }

    fn tokens(self, tokens: &Tokens) -> Response {
        let (access, refresh, expires_in) = match self {
            Style::Article => ("accessToken", "refreshToken", "expiresIn"),
            Style::OAuth => ("access_token", "refresh_token", "expires_in"),
        };
        let mut body = json!({ access: tokens.access });
        if let Some(token) = &tokens.refresh {
            body[refresh] = json!(token);
        }
        if let Some(seconds) = tokens.expires_in_s {
            body[expires_in] = json!(seconds);
        }
        match self {
            Style::Article => envelope(&body),
            Style::OAuth => {
                body["token_type"] = json!("Bearer");
                answer_json(StatusCode::OK, &body)
            }
        }
    }
}

/// The article's form of a success.
pub fn envelope(result: &Value) -> Response {
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

fn oauth_error(error: &str, description: &str) -> Response {
    answer_json(StatusCode::BAD_REQUEST, &json!({"error": error, "error_description": description}))
}

fn later(status: StatusCode) -> Response {
    let mut response = answer_json(status, &json!({"error": "temporarily_unavailable"}));
    response.headers_mut().insert(header::RETRY_AFTER, 1.into());
    response
}

fn page(status: StatusCode, text: &str) -> Response {
    (status, [(header::CONTENT_TYPE, "text/html")], format!("<!doctype html><p>{text}</p>")).into_response()
}
