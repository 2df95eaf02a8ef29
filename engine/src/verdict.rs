//! What an answer of the auth server that carries no tokens means (G6, G7).

use super::policy::RETRY_AFTER_MAX_MS;

/// What the shell saw of the answer.
#[derive(Clone, Copy, Debug, Default)]
pub struct AnswerFacts {
    /// HTTP status; 0 if there was none.
    pub status: u16,
    /// The body is a JSON object with at least one member. A captive portal's page is not.
    pub well_formed: bool,
    /// The body's `error` is `invalid_grant` (RFC 6749 §5.2).
    pub invalid_grant: bool,
    /// There is no body.
    pub empty: bool,
}

/// Does this answer end the session (G6)? A well-formed one can: `invalid_grant`, or 401 or 403 with a JSON object. And
/// so does a 401 without a body, which is how Spring and ASP.NET say it. Everything else may pass (G7): a page is a
/// proxy's, and a 403 without a body may be a firewall's.
pub fn is_terminal(facts: AnswerFacts) -> bool {
    if facts.empty && facts.status == 401 {
        return true;
    }
    if !facts.well_formed || facts.status >= 500 || matches!(facts.status, 0 | 408 | 429) {
        return false;
    }
    facts.invalid_grant || matches!(facts.status, 401 | 403)
}

/// `Retry-After` (RFC 9110 §10.2.3) in milliseconds, clamped: either seconds, or a date, which is measured against the
/// answer's own `Date` rather than the client's clock. Each is NaN if there is none.
pub fn retry_after_ms(seconds: f64, at_ms: f64, date_ms: f64, wall_ms: u64) -> Option<u64> {
    let from_ms = if date_ms.is_finite() { date_ms } else { wall_ms as f64 };
    let wait_ms = if seconds.is_nan() { at_ms - from_ms } else { seconds * 1000.0 };
    // A float cast saturates: a date in the past is 0.
    (!wait_ms.is_nan()).then(|| (wait_ms as u64).min(RETRY_AFTER_MAX_MS))
}
