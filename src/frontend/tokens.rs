//! The tokens of a login or a refresh.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Deserializer};
use wasm_bindgen::JsValue;

/// Tokens of a login or a refresh.
///
/// It reads what servers answer, by `serde`: `accessToken`, `refreshToken` and `expiresIn` in seconds, or the names of
/// RFC 6749 §5.1 (`access_token`, …). `Debug` shows no token.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Tokens {
    /// The token that goes on requests: a JWT, or opaque. Visible ASCII (RFC 6749 A.12), at most 65,536 characters.
    #[serde(alias = "accessToken")]
    pub access_token: String,
    /// The token that buys the next access token. `None` from a refresh: the old one stays (RFC 6749 §6).
    #[serde(alias = "refreshToken", default)]
    pub refresh_token: Option<String>,
    /// Lifetime of the access token. `None`: `exp − iat` of a JWT; of an opaque token nothing is assumed, and a 401
    /// tells.
    #[serde(alias = "expiresIn", default, deserialize_with = "seconds")]
    pub expires_in: Option<Duration>,
    /// OpenID Connect's ID token. Not kept: it only says whom the tokens are of, where the access token is no JWT with
    /// a `sub`.
    #[serde(alias = "idToken", default)]
    pub id_token: Option<String>,
}

impl Tokens {
    /// An access token alone.
    pub fn new(access_token: impl Into<String>) -> Tokens {
        Tokens { access_token: access_token.into(), refresh_token: None, expires_in: None, id_token: None }
    }

    /// With the token that buys the next access token.
    #[must_use]
    pub fn refresh_token(self, refresh_token: impl Into<String>) -> Tokens {
        Tokens { refresh_token: Some(refresh_token.into()), ..self }
    }

    /// With the access token's lifetime.
    #[must_use]
    pub fn expires_in(self, expires_in: Duration) -> Tokens {
        Tokens { expires_in: Some(expires_in), ..self }
    }

    /// With OpenID Connect's ID token.
    #[must_use]
    pub fn id_token(self, id_token: impl Into<String>) -> Tokens {
        Tokens { id_token: Some(id_token.into()), ..self }
    }

    /// As the shell takes them: access token, refresh token, seconds, ID token.
    pub(super) fn values(&self) -> [JsValue; 4] {
        let text = |token: &Option<String>| token.as_deref().map_or(JsValue::UNDEFINED, JsValue::from);
        let seconds = self.expires_in.map_or(JsValue::UNDEFINED, |life| life.as_secs_f64().into());
        [self.access_token.as_str().into(), text(&self.refresh_token), seconds, text(&self.id_token)]
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("expires_in", &self.expires_in).finish_non_exhaustive()
    }
}

/// Seconds as a number; some servers write them as a string. What is neither is as good as nothing.
fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Given {
        Number(f64),
        Text(String),
        Other(serde::de::IgnoredAny),
    }
    let seconds = match Option::<Given>::deserialize(deserializer)? {
        Some(Given::Number(seconds)) => Some(seconds),
        Some(Given::Text(text)) => text.trim().parse().ok(),
        Some(Given::Other(_)) | None => None,
    };
    Ok(seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()))
}
