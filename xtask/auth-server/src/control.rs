//! The control endpoint: settings, faults, counters and the log.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use crate::realm::Realm;
use crate::{App, Call, json as answer_json};

pub fn answer(app: &App, realm: &str, call: &Call) -> Response {
    let done = || answer_json(StatusCode::OK, &json!({"done": true}));
    match (call.method.as_str(), call.path.as_str()) {
        ("POST", "/control") => match settings(app, realm, &call.body) {
            Ok(settings) => answer_json(StatusCode::OK, &settings),
            Err(error) => answer_json(StatusCode::BAD_REQUEST, &json!({"error": error})),
        },
        ("POST", "/control/expire") => {
            app.with(realm, Realm::expire_all);
            done()
        }
        ("POST", "/control/revoke") => {
            app.with(realm, Realm::revoke_all);
            done()
        }
        ("POST", "/control/reset") => {
            app.with(realm, |r| *r = Realm::default());
            done()
        }
        ("GET", "/control/counters") => answer_json(StatusCode::OK, &app.with(realm, |r| json!(r.counters))),
        ("GET", "/control/log") => {
            let tail = call.query.get("tail").and_then(|v| v.parse().ok()).unwrap_or(100);
            let log = app.with(realm, |r| {
                let skip = r.entries.len().saturating_sub(tail);
                json!(r.entries.iter().skip(skip).collect::<Vec<_>>())
            });
            answer_json(StatusCode::OK, &log)
        }
        _ => answer_json(StatusCode::NOT_FOUND, &json!({"error": "there is no such control"})),
    }
}

/// Merges what is given into the settings; a field that there is not is an error that names it.
fn settings(app: &App, realm: &str, body: &[u8]) -> Result<Value, String> {
    let given: serde_json::Map<String, Value> =
        serde_json::from_slice(body).map_err(|e| format!("not a JSON object: {e}"))?;
    app.with(realm, |r| {
        let mut all = json!(r.settings);
        for (name, value) in given {
            match all.get_mut(&name) {
                Some(slot) => *slot = value,
                None => return Err(format!("there is no setting {name}")),
            }
        }
        r.settings = serde_json::from_value(all.clone()).map_err(|e| e.to_string())?;
        Ok(all)
    })
}
