//! The invariants of a flight: when it starts, what it sends, writes and removes.

use relatch_engine::expiry::advisory_window_ms;
use relatch_engine::policy::STARTS_MAX;
use relatch_engine::{FlightId, Reason, Record};

use crate::plan::Place;
use crate::server::Tok;
use crate::store::Raw;
use crate::watch::Start;
use crate::world::{Kind, World};

impl World {
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
        let leaving = self.tabs[tab].leaving;
        let watch = &mut self.watch.tabs[tab];
        watch.start_was_late = leaving;
        // Without an access token every answer is a 401.
        watch.start_was_rejected =
            record.access.is_none_or(|access| access == watch.rejected || access == watch.doubtful);
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
            too_many = watch.starts_since(mono, |s| s.may_be_refunded) >= STARTS_MAX;
            watch.starts.push(Start { at_ms: mono, may_be_refunded: false, is_refunded: false });
        }
        watch.started_ms = mono;
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

    pub fn check_refresh(&mut self, tab: usize, flight: FlightId, refresh: Tok, reason: Reason) {
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
        if self.is_known_rotated(tab, refresh) {
            self.breach(tab, "a refresh token that is known to be rotated is sent again");
        }
        let ours = self.engine(tab).record().cloned();
        if ours.as_ref().and_then(|r| r.refresh) != Some(refresh) {
            self.breach(tab, "a refresh token that is not the session's is sent");
        }
        if let (true, Some(ours)) = (sees, ours) {
            match self.tabs[tab].area.value.clone() {
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
        if watch.start_was_late && reason == Reason::Advisory {
            self.breach(tab, "S4: a refresh is started in advance by a page on its way out");
        }
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
        let place = self.config.place;
        let watch = &mut self.watch.tabs[tab];
        watch.written = place == Place::Own;
        if watch.written {
            watch.struck = Tok(0);
        }
        if watch.written && record.access == Some(watch.brought) {
            watch.own = watch.brought;
        } else if record.access == Some(watch.own) {
            // The answer brought a refresh token and nothing else of worth: no verdict on it is one on a fresh token.
            watch.own = Tok(0);
        }
        if record.refresh.is_none() {
            self.breach(tab, "G4: no refresh token in the answer, and the old one is gone");
        }
        if !self.can_see_store(tab) {
            return;
        }
        match self.tabs[tab].area.value.clone() {
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
        if self.tabs[tab].blocked || self.has_ended(self.tabs[tab].area.value.epoch()) {
            return;
        }
        if !terminal {
            self.breach(tab, "G6: the tokens are removed without a terminal answer");
        }
        if sees && self.tabs[tab].area.value.record().and_then(|r| r.refresh) != Some(sent) {
            self.breach(tab, "G6: a record is removed that is not the one whose token was sent");
        }
    }
}
