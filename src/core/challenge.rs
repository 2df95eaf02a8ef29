//! `WWW-Authenticate` (RFC 9110 §11.6.1), as far as A1 needs it: whose challenge is it, and can a refresh answer it?
//!
//! Of bytes, as fields are (RFC 9110 §5.5): what is no ASCII has no meaning here, and need not be UTF-8.

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

/// What was read. The values stand as they were sent, quotes and escapes included; see [`unquoted`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Asked<'a> {
    pub challenge: Challenge,
    /// RFC 9470: which kinds of authentication would do.
    pub acr_values: &'a [u8],
    /// RFC 9470: how old, in seconds, the authentication may be.
    pub max_age: &'a [u8],
}

/// Reads the field. `scheme`: ours, compared without case; empty if the token travels without one, when no challenge
/// can be told to be another's. Several fields, joined by commas as `Headers.get` does, are one list.
///
/// What cannot be parsed ends the reading: what was read before it counts.
pub fn read<'a>(field: &'a [u8], scheme: &[u8]) -> Asked<'a> {
    let mut asked = Asked::default();
    let mut scan = Scan { rest: field };
    let mut ours = false;
    while let Some(item) = scan.item() {
        match item {
            Item::Scheme(name) => {
                ours = scheme.is_empty() || name.eq_ignore_ascii_case(scheme);
                match asked.challenge {
                    Challenge::Unreadable | Challenge::Other if ours => asked.challenge = Challenge::Ours,
                    Challenge::Unreadable => asked.challenge = Challenge::Other,
                    _ => {}
                }
            }
            Item::Param(name, value) if ours => {
                if name.eq_ignore_ascii_case(b"error") {
                    if unescaped(value).eq(b"insufficient_user_authentication".iter().copied()) {
                        asked.challenge = Challenge::StepUp;
                    }
                } else if name.eq_ignore_ascii_case(b"acr_values") {
                    asked.acr_values = value;
                } else if name.eq_ignore_ascii_case(b"max_age") {
                    asked.max_age = value;
                }
            }
            Item::Param(..) => {}
        }
    }
    asked
}

/// A token as it is, or what a quoted string (RFC 9110 §5.6.4) says.
fn unescaped(value: &[u8]) -> impl Iterator<Item = u8> {
    let (mut escaped, quoted) = (false, value.starts_with(b"\""));
    value.iter().copied().filter(move |b| {
        let keep = !quoted || escaped || !matches!(b, b'"' | b'\\');
        escaped = quoted && *b == b'\\' && !escaped;
        keep
    })
}

/// The value of a parameter without its quotes and escapes.
pub fn unquoted(value: &[u8]) -> Vec<u8> {
    unescaped(value).collect()
}

enum Item<'a> {
    Scheme(&'a [u8]),
    /// The value as it stands, quotes included.
    Param(&'a [u8], &'a [u8]),
}

struct Scan<'a> {
    rest: &'a [u8],
}

impl<'a> Scan<'a> {
    fn item(&mut self) -> Option<Item<'a>> {
        self.take(&mut |b| is_blank(b) || b == b',');
        let name = self.take(&mut is_token);
        if name.is_empty() {
            return None;
        }
        let blanks = self.take(&mut is_blank);
        if self.next() == Some(b'=') {
            self.skip();
            self.take(&mut is_blank);
            return Some(Item::Param(name, self.value()?));
        }
        // A scheme. What follows it, blank-separated, may be a token68, which is skipped.
        if !blanks.is_empty() {
            let mut ahead = Scan { rest: self.rest };
            let token68 = ahead.take(&mut is_token68);
            ahead.take(&mut |b| b == b'=');
            ahead.take(&mut is_blank);
            // `a=b` is a parameter; a token68 is followed by a comma or by nothing.
            if !token68.is_empty() && matches!(ahead.next(), None | Some(b',')) {
                self.rest = ahead.rest;
            }
        }
        Some(Item::Scheme(name))
    }

    fn value(&mut self) -> Option<&'a [u8]> {
        if self.next() != Some(b'"') {
            let value = self.take(&mut is_token);
            return (!value.is_empty()).then_some(value);
        }
        let (mut escaped, mut quotes) = (false, 0);
        let value = self.take(&mut |b| {
            let more = quotes < 2;
            quotes += u8::from(b == b'"' && !escaped);
            escaped = b == b'\\' && !escaped;
            more
        });
        (quotes >= 2).then_some(value)
    }

    fn next(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    fn skip(&mut self) {
        self.rest = self.rest.get(1..).unwrap_or_default();
    }

    #[inline(never)]
    fn take(&mut self, of: &mut dyn FnMut(u8) -> bool) -> &'a [u8] {
        let len = self.rest.iter().take_while(|b| of(**b)).count();
        let (taken, rest) = self.rest.split_at_checked(len).unwrap_or_default();
        self.rest = rest;
        taken
    }
}

fn is_blank(b: u8) -> bool {
    b == b' ' || b == b'\t'
}

/// A set of ASCII characters as bits, made at compile time: a look-up is a shift, where a search would be a loop at
/// every use.
const fn set(chars: &[u8]) -> [u64; 2] {
    let mut bits = [0; 2];
    let mut i = 0;
    while i < 128 {
        let b = i as u8;
        let mut is_in = b.is_ascii_alphanumeric();
        let mut j = 0;
        while j < chars.len() {
            is_in |= chars[j] == b;
            j += 1;
        }
        if is_in {
            bits[i / 64] |= 1 << (i % 64);
        }
        i += 1;
    }
    bits
}

fn is_in(bits: [u64; 2], b: u8) -> bool {
    let word = if b < 64 { bits[0] } else { bits[1] };
    b < 128 && word >> (b % 64) & 1 != 0
}

/// `tchar` of RFC 9110 §5.6.2.
fn is_token(b: u8) -> bool {
    const TOKEN: [u64; 2] = set(b"!#$%&'*+-.^_`|~");
    is_in(TOKEN, b)
}

/// RFC 9110 §11.2, without the padding.
fn is_token68(b: u8) -> bool {
    const TOKEN68: [u64; 2] = set(b"-._~+/");
    is_in(TOKEN68, b)
}
