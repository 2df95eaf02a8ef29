//! The control endpoint: settings, faults, counters and the log.

use std::time::Duration;

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use crate::app::App;
use crate::exchange::{Call, json as answer_json};
use crate::realm::Realm;

/// Time for the idle connections to be closed before the caller goes on.
const RECYCLE_MS: u64 = 20;
const DEFAULT_TAIL: usize = 100;

pub async fn answer(app: &App, call: &Call) -> Response {
    let realm = call.realm.as_str();
    let ok = |body: &Value| answer_json(StatusCode::OK, body);
    let order = |what: fn(&mut Realm)| {
        app.with(realm, what);
        ok(&json!({"done": true}))
    };
    match (call.method.as_str(), call.path.as_str()) {
        ("GET", "/control") => ok(&app.with(realm, |r| json!(r.settings))),
        ("POST", "/control") => match app.with(realm, |r| set(r, &call.body)) {
            Ok(settings) => {
                if app.will_drop(Some(realm)) {
                    app.recycle.send_replace(());
                    tokio::time::sleep(Duration::from_millis(RECYCLE_MS)).await;
                }
                ok(&settings)
            }
            Err(error) => answer_json(StatusCode::BAD_REQUEST, &json!({"error": error})),
        },
        ("POST", "/control/expire") => order(Realm::expire_all),
        ("POST", "/control/revoke") => order(Realm::revoke_all),
        ("POST", "/control/reset") => order(|r| *r = Realm::default()),
        ("POST", "/control/traces") => ok(&app.with(realm, |r| json!(r.log.take_traces()))),
        ("GET", "/control/counters") => ok(&app.with(realm, |r| json!(r.counters))),
        ("GET", "/control/log" | "/open/log") => {
            let tail = call.query.get("tail").and_then(|v| v.parse().ok()).unwrap_or(DEFAULT_TAIL);
            ok(&app.with(realm, |r| json!(r.log.tail(tail))))
        }
        _ => {
            answer_json(StatusCode::NOT_FOUND, &json!({"error": format!("there is no {} {}", call.method, call.path)}))
        }
    }
}

fn set(realm: &mut Realm, body: &[u8]) -> Result<Value, String> {
    realm.settings = realm.settings.merged(body)?;
    Ok(json!(realm.settings))
}
