//! One realm's state: its key, its token families, its faults, its counters and its log.

use std::collections::{HashMap, HashSet, VecDeque};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation};
use rand::RngCore as _;
use serde::{Deserialize, Serialize};

use crate::wall_ms;

const LOG_MAX: usize = 10_000;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Settings {
    pub access_lifetime_ms: i64,
    /// Say the lifetime in answers (`expiresIn`).
    pub expires_in: bool,
    /// A new refresh token with each refresh.
    pub rotate: bool,
    /// For how long a used refresh token gives the same successor again.
    pub grace_ms: i64,
    /// How far the server's clock is ahead.
    pub skew_ms: i64,
    pub www_authenticate: bool,
    /// The API rejects every token.
    pub reject_fresh: bool,
    pub api_delay_ms: u64,
    pub api_fault: Option<String>,
    pub api_fault_count: Option<u32>,
    pub refresh_delay_ms: u64,
    pub refresh_fault: Option<String>,
    pub refresh_fault_count: Option<u32>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            access_lifetime_ms: 60_000,
            expires_in: true,
            rotate: true,
            grace_ms: 0,
            skew_ms: 0,
            www_authenticate: true,
            reject_fresh: false,
            api_delay_ms: 0,
            api_fault: None,
            api_fault_count: None,
            refresh_delay_ms: 0,
            refresh_fault: None,
            refresh_fault_count: None,
        }
    }
}

impl Settings {
    /// The fault to apply now, counted down.
    pub fn take_fault(fault: &mut Option<String>, count: &mut Option<u32>) -> Option<String> {
        let now = fault.clone()?;
        if let Some(left) = count {
            *left = left.saturating_sub(1);
            if *left == 0 {
                *fault = None;
                *count = None;
            }
        }
        Some(now)
    }
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct Counters {
    pub sign_ins: u64,
    /// Refreshes that gave tokens.
    pub refreshes: u64,
    pub refresh_calls: u64,
    pub reuse: u64,
    /// Requests to protected resources.
    pub requests: u64,
    pub unauthorized: u64,
    pub ok: u64,
    /// Requests to open resources.
    pub open: u64,
}

/// One line of the log. Never a token.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    pub n: u64,
    pub at_ms: i64,
    pub method: String,
    pub path: String,
    pub status: u16,
    pub ms: u64,
    pub token: &'static str,
    pub header: &'static str,
}

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
    /// Counts the access tokens of the realm; tokens below `expired_below` are expired by hand.
    serial: u64,
}

pub struct Pair {
    pub access: String,
    pub refresh: Option<String>,
    pub expires_in_s: Option<i64>,
}

struct Refresh {
    family: String,
    name: String,
    used_at_ms: Option<i64>,
    successor: Option<String>,
}

#[derive(Debug, PartialEq)]
pub enum RefreshError {
    /// Unknown, revoked, or used before (which revoked its family).
    Invalid,
}

pub struct Realm {
    secret: Vec<u8>,
    pub settings: Settings,
    pub counters: Counters,
    pub entries: VecDeque<Entry>,
    refresh: HashMap<String, Refresh>,
    revoked: HashSet<String>,
    issued: u64,
    expired_below: u64,
    logged: u64,
    /// The latest access token given out, for the fault that gives it again.
    pub last_access: Option<String>,
}

impl Default for Realm {
    fn default() -> Self {
        Realm {
            secret: random(32),
            settings: Settings::default(),
            counters: Counters::default(),
            entries: VecDeque::new(),
            refresh: HashMap::new(),
            revoked: HashSet::new(),
            issued: 0,
            expired_below: 0,
            logged: 0,
            last_access: None,
        }
    }
}

impl Realm {
    fn now_s(&self) -> i64 {
        (wall_ms() + self.settings.skew_ms).div_euclid(1000)
    }

    pub fn sign_in(&mut self, name: &str) -> Pair {
        self.counters.sign_ins += 1;
        let family = id();
        let refresh = self.new_refresh(&family, name);
        self.pair(&family, name, Some(refresh))
    }

    fn pair(&mut self, family: &str, name: &str, refresh: Option<String>) -> Pair {
        let lifetime_s = self.settings.access_lifetime_ms.div_euclid(1000);
        let access = self.access(family, name, lifetime_s);
        self.last_access = Some(access.clone());
        Pair { access, refresh, expires_in_s: self.settings.expires_in.then_some(lifetime_s) }
    }

    /// A signed access token.
    pub fn access(&mut self, family: &str, name: &str, lifetime_s: i64) -> String {
        self.issued += 1;
        let iat = self.now_s();
        let claims = Claims {
            iss: "https://auth.relatch.example".into(),
            sub: format!("user-{name}"),
            aud: "relatch-demo".into(),
            iat,
            exp: iat + lifetime_s,
            jti: id(),
            fam: family.into(),
            name: name.into(),
            serial: self.issued,
        };
        // HS256 over a struct of strings and numbers cannot fail.
        jsonwebtoken::encode(&Header::default(), &claims, &EncodingKey::from_secret(&self.secret)).unwrap_or_default()
    }

    fn new_refresh(&mut self, family: &str, name: &str) -> String {
        let token = URL_SAFE_NO_PAD.encode(random(32));
        self.refresh.insert(
            token.clone(),
            Refresh { family: family.into(), name: name.into(), used_at_ms: None, successor: None },
        );
        token
    }

    /// RFC 9700 §4.14: rotation; a refresh token used twice revokes all that came from the same sign-in.
    pub fn refresh(&mut self, token: &str) -> Result<Pair, RefreshError> {
        let now = wall_ms();
        let (family, name, used, successor) = match self.refresh.get(token) {
            Some(r) if !self.revoked.contains(&r.family) => {
                (r.family.clone(), r.name.clone(), r.used_at_ms, r.successor.clone())
            }
            _ => return Err(RefreshError::Invalid),
        };
        let next = match used {
            Some(at) if now - at <= self.settings.grace_ms => successor,
            Some(_) => {
                self.counters.reuse += 1;
                self.revoked.insert(family);
                return Err(RefreshError::Invalid);
            }
            None if self.settings.rotate => {
                let next = self.new_refresh(&family, &name);
                if let Some(old) = self.refresh.get_mut(token) {
                    old.used_at_ms = Some(now);
                    old.successor = Some(next.clone());
                }
                Some(next)
            }
            None => None,
        };
        self.counters.refreshes += 1;
        Ok(self.pair(&family, &name, next))
    }

    /// Who a refresh token belongs to.
    pub fn owner(&self, token: &str) -> Option<(String, String)> {
        self.refresh.get(token).map(|r| (r.family.clone(), r.name.clone()))
    }

    pub fn sign_out(&mut self, token: &str) {
        if let Some(refresh) = self.refresh.get(token) {
            self.revoked.insert(refresh.family.clone());
        }
    }

    /// What an access token is worth, and in one word.
    pub fn judge(&self, token: Option<&str>) -> (Option<Claims>, &'static str) {
        let Some(token) = token else {
            return (None, "none");
        };
        let mut validation = Validation::default();
        // Expiry is judged by the realm's own clock.
        validation.validate_exp = false;
        validation.set_audience(&["relatch-demo"]);
        let Ok(data) = jsonwebtoken::decode::<Claims>(token, &DecodingKey::from_secret(&self.secret), &validation)
        else {
            return (None, "bad");
        };
        let claims = data.claims;
        if self.revoked.contains(&claims.fam) {
            (None, "revoked")
        } else if claims.exp <= self.now_s() || claims.serial < self.expired_below {
            (None, "expired")
        } else {
            (Some(claims), "good")
        }
    }

    pub fn expire_all(&mut self) {
        self.expired_below = self.issued + 1;
    }

    pub fn revoke_all(&mut self) {
        self.revoked.extend(self.refresh.values().map(|r| r.family.clone()));
    }

    pub fn log(&mut self, mut entry: Entry) -> u64 {
        self.logged += 1;
        entry.n = self.logged;
        if self.entries.len() == LOG_MAX {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
        self.logged
    }
}

fn random(len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

fn id() -> String {
    URL_SAFE_NO_PAD.encode(random(9))
}
