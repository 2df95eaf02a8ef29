//! The readable half of a JWT (RFC 7519): its payload, not verified. Anybody can read it; only the server can check it.

/// Longer tokens are not looked into; they work as opaque ones.
pub const MAX_LEN: usize = 16_384;

/// The payload's bytes: the second of three dot-separated base64url parts (RFC 7515 §3.1). `None`: not a JWT.
pub fn payload(token: &str) -> Option<Vec<u8>> {
    if token.len() > MAX_LEN {
        return None;
    }
    let mut dots = token.bytes().enumerate().filter(|(_, b)| *b == b'.').map(|(i, _)| i);
    let (first, second) = (dots.next()?, dots.next()?);
    if dots.next().is_some() || first == 0 || second + 1 == token.len() {
        return None;
    }
    base64url(token.get(first + 1..second)?)
}

/// base64url without padding (RFC 4648 §5). `None` for anything else.
fn base64url(text: &str) -> Option<Vec<u8>> {
    // One character left over carries 6 bits, which are no byte.
    if text.is_empty() || text.len() % 4 == 1 {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    let (mut bits, mut count) = (0u32, 0);
    for c in text.bytes() {
        let value = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    Some(bytes)
}
