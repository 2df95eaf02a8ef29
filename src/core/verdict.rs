//! What an answer of the auth server that carries no tokens means (G6, G7).

use super::policy::RETRY_AFTER_MAX_MS;

/// What the shell saw of the answer.
#[derive(Clone, Copy, Debug, Default)]
pub struct AnswerFacts<'a> {
    pub status: u16,
    /// The body is a JSON object with at least one member. A captive portal's page is not.
    pub well_formed: bool,
    /// The body's `error`, if it is a string (RFC 6749 §5.2).
    pub error: Option<&'a str>,
}

/// Does this answer end the session (G6)? Only a well-formed one can: `invalid_grant`, or 401 or 403 with a JSON
/// object. Everything else may pass (G7).
pub fn is_terminal(facts: AnswerFacts<'_>) -> bool {
    if !facts.well_formed || facts.status >= 500 || matches!(facts.status, 0 | 408 | 429) {
        return false;
    }
    facts.error == Some("invalid_grant") || matches!(facts.status, 401 | 403)
}

/// `Retry-After` (RFC 9110 §10.2.3) in milliseconds, clamped: either seconds, or a date, which is measured against the
/// answer's own `Date` rather than the client's clock. `date_ms` reads an HTTP date; it may say NaN.
pub fn retry_after_ms(
    retry_after: &str,
    date: Option<&str>,
    wall_ms: u64,
    date_ms: impl Fn(&str) -> f64,
) -> Option<u64> {
    if let Some(seconds) = super::challenge::digits(retry_after) {
        return Some(seconds.saturating_mul(1000).min(RETRY_AFTER_MAX_MS));
    }
    let at = date_ms(retry_after);
    let from = date.map(date_ms).filter(|d| d.is_finite()).unwrap_or(wall_ms as f64);
    // A float cast saturates: a date in the past is 0.
    at.is_finite().then(|| ((at - from) as u64).min(RETRY_AFTER_MAX_MS))
}
