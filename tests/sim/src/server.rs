//! The authorization server, with rotation, a grace window and reuse detection, and the API that judges access tokens.

use relatch_engine::{Grant, Token};

/// A token is its number; 0 is blank.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Tok(pub u32);

impl Token for Tok {
    fn is_blank(&self) -> bool {
        self.0 == 0
    }
}

#[derive(Clone, Copy, Debug)]
struct Issued {
    family: u32,
    /// An access token's end on the server's clock; a refresh token has none.
    ends_ms: Option<u64>,
    killed: bool,
}

#[derive(Clone, Copy, Debug)]
struct Family {
    current: Tok,
    previous: Tok,
    rotated_at_ms: u64,
    revoked: bool,
}

/// Why the auth server refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    Unknown,
    Revoked,
    /// A rotated token came again: the whole family is revoked (RFC 9700 §4.14.2).
    Reuse,
}

#[derive(Debug)]
pub struct Server {
    issued: Vec<Issued>,
    families: Vec<Family>,
    pub rotates: bool,
    pub grace_ms: u64,
    /// The lifetime of access tokens.
    pub lifetime_ms: u64,
    /// Whether the answer says so (`expires_in`).
    pub tells_lifetime: bool,
    /// Whether its tokens say whom they are of: every login is of another user.
    tells_subject: bool,
    /// Successful refreshes.
    pub refreshes: u32,
    pub reuses: u32,
}

impl Server {
    pub fn new(rotates: bool, grace_ms: u64, lifetime_ms: u64, tells_lifetime: bool) -> Server {
        let nothing = Issued { family: 0, ends_ms: None, killed: true };
        let nobody = Family { current: Tok(0), previous: Tok(0), rotated_at_ms: 0, revoked: true };
        Server {
            issued: vec![nothing],
            families: vec![nobody],
            rotates,
            grace_ms,
            lifetime_ms,
            tells_lifetime,
            tells_subject: false,
            refreshes: 0,
            reuses: 0,
        }
    }

    /// Its tokens are JWTs, and say whom they are of: every login is of another user.
    #[must_use]
    pub fn telling_subjects(self, tells_subject: bool) -> Server {
        Server { tells_subject, ..self }
    }

    fn issue(&mut self, family: u32, ends_ms: Option<u64>) -> Tok {
        self.issued.push(Issued { family, ends_ms, killed: false });
        Tok(self.issued.len() as u32 - 1)
    }

    fn grant(&mut self, family: u32, refresh: Option<Tok>, now_ms: u64) -> Grant<Tok> {
        let access = self.issue(family, Some(now_ms.saturating_add(self.lifetime_ms)));
        Grant {
            access,
            refresh,
            lifetime_ms: self.tells_lifetime.then_some(self.lifetime_ms),
            subject: if self.tells_subject { family } else { 0 },
        }
    }

    pub fn login(&mut self, now_ms: u64) -> Grant<Tok> {
        let family = self.families.len() as u32;
        let current = self.issue(family, None);
        self.families.push(Family { current, previous: Tok(0), rotated_at_ms: 0, revoked: false });
        self.grant(family, Some(current), now_ms)
    }

    pub fn refresh(&mut self, token: Tok, now_ms: u64) -> Result<Grant<Tok>, Refused> {
        let number = self.family(token);
        let Some(family) = self.families.get(number as usize).copied().filter(|_| number != 0) else {
            return Err(Refused::Unknown);
        };
        if family.revoked {
            return Err(Refused::Revoked);
        }
        if family.current == token {
            self.refreshes += 1;
            if !self.rotates {
                return Ok(self.grant(number, None, now_ms));
            }
            let next = self.issue(number, None);
            self.families[number as usize] =
                Family { current: next, previous: token, rotated_at_ms: now_ms, revoked: false };
            return Ok(self.grant(number, Some(next), now_ms));
        }
        if family.previous == token && now_ms < family.rotated_at_ms.saturating_add(self.grace_ms) {
            self.refreshes += 1;
            return Ok(self.grant(number, Some(family.current), now_ms));
        }
        self.reuses += 1;
        self.families[number as usize].revoked = true;
        Err(Refused::Reuse)
    }

    /// Is this access token good at the API?
    pub fn accepts(&self, token: Tok, now_ms: u64) -> bool {
        self.issued.get(token.0 as usize).is_some_and(|t| !t.killed && t.ends_ms.is_some_and(|end| now_ms < end))
    }

    /// The API stops accepting every access token issued so far: a key was rolled.
    pub fn kill_access(&mut self) {
        for token in &mut self.issued {
            token.killed = true;
        }
    }

    pub fn revoke(&mut self, token: Tok) {
        let family = self.family(token);
        if let Some(family) = self.families.get_mut(family as usize) {
            family.revoked = true;
        }
    }

    pub fn family(&self, token: Tok) -> u32 {
        self.issued.get(token.0 as usize).map_or(0, |t| t.family)
    }

    /// Would a refresh with this token succeed?
    pub fn is_current(&self, refresh: Tok) -> bool {
        self.families.get(self.family(refresh) as usize).is_some_and(|f| !f.revoked && f.current == refresh)
    }
}
