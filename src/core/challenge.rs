//! `WWW-Authenticate` (RFC 9110 §11.6.1), as far as A1 needs it: whose challenge is it, and can a refresh answer it?

/// What the challenges of a 401 ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Challenge {
    /// Nothing readable (no header, or hidden by CORS): taken for an expired token.
    #[default]
    Unreadable,
    /// A challenge for our scheme.
    Ours,
    /// Only challenges for other schemes: no refresh answers them.
    Other,
    /// `insufficient_user_authentication` (RFC 9470 §3): the user must authenticate again, and better.
    StepUp,
}

/// What was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Asked {
    pub challenge: Challenge,
    /// RFC 9470: which kinds of authentication would do.
    pub acr_values: Option<String>,
    /// RFC 9470: how old, in seconds, the authentication may be.
    pub max_age_s: Option<u64>,
}

/// Reads the field. `scheme`: ours, compared without case; empty if the token travels without one, when no challenge
/// can be told to be another's. Several fields, joined by commas as `Headers.get` does, are one list.
///
/// What cannot be parsed ends the reading: what was read before it counts.
pub fn read(field: &str, scheme: &str) -> Asked {
    let mut asked = Asked::default();
    let mut scan = Scan { rest: field };
    let mut ours = false;
    let mut seen_ours = false;
    let mut seen_any = false;
    while let Some(item) = scan.item() {
        match item {
            Item::Scheme(name) => {
                ours = scheme.is_empty() || name.eq_ignore_ascii_case(scheme);
                seen_any = true;
                seen_ours |= ours;
            }
            Item::Param(name, value) if ours => {
                if name.eq_ignore_ascii_case("error") {
                    if unquoted(value) == "insufficient_user_authentication" {
                        asked.challenge = Challenge::StepUp;
                    }
                } else if name.eq_ignore_ascii_case("acr_values") {
                    asked.acr_values = Some(unquoted(value));
                } else if name.eq_ignore_ascii_case("max_age") {
                    asked.max_age_s = unquoted(value).parse().ok();
                }
            }
            Item::Param(..) => {}
        }
    }
    if asked.challenge == Challenge::Unreadable && seen_any {
        asked.challenge = if seen_ours { Challenge::Ours } else { Challenge::Other };
    }
    asked
}

enum Item<'a> {
    Scheme(&'a str),
    /// The value as it stands, quotes included.
    Param(&'a str, &'a str),
}

struct Scan<'a> {
    rest: &'a str,
}

impl<'a> Scan<'a> {
    fn item(&mut self) -> Option<Item<'a>> {
        self.rest = self.rest.trim_start_matches([' ', '\t', ',']);
        let name = self.take(is_token)?;
        let after = self.rest.trim_start_matches([' ', '\t']);
        if let Some(value) = after.strip_prefix('=') {
            self.rest = value.trim_start_matches([' ', '\t']);
            let value = self.value()?;
            return Some(Item::Param(name, value));
        }
        // A scheme. What follows it, blank-separated, may be a token68, which is skipped.
        if after.len() < self.rest.len() {
            self.rest = after;
            let mut ahead = Scan { rest: after };
            if ahead.take(is_token68).is_some() {
                let pads = ahead.rest.len();
                let after_pads = ahead.rest.trim_start_matches('=');
                let end = after_pads.trim_start_matches([' ', '\t']);
                let padded = after_pads.len() < pads;
                // `a=` could begin a parameter; a token68 is followed by a comma or by nothing.
                if (end.is_empty() || end.starts_with(',')) && (padded || !ahead.rest.starts_with('=')) {
                    self.rest = end;
                }
            }
        }
        Some(Item::Scheme(name))
    }

    fn value(&mut self) -> Option<&'a str> {
        if !self.rest.starts_with('"') {
            return self.take(is_token);
        }
        let mut escaped = false;
        for (i, b) in self.rest.bytes().enumerate().skip(1) {
            match b {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => {
                    let value = self.rest.get(..=i)?;
                    self.rest = self.rest.get(i + 1..)?;
                    return Some(value);
                }
                _ => {}
            }
        }
        None
    }

    fn take(&mut self, of: fn(u8) -> bool) -> Option<&'a str> {
        let len = self.rest.bytes().take_while(|b| of(*b)).count();
        if len == 0 {
            return None;
        }
        let (taken, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        Some(taken)
    }
}

fn unquoted(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')) else { return value.to_owned() };
    let mut text = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        text.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    text
}

/// `tchar` of RFC 9110 §5.6.2.
fn is_token(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b)
}

/// RFC 9110 §11.2, without the padding.
fn is_token68(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"-._~+/".contains(&b)
}
