//! What `POST /control` can set for a realm: lifetimes, delays and faults.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Settings {
    pub access_lifetime_ms: u64,
    /// Say the lifetime in answers (`expiresIn`, `expires_in`).
    pub expires_in: bool,
    /// A new refresh token with each refresh.
    pub rotate: bool,
    /// For how long a used refresh token gives the same answer again.
    pub grace_ms: u64,
    /// How far the server's clock is ahead.
    pub skew_ms: i64,
    /// Put a challenge on a 401.
    pub www_authenticate: bool,
    /// The API rejects every token.
    pub reject_fresh: bool,
    pub api_delay_ms: u64,
    pub api_fault: Option<ApiFault>,
    pub api_fault_count: Option<u32>,
    pub refresh_delay_ms: u64,
    pub refresh_fault: Option<RefreshFault>,
    pub refresh_fault_count: Option<u32>,
    /// Keep each request as it came in, for `POST /control/traces`.
    pub trace: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApiFault {
    ServerError,
    Hang,
    Drop,
    Html401,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefreshFault {
    InvalidGrant,
    ServerError,
    Unavailable,
    TooMany,
    Garbage,
    /// A captive portal's page.
    Html403,
    Html200,
    /// Success with an empty access token.
    Blank,
    /// Success with the access token that the client has already.
    Same,
    /// Success with an access token that has expired.
    Expired,
    Hang,
    /// The token is rotated and the answer lost.
    Drop,
    /// The connection is lost and nothing rotated.
    DropBefore,
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
            trace: false,
        }
    }
}

impl Settings {
    /// These settings with the fields of a JSON object laid over them. All of the object is taken or nothing.
    pub fn merged(&self, body: &[u8]) -> Result<Settings, String> {
        let given: Map<String, Value> = serde_json::from_slice(body).map_err(|e| format!("not a JSON object: {e}"))?;
        let mut all = serde_json::to_value(self).map_err(|e| e.to_string())?;
        for fault in ["api_fault", "refresh_fault"] {
            let count = format!("{fault}_count");
            // A new fault does not go on with what was left of the old one's count.
            if given.contains_key(fault) && !given.contains_key(&count) {
                all[count] = Value::Null;
            }
        }
        let mut merged = self.clone();
        for (name, value) in given {
            match all.get_mut(&name) {
                Some(slot) => *slot = value,
                None => return Err(format!("there is no setting `{name}`")),
            }
            merged = serde_json::from_value(all.clone()).map_err(|e| format!("`{name}`: {e}"))?;
        }
        Ok(merged)
    }

    pub fn take_api_fault(&mut self) -> Option<ApiFault> {
        take(&mut self.api_fault, &mut self.api_fault_count)
    }

    pub fn take_refresh_fault(&mut self) -> Option<RefreshFault> {
        take(&mut self.refresh_fault, &mut self.refresh_fault_count)
    }

    /// Whether a connection is going to be closed without an answer.
    pub fn will_drop(&self) -> bool {
        self.api_fault == Some(ApiFault::Drop)
            || matches!(self.refresh_fault, Some(RefreshFault::Drop | RefreshFault::DropBefore))
    }
}

/// The fault to apply now. The last one counted clears it.
fn take<F: Copy>(fault: &mut Option<F>, count: &mut Option<u32>) -> Option<F> {
    let now = match count {
        Some(0) => None,
        _ => *fault,
    };
    if let Some(left) = count {
        *left = left.saturating_sub(1);
        if *left == 0 {
            *fault = None;
            *count = None;
        }
    }
    now
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counted_fault_clears_itself() {
        let mut s = Settings::default().merged(br#"{"api_fault":"hang","api_fault_count":2}"#).unwrap();
        let taken: Vec<_> = (0..3).map(|_| s.take_api_fault()).collect();
        assert_eq!(taken, [Some(ApiFault::Hang), Some(ApiFault::Hang), None]);
        assert_eq!((s.api_fault, s.api_fault_count), (None, None));
    }

    #[test]
    fn a_new_fault_forgets_the_count_of_the_old_one() {
        let s = Settings::default().merged(br#"{"refresh_fault":"drop","refresh_fault_count":2}"#).unwrap();
        let s = s.merged(br#"{"refresh_fault":"html403"}"#).unwrap();
        assert_eq!((s.refresh_fault, s.refresh_fault_count), (Some(RefreshFault::Html403), None));
    }

    #[test]
    fn a_bad_setting_is_named_and_nothing_is_taken() {
        let s = Settings::default();
        assert!(s.merged(br#"{"rotate":false,"colour":1}"#).unwrap_err().contains("`colour`"));
        let error = s.merged(br#"{"refresh_fault":"flood"}"#).unwrap_err();
        assert!(error.starts_with("`refresh_fault`") && error.contains("drop_before"), "{error}");
        assert!(s.merged(b"[]").is_err());
    }
}
