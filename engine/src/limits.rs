//! What an option may be, and the words for one that is not.
//!
//! One set for both faces: `src/frontend` uses it as it is, the npm package as `pkg/names.js`, which `cargo xtask
//! build` writes from it. tests/options.json has bad options that both must refuse by the same sentence.

use std::ops::RangeInclusive;

use super::error::Code;
use super::session::Status;

/// `refreshTimeout`: the refresh's own deadline (G3). Below it no answer can arrive, above it nobody waits.
pub const REFRESH_TIMEOUT_MS: RangeInclusive<u32> = 100..=600_000;
/// The default of `refreshTimeout`.
pub const REFRESH_TIMEOUT_DEFAULT_MS: u32 = 30_000;
/// `maxWait`: how long a call may be held (S5). The default follows from `refreshTimeout`; see
/// [`Policy::with_refresh_timeout`](super::Policy::with_refresh_timeout).
pub const MAX_WAIT_MS: RangeInclusive<u32> = 1..=3_600_000;
/// `maxReplays`: how often one request may be sent again (A5).
pub const MAX_REPLAYS: RangeInclusive<u8> = 0..=3;
/// The default of `maxReplays`.
pub const MAX_REPLAYS_DEFAULT: u8 = 1;
/// No token is longer, in characters.
pub const TOKEN_MAX: usize = 65_536;

/// The default of `header.name`.
pub const HEADER_DEFAULT: &str = "Authorization";
/// The default of `header.scheme` in the header above; in another header it is none.
pub const SCHEME_DEFAULT: &str = "Bearer";
/// The default of `key`.
pub const KEY_DEFAULT: &str = "relatch";
/// Access token, refresh token and lifetime, as JSON names them by default.
pub const JSON_FIELDS: [&str; 3] = ["accessToken", "refreshToken", "expiresIn"];
/// Access token, refresh token and lifetime, as a form's answer names them by default (RFC 6749 §5.1).
pub const FORM_FIELDS: [&str; 3] = ["access_token", "refresh_token", "expires_in"];

/// What header names and auth schemes are made of beside ASCII letters and digits (RFC 9110 §5.6.2).
pub const WORD_MARKS: &str = "!#$%&'*+.^_`|~-";
/// This name and all names below it are this machine (RFC 6761 §6.3).
pub const LOCAL_DOMAIN: &str = "localhost";
/// And so are these addresses, as a URL's host has them.
pub const LOCAL_ADDRESSES: [&str; 2] = ["127.0.0.1", "[::1]"];

/// The errors that carry what the refresh failed with.
pub const CODES_WITH_CAUSE: [Code; 2] = [Code::SessionExpired, Code::RefreshFailed];

/// `<option> must be …` where a URL is none.
pub const MUST_BE_URL: &str = "a URL";
/// The same where there is no page for a relative URL to be relative to.
pub const MUST_BE_ABSOLUTE_URL: &str = "a URL, absolute where there is no page";
/// `<option> must be …` where a token would go in the clear.
pub const MUST_BE_SAFE: &str = "https (http only on localhost)";
/// `origins[i] must be …`.
pub const MUST_BE_ORIGIN: &str = "an origin, without a path, like https://api.example.com";
/// `header.name must be …`.
pub const MUST_BE_HEADER: &str = "a header name (RFC 9110 §5.1)";
/// `header.scheme must be …`.
pub const MUST_BE_SCHEME: &str = "an auth scheme or \"\"";
/// `fetch must be …`.
pub const MUST_BE_FETCH: &str = "given where there is no global fetch";
/// `tokens.accessToken must be …`, of a login's token.
pub const MUST_BE_TOKEN: &str = "of visible ASCII characters and not blank, and no token longer than 65,536";

/// Is it made of nothing but the characters of header names and auth schemes?
pub fn is_word(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || WORD_MARKS.contains(c))
}

/// https everywhere but on this machine: a token in the clear is a token given away. `protocol` and `host` as a parsed
/// URL has them, the protocol with its colon.
pub fn is_safe(protocol: &str, host: &str) -> bool {
    let is_below =
        || host.strip_suffix(LOCAL_DOMAIN).and_then(|rest| rest.strip_suffix('.')).is_some_and(|sub| !sub.is_empty());
    let is_here = || host == LOCAL_DOMAIN || LOCAL_ADDRESSES.contains(&host) || is_below();
    protocol == "https:" || (protocol == "http:" && is_here())
}

/// A status in words, for those who show it.
pub fn words(status: Status) -> &'static str {
    match status {
        Status::Loading => "the module or the store has not answered yet",
        Status::SignedOut => "requests go out without a token",
        Status::Fresh => "the access token is good",
        Status::Stale => "still good, a refresh is due",
        Status::Expired => "the next request waits for a refresh",
        Status::Refreshing => "one refresh is under way",
        Status::Closed => "this session object was closed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Policy;

    #[test]
    fn the_policy_begins_with_the_same_defaults() {
        let policy = Policy::default();
        assert_eq!(policy.refresh_timeout_ms, u64::from(REFRESH_TIMEOUT_DEFAULT_MS));
        assert_eq!(policy.max_replays, MAX_REPLAYS_DEFAULT);
        assert_eq!(policy, Policy::default().with_refresh_timeout(REFRESH_TIMEOUT_DEFAULT_MS.into()));
    }

    #[test]
    fn a_bad_token_is_told_in_the_same_words_by_the_code() {
        assert_eq!(Code::InvalidOption.message(), format!("tokens.accessToken must be {MUST_BE_TOKEN}"));
        let (thousands, rest) = (TOKEN_MAX / 1000, TOKEN_MAX % 1000);
        assert!(MUST_BE_TOKEN.ends_with(&format!("{thousands},{rest}")));
    }

    #[test]
    fn http_is_safe_on_this_machine_only() {
        for host in ["localhost", "a.localhost", "a.b.localhost", "127.0.0.1", "[::1]"] {
            assert!(is_safe("http:", host), "{host}");
        }
        for host in ["", ".localhost", "xlocalhost", "localhost.example", "127.0.0.2", "[::2]", "api.example"] {
            assert!(!is_safe("http:", host), "{host}");
            assert!(is_safe("https:", host), "{host}");
            assert!(!is_safe("ftp:", host), "{host}");
        }
    }

    #[test]
    fn a_word_has_no_separators_and_no_other_script() {
        assert!(is_word("X-AUTH-TOKEN") && is_word("a1!#$%&'*+.^_`|~-") && is_word(""));
        for text in [" ", "a b", "a:b", "a/b", "é", "a\n", "\"", "(", "@", "[", "\u{7f}"] {
            assert!(!is_word(text), "{text:?}");
        }
    }
}
