//! The invariants, held after every step. What is known here comes from the outside: from what the servers said, and
//! what the engine asked for; of the engine only its getters are used.
//! Those of the flight are in `check_flight`, those of calls in `check_call`.

use relatch_engine::policy::{
    ADVISORY_MIN_MS, FRESH_MAX_MS, FRESH_UNKNOWN_MS, HOLD_MS, RETRY_AFTER_MAX_MS, STARTS_MAX, STARTS_WINDOW_MS,
};
use relatch_engine::{Answer, Change, Code, Event, FlightId, Grant, Record, Stamp, Status};

use crate::plan::{Place, Quirk};
use crate::server::Tok;
use crate::store::Raw;
use crate::world::{Req, World};

/// An invariant that did not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    pub what: &'static str,
    pub tab: usize,
    /// The number of the schedule's step after which it happened.
    pub step: u32,
    pub at_ms: u64,
}

/// Known rotated by everybody who can read the store.
pub(crate) const EVERYBODY: u16 = 0x8000;
/// A drawn backoff is never shorter.
const BACKOFF_MIN_MS: u64 = relatch_engine::policy::BACKOFF_MIN_MS;

/// Known rotated by the tab that sent it.
pub(crate) fn knows_itself(tab: usize) -> u16 {
    1 << tab
}

/// The tab's copy of the store has the record that it was spent for.
pub(crate) fn has_a_copy(tab: usize) -> u16 {
    16 << tab
}

/// A route's 401 to a token (A6).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refusal {
    pub route: u32,
    pub stamp: Stamp,
    /// To a replay with a token that came while it waited.
    pub is_certain: bool,
    /// Another route has accepted the token since.
    pub is_odd: bool,
}

/// An unearned start (G2).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start {
    pub at_ms: u64,
    /// Somebody who waited has got an answer that is no challenge, …
    pub may_be_refunded: bool,
    /// … with the token that was brought to it then and there.
    pub is_refunded: bool,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct TabWatch {
    /// The access token on which this tab has seen a 401 that counts (A4).
    pub rejected: Tok,
    /// The same of a route that has refused the tokens before: whether it counts depends on what the engine knows (A6).
    pub doubtful: Tok,
    pub refusals: Vec<Refusal>,
    /// The refresh token of the latest token call.
    pub sent: Tok,
    /// Removals that the user asked for.
    pub clears: u32,
    /// Writes that failed: each may be followed by a removal.
    pub failed_writes: u32,
    /// The latest answer of the auth server was terminal.
    pub terminal: bool,
    /// When that came the epoch was marked as over: the time of it, on the monotonic clock.
    pub over_ms: Option<u64>,
    pub named_ms: Option<u64>,
    /// No start before this (G7), on the monotonic clock.
    pub floor_ms: u64,
    pub floor_is_named: bool,
    pub start_was_rejected: bool,
    pub start_was_due: bool,
    pub start_was_forced: bool,
    pub start_was_late: bool,
    /// Of the latest flight, on the monotonic clock.
    pub started_ms: u64,
    /// The unearned starts, the latest last.
    pub starts: Vec<Start>,
    /// The access token of the auth server's latest answer, unless it is worth nothing.
    pub brought: Tok,
    /// That answer brought a refresh token, and nothing else of worth.
    pub brought_refresh_only: bool,
    /// An own store was asked to keep it: while it does, the token may be used, and rejected, already.
    pub written: bool,
    /// The access token that this tab's own refresh brought.
    pub own: Tok,
    pub struck: Tok,
    pub strikes: u8,
    pub hold_until_ms: u64,
    pub landed_at_ms: u64,
    pub flight: Option<FlightId>,
    pub open_calls: u32,
}

pub(crate) struct Watch {
    pub violation: Option<Violation>,
    pub tabs: Vec<TabWatch>,
    /// Who knows of each refresh token that it was rotated.
    pub rotated: Vec<u16>,
    /// Epochs that were in the store once.
    pub epochs: Vec<u32>,
    /// A record could not be removed: what comes of it later is nobody's fault.
    pub undead: bool,
    /// Epochs that another followed in the store, and when.
    pub over: Vec<(u32, u64)>,
    /// A record of such an epoch was written by a tab that could not hear of its mistake.
    pub unburied: bool,
}

impl TabWatch {
    /// Gives the refusal that was known before, if one was, and the one that is known now.
    fn refuse(&mut self, route: u32, stamp: Stamp, is_certain: bool) -> [Option<Refusal>; 2] {
        let is_known = |r: &&mut Refusal| r.route == route && r.stamp == stamp;
        let Some(known) = self.refusals.iter_mut().find(is_known) else {
            // What a call that cannot be sent again started a refresh for counts for the tokens after these.
            let before = |r: &&Refusal| r.route == route && r.stamp.0 + 1 == stamp.0;
            let before = self.refusals.iter().find(before).map(|r| Refusal { is_certain: false, ..*r });
            let now = Refusal { route, stamp, is_certain, is_odd: false };
            self.refusals.push(now);
            return [before, Some(now)];
        };
        let before = *known;
        // What was accepted elsewhere before says nothing of a refusal after it, which may be the first that counts.
        known.is_certain |= is_certain && !known.is_odd;
        [Some(before), Some(*known)]
    }

    /// The unearned starts that are not long past and not refunded.
    pub fn starts_since(&self, mono_ms: u64, refunded: impl Fn(&Start) -> bool) -> usize {
        self.starts.iter().filter(|s| mono_ms - s.at_ms < STARTS_WINDOW_MS && !refunded(s)).count()
    }
}

impl Watch {
    pub fn new(tabs: usize) -> Watch {
        Watch {
            violation: None,
            tabs: vec![TabWatch::default(); tabs],
            rotated: Vec::new(),
            epochs: Vec::new(),
            undead: false,
            over: Vec::new(),
            unburied: false,
        }
    }

    pub fn tab(&mut self, tab: usize) -> &mut TabWatch {
        &mut self.tabs[tab]
    }

    pub fn opened(&mut self, tab: usize) {
        self.tabs[tab] = TabWatch::default();
        for knows in &mut self.rotated {
            *knows &= !(knows_itself(tab) | has_a_copy(tab));
        }
    }

    pub fn stored(&mut self, record: &Record<Tok>) {
        if !self.undead && !self.epochs.contains(&record.epoch) {
            self.epochs.push(record.epoch);
        }
    }

    pub fn cannot_remove(&mut self) {
        self.undead = true;
        self.epochs.clear();
    }

    /// A login lifts backoff and hold.
    pub fn renewed_guard(&mut self, tab: usize) {
        let TabWatch { open_calls, clears, flight, failed_writes, .. } = self.tabs[tab];
        self.tabs[tab] = TabWatch { clears, open_calls, flight, failed_writes, ..TabWatch::default() };
    }

    pub fn woken(&mut self, tab: usize, online: bool) {
        let tab = &mut self.tabs[tab];
        if online && !tab.floor_is_named {
            tab.floor_ms = 0;
        }
    }

    pub fn answered(&mut self, tab: usize, answer: &Answer<Tok>) {
        let sent = self.tabs[tab].sent;
        match answer {
            Answer::Tokens(grant) => {
                self.tabs[tab].terminal = false;
                self.tabs[tab].named_ms = None;
                self.tabs[tab].written = false;
                self.brought(tab, grant, sent);
            }
            Answer::Failed(failure) => {
                self.tabs[tab].terminal = failure.terminal;
                self.tabs[tab].named_ms = failure.retry_after_ms;
            }
        }
    }

    fn brought(&mut self, tab: usize, grant: &Grant<Tok>, sent: Tok) {
        // Whether a doubtful token counts as rejected only the engine knows: no verdict on it is one on a fresh one.
        let TabWatch { rejected, doubtful, .. } = self.tabs[tab];
        let dead = grant.lifetime_ms == Some(0) || [rejected, doubtful].contains(&grant.access);
        self.tabs[tab].brought = if dead { Tok(0) } else { grant.access };
        let rotated = grant.refresh.is_some_and(|r| r != sent && r.0 != 0);
        self.tabs[tab].brought_refresh_only = dead && rotated;
        if rotated {
            self.knows_rotated(sent, knows_itself(tab));
        }
    }

    pub fn knows_rotated(&mut self, token: Tok, who: u16) {
        let at = token.0 as usize;
        if self.rotated.len() <= at {
            self.rotated.resize(at + 1, 0);
        }
        self.rotated[at] |= who;
    }
}

impl World {
    pub fn breach(&mut self, tab: usize, what: &'static str) {
        if self.watch.violation.is_none() {
            self.log(tab, |_| format!("VIOLATION: {what}"));
            self.watch.violation = Some(Violation { what, tab, step: self.step, at_ms: self.now_ms - 20_000_000 });
        }
    }

    pub fn is_loading(&mut self, tab: usize) -> bool {
        let now = self.now();
        self.engine(tab).status(now) == Status::Loading
    }

    /// Nothing bad is known of the tab's access token, nor is its life over by the tab's clock.
    pub fn is_good(&mut self, tab: usize) -> bool {
        let (wall, rejected) = (self.wall_ms(), self.watch.tabs[tab].rejected);
        self.engine(tab)
            .record()
            .is_some_and(|r| r.access.is_some_and(|access| access != rejected) && !r.is_expired(wall))
    }

    pub fn can_see_store(&self, tab: usize) -> bool {
        // What could not be put back into a full store is what the tab goes on with.
        let slot = &self.tabs[tab];
        self.config.place == Place::Web && !slot.blocked && slot.view.last == slot.area.value
    }

    pub fn check_event(&mut self, tab: usize, event: Event) {
        let (mono, now) = (self.mono_ms(), self.now_ms);
        let record = self.engine(tab).record().cloned();
        let watch = &mut self.watch.tabs[tab];
        match event {
            Event::Expired { .. } if !watch.terminal => {
                self.breach(tab, "G6: the session ends without a terminal answer");
            }
            Event::Expired { .. } => watch.terminal = false,
            // It may have counted one more, of a token that was doubtful here.
            Event::Failed { code: Code::FreshTokensRejected, .. } => {
                watch.strikes = 0;
                watch.hold_until_ms = mono + HOLD_MS;
            }
            Event::Failed { code: Code::RefreshRateLimited, .. }
                if watch.starts_since(mono, |s| s.is_refunded) < STARTS_MAX =>
            {
                self.breach(tab, "G2: refreshing is on hold although what was refreshed was accepted");
            }
            Event::Failed { code: Code::RefreshFailed | Code::RefreshTimeout | Code::LockTimeout, status, .. } => {
                if std::mem::take(&mut watch.brought_refresh_only) && status == 200 {
                    // Also where it is kept in memory only: no verdict on the token is one on a fresh token any more.
                    watch.own = Tok(0);
                }
                let named = watch.named_ms.take();
                watch.floor_is_named = named.is_some();
                watch.floor_ms = mono + named.map_or(BACKOFF_MIN_MS, |ms| ms.clamp(BACKOFF_MIN_MS, RETRY_AFTER_MAX_MS));
            }
            Event::Refreshed { .. } => {
                watch.floor_ms = 0;
                watch.landed_at_ms = now;
                let access = record.as_ref().and_then(|r| r.access).unwrap_or_default();
                if !std::mem::take(&mut watch.written) {
                    watch.own = access;
                    watch.struck = Tok(0);
                }
                // While an own store is writing, the new token may be used, and rejected, before it is told.
                let at_once = self.config.place != Place::Own;
                let bad = (at_once && access == watch.rejected) || record.is_some_and(|r| r.lifetime_ms == Some(0));
                if access != watch.rejected {
                    watch.rejected = Tok(0);
                }
                if bad {
                    self.breach(tab, "G4: a refresh that brought a rejected or dead token is called a success");
                }
            }
            // A login, or a refresh that was one (G9).
            Event::Changed { change: Change::SignedIn } => self.watch.renewed_guard(tab),
            Event::Adopted { change, .. } => {
                watch.own = Tok(0);
                watch.landed_at_ms = now;
                if record.is_some_and(|r| r.access != Some(watch.rejected)) {
                    // The generation that was rejected is gone. Should its token come back, it is another generation's.
                    watch.rejected = Tok(0);
                }
                match change {
                    Change::SignedIn => self.watch.renewed_guard(tab),
                    Change::SignedOut
                        if self.can_see_store(tab)
                            && self.tabs[tab].area.value != Raw::Nothing
                            && !self.has_ended(self.tabs[tab].area.value.epoch()) =>
                    {
                        self.breach(tab, "signed out although the store holds a session");
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// What an answer of the API tells about the token, before the engine hears of it.
    pub fn watch_answer(&mut self, tab: usize, req: usize, status: u16) {
        let Req { stamp, token, quirk, sends, asked, .. } = self.reqs[req];
        let (wall, mono, max_replays) = (self.wall_ms(), self.mono_ms(), self.policy.max_replays);
        if let Some((at_ms, at_once)) = asked.filter(|_| stamp.is_some() && !matches!(status, 0 | 401)) {
            for start in self.watch.tabs[tab].starts.iter_mut().filter(|s| s.at_ms == at_ms) {
                start.may_be_refunded = true;
                start.is_refunded |= at_once;
            }
        }
        let engine = self.engine(tab);
        if stamp != Some(engine.stamp()) || status == 0 {
            return;
        }
        let Some(record) = engine.record().cloned() else { return };
        let token = token.unwrap_or_default();
        let watch = &mut self.watch.tabs[tab];
        if status != 401 {
            watch.strikes = 0;
            watch.hold_until_ms = 0;
            if watch.own == token {
                watch.own = Tok(0);
            }
            watch.refusals.retain(|r| r.route != quirk.route());
            watch.refusals.iter_mut().filter(|r| Some(r.stamp) == stamp).for_each(|r| r.is_odd = true);
            return;
        }
        if !matches!(quirk, Quirk::None | Quirk::Slow | Quirk::Picky(_)) {
            return;
        }
        let age = wall.saturating_sub(record.obtained_at_ms);
        let young = age < record.lifetime_ms.map_or(FRESH_UNKNOWN_MS, |l| (l / 2).clamp(ADVISORY_MIN_MS, FRESH_MAX_MS));
        if token != Tok(0) && token == watch.own && token != watch.struck && young {
            watch.struck = token;
            watch.strikes += 1;
            if watch.strikes == 3 {
                watch.strikes = 0;
                watch.hold_until_ms = mono + HOLD_MS;
            }
        }
        let at_once = asked.is_some_and(|(_, at_once)| at_once);
        let [before, now] = watch.refuse(quirk.route(), stamp.unwrap_or(Stamp(0)), sends > 1 && at_once);
        let refusal = if sends > 1 { now } else { before };
        if sends == 1 || sends <= max_replays {
            match refusal {
                None => watch.rejected = token,
                Some(Refusal { is_certain: true, is_odd: true, .. }) => {}
                Some(_) => watch.doubtful = token,
            }
        }
    }
}
