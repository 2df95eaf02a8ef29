//! `WWW-Authenticate` (RFC 9110 §11.6.1): whose challenge is it, and can a refresh answer it (A1)?
//!
//! Of bytes, as fields are (RFC 9110 §5.5): what is no ASCII has no meaning here, and need not be UTF-8. What servers
//! really send decides where the grammar would give up: a missing comma, a value that should have been quoted.

/// What the challenges of an answer ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Challenge {
    /// Another token than the one that was sent. Also where nothing can be read (no header, or hidden by CORS), and
    /// where another scheme is named: the request carried our token, and a server must not behave differently because
    /// CORS hides the header.
    #[default]
    Renew,
    /// The token is good but not good enough, and a refreshed one would be no better: `insufficient_scope` (RFC 6750
    /// §3.1), `insufficient_user_authentication` (RFC 9470 §3), or another error of that family.
    StepUp,
}

/// The parameters that say what would be enough, in the order of [`Asked::said`].
pub const SAID: [&[u8]; 4] = [b"error", b"scope", b"acr_values", b"max_age"];

/// What was read.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Asked<'a> {
    /// What all of them together ask for.
    pub challenge: Challenge,
    /// The values of the parameters named in [`SAID`], of the challenge that asks for a step-up. They stand as they
    /// were sent, quotes and escapes included; empty if there is none.
    pub said: [&'a [u8]; 4],
}

/// Reads the field. Several fields, joined by commas as `Headers.get` does, are one list. Errors of that family are
/// those of Bearer and DPoP; under another name they say the same of the token that was sent.
pub fn read(field: &[u8]) -> Asked<'_> {
    let mut asked = Asked::default();
    let mut is_challenge = false;
    for item in items(field) {
        match item {
            Item::Scheme(..) => {
                if asked.challenge == Challenge::StepUp {
                    break; // What belongs to it has been read.
                }
                asked.said = Default::default();
                is_challenge = true;
            }
            Item::Param(name, value) if is_challenge => {
                let place = SAID.iter().position(|said| name.eq_ignore_ascii_case(said));
                // A name occurs once in a challenge (RFC 9110 §11.2); if it does not, the first one counts.
                if let Some(said) = place.and_then(|i| asked.said.get_mut(i)).filter(|said| said.is_empty()) {
                    *said = value;
                    if place == Some(0) && unescaped(value).take(13).eq(*b"insufficient_") {
                        asked.challenge = Challenge::StepUp;
                    }
                }
            }
            Item::Param(..) => {}
        }
    }
    asked
}

/// One piece of the list. A parameter belongs to the scheme before it; one before any scheme belongs to nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item<'a> {
    /// A challenge begins: its scheme, and its token68 or nothing.
    Scheme(&'a [u8], &'a [u8]),
    /// A parameter, the value as it stands, quotes included.
    Param(&'a [u8], &'a [u8]),
}

/// The field's pieces in order. What cannot be read ends them: what stands before it counts.
pub fn items(field: &[u8]) -> impl Iterator<Item = Item<'_>> {
    let mut scan = Scan { rest: field };
    std::iter::from_fn(move || scan.item())
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

struct Scan<'a> {
    rest: &'a [u8],
}

impl<'a> Scan<'a> {
    fn item(&mut self) -> Option<Item<'a>> {
        // Elements may be empty (RFC 9110 §5.6.1), and a comma may be missing.
        self.take(&mut |b| is_blank(b) || b == b',');
        let name = self.take(&mut is_token);
        if name.is_empty() {
            return None;
        }
        let blanks = self.take(&mut is_blank);
        if self.next() == Some(b'=') {
            self.rest = self.rest.get(1..).unwrap_or_default();
            self.take(&mut is_blank);
            return Some(Item::Param(name, self.value()?));
        }
        // A scheme. What follows it, blank-separated, may be a token68.
        let mut ahead = Scan { rest: self.rest };
        ahead.take(&mut is_token68);
        ahead.take(&mut |b| b == b'=');
        let token68 = self.rest.get(..self.rest.len() - ahead.rest.len()).unwrap_or_default();
        ahead.take(&mut is_blank);
        // `a=b` is a parameter; a token68 is followed by a comma or by nothing.
        if !blanks.is_empty() && matches!(ahead.next(), None | Some(b',')) {
            self.rest = ahead.rest;
            return Some(Item::Scheme(name, token68));
        }
        Some(Item::Scheme(name, &[]))
    }

    /// A quoted string, which must end, or whatever stands there up to a blank or a comma: unquoted URLs are sent.
    fn value(&mut self) -> Option<&'a [u8]> {
        let quoted = self.next() == Some(b'"');
        let (mut escaped, mut quotes) = (false, 0);
        let value = self.take(&mut |b| {
            let more = if quoted { quotes < 2 } else { !is_blank(b) && b != b',' };
            quotes += u8::from(b == b'"' && !escaped && quoted);
            escaped = b == b'\\' && !escaped;
            more
        });
        (!quoted || quotes == 2).then_some(value)
    }

    fn next(&self) -> Option<u8> {
        self.rest.first().copied()
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
