//! The end of every schedule: trouble stops, time passes, and everything must come to rest and then work.

use std::collections::VecDeque;

use relatch_engine::Outcome;

use crate::plan::{Place, Quirk};
use crate::world::{Kind, World};

const HOUR_MS: u64 = 3_600_000;
const BURST: usize = 5;
/// One that has never refused anything: one that has may not start the refresh (A6).
const NEW_ROUTE: u32 = 4;

impl World {
    pub fn come_to_rest(&mut self) {
        self.become_calm();
        self.drain();
        self.check_rest();
        // Longer than any Retry-After and any hold.
        self.now_ms += 8 * HOUR_MS;
        self.drain();
        self.work_again();
    }

    /// Nothing goes wrong from here on, and what is frozen thaws.
    pub fn become_calm(&mut self) {
        self.log(0, |_| "calm from here on".to_owned());
        self.calm = true;
        self.quota_full = false;
        self.api_rejects = false;
        self.faults = VecDeque::new();
        for tab in 0..self.tabs.len() {
            self.tabs[tab].blocked = false;
            if self.tabs[tab].frozen {
                self.thaw(tab);
            }
        }
    }

    fn drain(&mut self) {
        for _ in 0..100_000 {
            if self.due.is_empty() || self.watch.violation.is_some() {
                return;
            }
            self.run_next();
        }
        self.breach(0, "liveness: the tabs never come to rest");
    }

    /// G8: every call settled; nothing flies, nobody has the lock.
    fn check_rest(&mut self) {
        if self.watch.violation.is_some() {
            return;
        }
        for req in 0..self.reqs.len() {
            let (tab, life, outcome) = (self.reqs[req].tab, self.reqs[req].life, self.reqs[req].outcome);
            if outcome.is_none() && self.tabs[tab].life == life && self.tabs[tab].engine.is_some() {
                self.log(tab, |_| format!("call {req} never settled"));
                self.breach(tab, "G8: a call never settles");
            }
        }
        for tab in 0..self.tabs.len() {
            if self.tabs[tab].engine.is_none() {
                continue;
            }
            let engine = self.engine(tab);
            let (flies, live, deadline) = (engine.is_refreshing(), engine.live_calls(), engine.deadline());
            if flies || live != 0 || deadline.is_some() {
                self.breach(tab, "liveness: a flight, a call or a deadline is left over");
            }
        }
        self.check_buried();
        if !self.locks.is_empty() {
            self.breach(0, "liveness: the lock is never given back");
        }
    }

    /// G10: a store that tells of nothing was looked at again by whoever used a session that was signed out.
    fn check_found(&mut self) {
        let Some(epoch) = self.store.epoch() else { return };
        for tab in 0..self.tabs.len() {
            let excused = self.config.place != Place::Own || self.config.store_fails || self.tabs[tab].own_hung;
            if !excused && self.is_awake(tab) && !self.tabs[tab].closed {
                let found = self.engine(tab).record().map(|r| r.epoch);
                if found.is_none() && !self.watch.over.iter().any(|(over, _)| *over == epoch) {
                    self.breach(tab, "G10: a session was used, and did not find another tab's login");
                }
            }
        }
    }

    /// After a sleep of 8 h every tab sends a few calls at once: one refresh for all, and all of them work.
    fn work_again(&mut self) {
        // One that was marked as over may be in the store again: the next refresh ends it for good.
        let over = self.has_ended(self.store.epoch());
        let alive = !over && self.store.record().is_some_and(|r| r.refresh.is_some_and(|t| self.server.is_current(t)));
        if self.watch.violation.is_some() {
            return;
        }
        let refreshes = self.server.refreshes;
        let expired = self.config.tells_lifetime && (60_000..8 * HOUR_MS).contains(&self.config.lifetime_ms);
        let first = self.reqs.len();
        let mut users = 0;
        for tab in 0..self.tabs.len() {
            if self.is_awake(tab) && !self.tabs[tab].closed {
                users += 1;
                for _ in 0..BURST {
                    self.fetch(tab, Kind::Fetch { replayable: true }, Quirk::Picky(NEW_ROUTE));
                }
            }
        }
        self.drain();
        self.check_rest();
        self.check_found();
        if self.config.store_fails || self.config.place != Place::Web || users == 0 {
            return;
        }
        let jumped_back = self.skew_ms < self.config.skew_ms;
        // A token may be over before the tabs that wait for it see it.
        let outlives = self.config.lifetime_ms > 4 * self.config.visibility_ms;
        if alive && outlives {
            for req in first..self.reqs.len() {
                let (tab, outcome, status) = (self.reqs[req].tab, self.reqs[req].outcome, self.reqs[req].status);
                let tried = self.config.max_replays > 0 || (expired && !jumped_back);
                if self.reqs[req].kind == (Kind::Fetch { replayable: true })
                    && tried
                    && (outcome != Some(Outcome::Response) || status != 200)
                {
                    self.log(tab, |_| format!("call {req} got {status}"));
                    self.breach(tab, "the servers are well again, and a call still fails");
                }
            }
            let now = self.server.refreshes - refreshes;
            if expired && !jumped_back && now != 1 {
                self.breach(0, "G1: several tabs woke from a long sleep, and it was not exactly one refresh");
            }
        }
        for tab in 0..self.tabs.len() {
            if self.is_awake(tab) {
                self.look(tab, false, None);
            }
        }
    }
}
