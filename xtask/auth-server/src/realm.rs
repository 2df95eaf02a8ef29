//! One realm's state: its key, its token families, its settings, its counters and its log.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation};
use rand::RngCore as _;
use serde::{Deserialize, Serialize};

use crate::clock::wall_ms;
use crate::log::{Counters, Log};
use crate::settings::Settings;

const ISSUER: &str = "https://auth.relatch.example";
const AUDIENCE: &str = "relatch-demo";
/// Above this many access tokens, those that have expired are forgotten.
const MANY_TOKENS: usize = 100_000;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    pub iss: String,
    pub sub: String,
    pub aud: String,
    pub iat: i64,
    pub exp: i64,
    pub jti: String,
    /// The token's family: all that came from one sign-in.
    pub fam: String,
    pub name: String,
}

/// What a sign-in or a refresh gives.
#[derive(Clone)]
pub struct Tokens {
    pub access: String,
    pub refresh: Option<String>,
    pub expires_in_s: Option<i64>,
}

struct Family {
    name: String,
    revoked: bool,
    last_access: String,
}

struct RefreshToken {
    family: String,
    /// When it was used, and what was answered.
    used: Option<(Instant, Tokens)>,
}

/// The refresh token is unknown, revoked, or was used before.
#[derive(Debug)]
pub struct InvalidGrant;

/// What a request's access token is worth.
#[derive(Clone)]
pub struct Verdict {
    /// `none`, `good`, `expired`, `bad` or `revoked`.
    pub word: &'static str,
    /// If the signature is right.
    pub claims: Option<Claims>,
}

#[derive(Default)]
pub struct Realm {
    secret: Secret,
    pub settings: Settings,
    pub counters: Counters,
    pub log: Log,
    families: HashMap<String, Family>,
    refresh_tokens: HashMap<String, RefreshToken>,
    /// When each access token expires, by its `jti` and to the millisecond. What is not here has been expired by hand.
    access_tokens: HashMap<String, i64>,
}

struct Secret(Vec<u8>);

impl Default for Secret {
    fn default() -> Self {
        Secret(random(32))
    }
}

impl Realm {
    fn now_ms(&self) -> i64 {
        wall_ms().saturating_add(self.settings.skew_ms)
    }

    pub fn sign_in(&mut self, name: &str) -> Tokens {
        self.counters.sign_ins += 1;
        let id = random_text(9);
        let family = Family { name: name.to_owned(), revoked: false, last_access: String::new() };
        self.families.insert(id.clone(), family);
        let refresh = self.issue_refresh(&id);
        self.issue(&id, Some(refresh))
    }

    fn issue(&mut self, family: &str, refresh: Option<String>) -> Tokens {
        let lifetime_ms = i64::try_from(self.settings.access_lifetime_ms).unwrap_or(i64::MAX);
        let (access, lifetime_s) = self.issue_access(family, lifetime_ms);
        if let Some(family) = self.families.get_mut(family) {
            family.last_access.clone_from(&access);
        }
        Tokens { access, refresh, expires_in_s: self.settings.expires_in.then_some(lifetime_s) }
    }

    /// A signed access token, and the lifetime it claims in seconds.
    fn issue_access(&mut self, family: &str, lifetime_ms: i64) -> (String, i64) {
        let now_ms = self.now_ms();
        let expires_at_ms = now_ms.saturating_add(lifetime_ms);
        // JWTs count in whole seconds. Both ends are rounded up, so that a token lives as long as was asked for, to the
        // millisecond, and claims no less than that.
        let lifetime_s = ceil_s(lifetime_ms);
        let exp = ceil_s(expires_at_ms);
        let name = self.families.get(family).map(|f| f.name.clone()).unwrap_or_default();
        let claims = Claims {
            iss: ISSUER.into(),
            sub: format!("user-{name}"),
            aud: AUDIENCE.into(),
            iat: exp - lifetime_s,
            exp,
            jti: random_text(9),
            fam: family.into(),
            name,
        };
        if self.access_tokens.len() >= MANY_TOKENS {
            self.access_tokens.retain(|_, expires_at_ms| *expires_at_ms > now_ms);
        }
        self.access_tokens.insert(claims.jti.clone(), expires_at_ms);
        // HS256 over a struct of strings and numbers cannot fail.
        let token = jsonwebtoken::encode(&Header::default(), &claims, &EncodingKey::from_secret(&self.secret.0));
        (token.unwrap_or_default(), lifetime_s)
    }

    fn issue_refresh(&mut self, family: &str) -> String {
        let token = random_text(32);
        self.refresh_tokens.insert(token.clone(), RefreshToken { family: family.into(), used: None });
        token
    }

    /// The family of a refresh token that is not revoked, used or not.
    fn family_of(&self, token: &str) -> Result<String, InvalidGrant> {
        let family = &self.refresh_tokens.get(token).ok_or(InvalidGrant)?.family;
        match self.families.get(family) {
            Some(f) if !f.revoked => Ok(family.clone()),
            _ => Err(InvalidGrant),
        }
    }

    /// RFC 9700 §4.14: rotation; a refresh token used twice revokes all that came from the same sign-in.
    pub fn refresh(&mut self, token: &str) -> Result<Tokens, InvalidGrant> {
        let family = self.family_of(token)?;
        if let Some((at, answer)) = self.refresh_tokens.get(token).and_then(|t| t.used.as_ref()) {
            if at.elapsed() < Duration::from_millis(self.settings.grace_ms) {
                self.counters.refreshes += 1;
                return Ok(answer.clone());
            }
            self.counters.reuse += 1;
            self.revoke(&family);
            return Err(InvalidGrant);
        }
        let next = self.settings.rotate.then(|| self.issue_refresh(&family));
        let answer = self.issue(&family, next);
        if answer.refresh.is_some()
            && let Some(old) = self.refresh_tokens.get_mut(token)
        {
            old.used = Some((Instant::now(), answer.clone()));
        }
        self.counters.refreshes += 1;
        Ok(answer)
    }

    /// An answer like that to a good refresh, with the access token given out last. Nothing is rotated.
    pub fn refresh_to_same(&self, token: &str) -> Result<Tokens, InvalidGrant> {
        let family = self.family_of(token)?;
        let access = self.families.get(&family).ok_or(InvalidGrant)?.last_access.clone();
        let lifetime_ms = i64::try_from(self.settings.access_lifetime_ms).unwrap_or(i64::MAX);
        Ok(Tokens { access, refresh: None, expires_in_s: self.settings.expires_in.then(|| ceil_s(lifetime_ms)) })
    }

    /// An answer like that to a good refresh, with an access token that has expired. Nothing is rotated.
    pub fn refresh_to_expired(&mut self, token: &str) -> Result<Tokens, InvalidGrant> {
        let family = self.family_of(token)?;
        let (access, _) = self.issue_access(&family, 0);
        Ok(Tokens { access, refresh: None, expires_in_s: Some(0) })
    }

    fn revoke(&mut self, family: &str) {
        if let Some(family) = self.families.get_mut(family) {
            family.revoked = true;
        }
    }

    pub fn sign_out(&mut self, refresh_token: &str) {
        if let Ok(family) = self.family_of(refresh_token) {
            self.revoke(&family);
        }
    }

    pub fn revoke_all(&mut self) {
        for family in self.families.values_mut() {
            family.revoked = true;
        }
    }

    /// Expires every access token by hand.
    pub fn expire_all(&mut self) {
        self.access_tokens.clear();
    }

    pub fn judge(&self, token: Option<&str>) -> Verdict {
        let Some(token) = token else {
            return Verdict { word: "none", claims: None };
        };
        // Expiry is judged below, by the realm's own clock.
        let mut validation = Validation { validate_exp: false, ..Validation::default() };
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&[ISSUER]);
        let key = DecodingKey::from_secret(&self.secret.0);
        let Ok(data) = jsonwebtoken::decode::<Claims>(token, &key, &validation) else {
            return Verdict { word: "bad", claims: None };
        };
        let claims = data.claims;
        let now_ms = self.now_ms();
        let lives = claims.exp.saturating_mul(1000) > now_ms
            && self.access_tokens.get(&claims.jti).is_some_and(|expires_at_ms| *expires_at_ms > now_ms);
        let word = match self.families.get(&claims.fam) {
            Some(family) if family.revoked => "revoked",
            Some(_) if lives => "good",
            Some(_) => "expired",
            None => "bad",
        };
        Verdict { word, claims: Some(claims) }
    }
}

fn ceil_s(ms: i64) -> i64 {
    ms.div_euclid(1000) + i64::from(ms.rem_euclid(1000) > 0)
}

fn random(len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

/// That many random bytes as base64url.
fn random_text(len: usize) -> String {
    URL_SAFE_NO_PAD.encode(random(len))
}
