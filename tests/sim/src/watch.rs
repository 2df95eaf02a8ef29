//! The invariants, held after every step. What is known here comes from the outside: from what the servers said, and
//! what the engine asked for; of the engine only its getters are used.
//!
//! One file, although it is long: every invariant looks at the same picture of what happened.

use relatch_engine::expiry::advisory_window_ms;
use relatch_engine::policy::{
    ADVISORY_MIN_MS, FRESH_MAX_MS, FRESH_UNKNOWN_MS, HOLD_MS, RETRY_AFTER_MAX_MS, STARTS_MAX, STARTS_WINDOW_MS,
};
use relatch_engine::{Answer, Change, Code, Event, FlightId, Outcome, Reason, Record, Status};

use crate::plan::{Place, Quirk};
use crate::server::Tok;
use crate::store::Raw;
use crate::world::{Kind, Req, World};

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
const EVERYBODY: u8 = 0x80;
/// A drawn backoff is never shorter.
const BACKOFF_MIN_MS: u64 = relatch_engine::policy::BACKOFF_MIN_MS;

#[derive(Clone, Debug, Default)]
pub(crate) struct TabWatch {
    /// The access token on which this tab has seen a 401 that counts (A4).
    rejected: Tok,
    /// The refresh token of the latest token call.
    sent: Tok,
    /// Removals that the user asked for.
    pub clears: u32,
    /// Writes that failed: each may be followed by a removal.
    pub failed_writes: u32,
    /// The latest answer of the auth server was terminal.
    terminal: bool,
    named_ms: Option<u64>,
    /// No start before this (G7), on the monotonic clock.
    floor_ms: u64,
    floor_is_named: bool,
    start_was_rejected: bool,
    start_was_due: bool,
    start_was_forced: bool,
    starts_ms: [u64; STARTS_MAX],
    next_start: usize,
    /// The access token that this tab's own refresh brought.
    own: Tok,
    struck: Tok,
    strikes: u8,
    hold_until_ms: u64,
    landed_at_ms: u64,
    flight: Option<FlightId>,
    open_calls: u32,
}

pub(crate) struct Watch {
    pub violation: Option<Violation>,
    tabs: Vec<TabWatch>,
    /// Who knows of each refresh token that it was rotated.
    rotated: Vec<u8>,
    /// Epochs that were in the store once.
    epochs: Vec<u32>,
    /// A record could not be removed: what comes of it later is nobody's fault.
    undead: bool,
}

impl Watch {
    pub fn new(tabs: usize) -> Watch {
        Watch {
            violation: None,
            tabs: vec![TabWatch::default(); tabs],
            rotated: Vec::new(),
            epochs: Vec::new(),
            undead: false,
        }
    }

    pub fn tab(&mut self, tab: usize) -> &mut TabWatch {
        &mut self.tabs[tab]
    }

    pub fn opened(&mut self, tab: usize) {
        self.tabs[tab] = TabWatch::default();
        for knows in &mut self.rotated {
            *knows &= !(1 << tab);
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
        let TabWatch { open_calls, clears, flight, .. } = self.tabs[tab];
        self.tabs[tab] = TabWatch { clears, open_calls, flight, ..TabWatch::default() };
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
                if grant.refresh.is_some_and(|r| r != sent && r.0 != 0) {
                    self.knows_rotated(sent, 1 << tab);
                }
            }
            Answer::Failed(failure) => {
                self.tabs[tab].terminal = failure.terminal;
                self.tabs[tab].named_ms = failure.retry_after_ms;
            }
        }
    }

    fn knows_rotated(&mut self, token: Tok, who: u8) {
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
    fn is_good(&mut self, tab: usize) -> bool {
        let (wall, rejected) = (self.wall_ms(), self.watch.tabs[tab].rejected);
        self.engine(tab)
            .record()
            .is_some_and(|r| r.access.is_some_and(|access| access != rejected) && !r.is_expired(wall))
    }

    fn can_see_store(&self, tab: usize) -> bool {
        self.config.place == Place::Web && !self.tabs[tab].blocked
    }

    /// A write arrived in the store.
    pub fn watch_stored(&mut self, tab: usize, flight: Option<FlightId>, record: &Record<Tok>) {
        let sent = self.watch.tabs[tab].sent;
        if flight.is_some() && record.refresh != Some(sent) {
            self.watch.knows_rotated(sent, EVERYBODY);
        }
        self.watch.stored(record);
    }

    pub fn check_start(&mut self, tab: usize, flight: Option<FlightId>) {
        // Without a lock a flight's first read is its start; it reads once more before it commits.
        if std::mem::replace(&mut self.watch.tabs[tab].flight, flight) == flight {
            return;
        }
        if self.policy.shared && self.tabs[tab].lock.is_some() && flight.is_some() {
            self.breach(tab, "G1: a second flight while the first has the lock or waits for it");
        }
        let (wall, mono) = (self.wall_ms(), self.mono_ms());
        let Some(record) = self.engine(tab).record().cloned() else {
            return self.breach(tab, "a flight without a session");
        };
        let life = self.tabs[tab].life;
        let has =
            |kind| self.reqs.iter().any(|r| r.tab == tab && r.life == life && r.kind == kind && r.outcome.is_none());
        let (forced, token) = (has(Kind::Refresh), has(Kind::Token));
        let watch = &mut self.watch.tabs[tab];
        // Without an access token every answer is a 401.
        watch.start_was_rejected = record.access.is_none_or(|access| access == watch.rejected);
        watch.start_was_due = token
            || watch.start_was_rejected
            || record.access.is_none()
            || record
                .lifetime_ms
                .is_some_and(|l| record.left_ms(wall).is_some_and(|left| left <= advisory_window_ms(l)));
        watch.start_was_forced = forced || token;
        let too_early = mono < watch.floor_ms && !forced;
        let on_hold = mono < watch.hold_until_ms;
        let age = wall.saturating_sub(record.obtained_at_ms);
        let mut too_many = false;
        if !record.lifetime_ms.is_some_and(|l| l > 0 && age >= l / 2) {
            let oldest = watch.starts_ms[watch.next_start];
            too_many = oldest != 0 && mono - oldest < STARTS_WINDOW_MS;
            watch.starts_ms[watch.next_start] = mono;
            watch.next_start = (watch.next_start + 1) % STARTS_MAX;
        }
        if too_early {
            self.breach(tab, "G7: a refresh before the backoff, or the server's Retry-After, was over");
        }
        if on_hold {
            self.breach(tab, "G2: a refresh although three fresh tokens in a row were rejected");
        }
        if too_many {
            self.breach(tab, "G2: more than five unearned starts in 30 s");
        }
    }

    pub fn check_call(&mut self, tab: usize, flight: FlightId, refresh: Tok, reason: Reason) {
        let shared = self.policy.shared;
        if shared && self.tabs.iter().any(|t| t.calling.is_some()) {
            self.breach(tab, "G1: a second token call at a time");
        }
        if self.tabs[tab].calling.is_some() {
            self.breach(tab, "G1: a second token call of one session");
        }
        let holder = self.locks.front().map(|(t, _, f)| (*t, *f));
        if shared && holder != Some((tab, flight)) {
            self.breach(tab, "G1: the refresh token is sent without the lock");
        }
        let sees = self.can_see_store(tab);
        let knows = self.watch.rotated.get(refresh.0 as usize).copied().unwrap_or(0);
        if !self.watch.undead && (knows & (1 << tab) != 0 || (knows & EVERYBODY != 0 && sees)) {
            self.breach(tab, "a refresh token that is known to be rotated is sent again");
        }
        let ours = self.engine(tab).record().cloned();
        if ours.as_ref().and_then(|r| r.refresh) != Some(refresh) {
            self.breach(tab, "a refresh token that is not the session's is sent");
        }
        if let (true, Some(ours)) = (sees, ours) {
            match self.store.clone() {
                Raw::Record(theirs) if theirs.epoch != ours.epoch => {
                    self.breach(tab, "G1: a refresh for a session that the store does not hold");
                }
                Raw::Record(theirs) if theirs.generation > ours.generation => {
                    self.breach(tab, "G1: a refresh although another tab moved on");
                }
                Raw::Nothing if self.watch.epochs.contains(&ours.epoch) => {
                    self.breach(tab, "G1: a refresh after a logout");
                }
                _ => {}
            }
        }
        let watch = &mut self.watch.tabs[tab];
        watch.sent = refresh;
        watch.terminal = false;
        let excused = match reason {
            Reason::Rejected => watch.start_was_rejected,
            Reason::Expired | Reason::Advisory => watch.start_was_due,
            Reason::Forced => watch.start_was_forced,
        };
        if !excused {
            self.breach(tab, "a refresh that nothing called for: no 401 of the current token, no window, no wish");
        }
    }

    pub fn check_write(&mut self, tab: usize, flight: Option<FlightId>, record: &Record<Tok>) {
        if self.engine(tab).record().map(|r| r.epoch) != Some(record.epoch) {
            self.breach(tab, "G5: a write for an epoch that is over");
        }
        if record.access == Some(Tok(0)) || record.refresh == Some(Tok(0)) {
            self.breach(tab, "G4: a blank token is stored");
        }
        if flight.is_none() {
            return;
        }
        let watch = &mut self.watch.tabs[tab];
        if record.access == Some(watch.own) {
            // The answer brought a refresh token and nothing else of worth: no verdict on it is one on a fresh token.
            watch.own = Tok(0);
        }
        if record.refresh.is_none() {
            self.breach(tab, "G4: no refresh token in the answer, and the old one is gone");
        }
        if !self.can_see_store(tab) {
            return;
        }
        match self.store.clone() {
            Raw::Record(theirs) if theirs.epoch != record.epoch => {
                self.breach(tab, "G5: a refresh overwrites another session");
            }
            Raw::Record(theirs) if theirs.generation >= record.generation => {
                self.breach(tab, "G5: a refresh overwrites a generation as new as its own");
            }
            Raw::Nothing if self.watch.epochs.contains(&record.epoch) => {
                self.breach(tab, "G5: a refresh brings back a session that was logged out");
            }
            Raw::Garbage if self.watch.epochs.contains(&record.epoch) => {
                self.breach(tab, "G5: a refresh overwrites what it cannot read");
            }
            _ => {}
        }
    }

    pub fn check_remove(&mut self, tab: usize) {
        let sees = self.can_see_store(tab);
        let watch = &mut self.watch.tabs[tab];
        if watch.clears > 0 {
            watch.clears -= 1;
            return;
        }
        if watch.failed_writes > 0 {
            // What a failed write leaves behind is void.
            watch.failed_writes -= 1;
            // The session lives on in this tab's memory: that it is not in the store is no logout.
            let epoch = self.engine(tab).record().map(|r| r.epoch);
            self.watch.epochs.retain(|e| Some(*e) != epoch);
            return;
        }
        let (terminal, sent) = (watch.terminal, watch.sent);
        if !terminal {
            self.breach(tab, "G6: the tokens are removed without a terminal answer");
        }
        if sees && self.store.record().and_then(|r| r.refresh) != Some(sent) {
            self.breach(tab, "G6: a record is removed that is not the one whose token was sent");
        }
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
            Event::Failed { code: Code::RefreshFailed | Code::RefreshTimeout | Code::LockTimeout, .. } => {
                let named = watch.named_ms.take();
                watch.floor_is_named = named.is_some();
                watch.floor_ms = mono + named.map_or(BACKOFF_MIN_MS, |ms| ms.clamp(BACKOFF_MIN_MS, RETRY_AFTER_MAX_MS));
            }
            Event::Refreshed { .. } => {
                watch.floor_ms = 0;
                watch.landed_at_ms = now;
                let access = record.as_ref().and_then(|r| r.access).unwrap_or_default();
                watch.own = access;
                watch.struck = Tok(0);
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
            Event::Adopted { change, .. } => {
                watch.own = Tok(0);
                watch.landed_at_ms = now;
                if record.is_some_and(|r| r.access != Some(watch.rejected)) {
                    // The generation that was rejected is gone. Should its token come back, it is another generation's.
                    watch.rejected = Tok(0);
                }
                match change {
                    Change::SignedIn => self.watch.renewed_guard(tab),
                    Change::SignedOut if self.can_see_store(tab) && self.store != Raw::Nothing => {
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
        let Req { stamp, token, quirk, sends, .. } = self.reqs[req];
        let (wall, mono, max_replays) = (self.wall_ms(), self.mono_ms(), self.policy.max_replays);
        let engine = self.engine(tab);
        if stamp != Some(engine.stamp()) || status == 0 {
            return;
        }
        let Some(record) = engine.record().cloned() else { return };
        let token = token.unwrap_or_default();
        let watch = &mut self.watch.tabs[tab];
        if status != 401 {
            watch.strikes = 0;
            if watch.own == token {
                watch.own = Tok(0);
            }
            return;
        }
        if !matches!(quirk, Quirk::None | Quirk::Slow) {
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
        if sends == 1 || sends <= max_replays {
            watch.rejected = token;
        }
    }

    pub fn check_send(&mut self, tab: usize, req: usize, token: Option<Tok>) {
        let Req { sends, family, waiting_since_ms, outcome, .. } = self.reqs[req];
        if outcome.is_some() {
            self.breach(tab, "G8: a call that is over is sent");
        }
        if sends > self.policy.max_replays {
            self.breach(tab, "A5: a request is sent more than 1 + maxReplays times");
        }
        let Some(token) = token else { return };
        if family != u32::MAX && self.server.family(token) != family {
            self.breach(tab, "A2: a request of one session carries the token of another");
        }
        let now = self.now();
        let max_wait_ms = self.policy.max_wait_ms;
        if self.is_good(tab) || self.watch.tabs[tab].landed_at_ms == self.now_ms {
            return;
        }
        let engine = self.engine(tab);
        let gave_up = waiting_since_ms.is_some_and(|since| now.mono_ms >= since + max_wait_ms);
        let may_refresh = engine.retry_in_ms(now) == 0 && engine.record().is_some_and(|r| r.refresh.is_some());
        if may_refresh && !gave_up {
            self.breach(tab, "S5: a request is sent with a token known to be bad although a refresh may start");
        }
    }

    pub fn check_wait(&mut self, tab: usize, req: usize) {
        let Req { kind, sends, .. } = self.reqs[req];
        if self.is_loading(tab) {
            return;
        }
        if kind == (Kind::Fetch { replayable: true }) && sends == 0 && self.is_good(tab) {
            self.breach(tab, "S4: a request is held although its token is good");
        }
    }

    pub fn settle(&mut self, tab: usize, req: usize, outcome: Outcome) {
        self.log(tab, |_| format!("call {req}: settles with {outcome:?}"));
        let Req { outcome: before, sends, status, call, life, .. } = self.reqs[req];
        if before.is_some() || life != self.tabs[tab].life {
            self.breach(tab, "G8: a call settles twice");
        }
        if outcome == Outcome::Response && (sends == 0 || status == 0) {
            self.breach(tab, "G8: a response without a request that was answered");
        }
        if outcome == Outcome::Token && self.engine(tab).access().is_none() {
            self.breach(tab, "G8: a token is promised and there is none");
        }
        if call.is_some() {
            self.watch.tabs[tab].open_calls -= 1;
        }
        let req = &mut self.reqs[req];
        req.outcome = Some(outcome);
        req.waiting_since_ms = None;
    }

    pub fn bound(&mut self, tab: usize) {
        self.watch.tabs[tab].open_calls += 1;
    }

    /// After each input and all its effects.
    pub fn check_tab(&mut self, tab: usize) {
        let loading = self.is_loading(tab);
        let engine = self.engine(tab);
        let (waiting, live, refreshing) = (engine.waiting_calls(), engine.live_calls(), engine.is_refreshing());
        if waiting > self.policy.max_waiting {
            self.breach(tab, "the queue is longer than its bound");
        }
        if waiting > 0 && !refreshing && !loading {
            self.breach(tab, "G8: calls wait, and there is nothing to wait for");
        }
        if !refreshing && self.tabs[tab].lock.is_some() {
            self.breach(tab, "G1: the lock is kept without a flight");
        }
        if live != self.watch.tabs[tab].open_calls {
            self.breach(tab, "G8: the engine and its user count different calls");
        }
    }

    /// After the timer.
    pub fn check_deadline(&mut self, tab: usize) {
        let mono = self.mono_ms();
        if self.tabs[tab].engine.is_some() && self.engine(tab).deadline().is_some_and(|at| at <= mono) {
            self.breach(tab, "G3, S5: a deadline is over and nothing came of it");
        }
    }

    /// After a look into the store, the tab's session is the store's.
    pub fn check_look(&mut self, tab: usize) {
        if self.config.store_fails || self.is_loading(tab) || self.tabs[tab].closed {
            return;
        }
        let theirs = self.store.record().map(|r| (r.epoch, r.generation));
        let ours = self.engine(tab).record().map(|r| (r.epoch, r.generation));
        if ours != theirs {
            self.breach(tab, "a tab that looked into the store goes on with another session, or an older generation");
        }
    }
}
