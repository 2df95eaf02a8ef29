//! The invariants of a call, and of what a tab looks like after each input.

use relatch_engine::Outcome;

use crate::server::Tok;
use crate::world::{Kind, Req, World};

impl World {
    pub fn check_send(&mut self, tab: usize, req: usize, token: Option<Tok>) {
        let Req { sends, family, waiting_since_ms, held_ms, outcome, .. } = self.reqs[req];
        if waiting_since_ms.is_some() {
            let watch = &self.watch.tabs[tab];
            self.reqs[req].asked = Some((watch.started_ms, token.is_some() && watch.landed_at_ms == self.now_ms));
        }
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
        let gave_up = waiting_since_ms.is_some_and(|since| now.mono_ms + held_ms >= since + max_wait_ms);
        let may_refresh = engine.retry_in_ms(now) == 0 && engine.record().is_some_and(|r| r.refresh.is_some());
        if may_refresh && !gave_up {
            self.breach(tab, "S5: a request is sent with a token known to be bad although a refresh may start");
        }
    }

    pub fn check_wait(&mut self, tab: usize, req: usize) {
        let Req { kind, sends, held_ms, .. } = self.reqs[req];
        let latest = (self.mono_ms() + self.policy.max_wait_ms).saturating_sub(held_ms);
        if self.engine(tab).deadline().is_some_and(|at| at > latest) {
            self.breach(tab, "S5: a call that was held before is held as long as if it had not been");
        }
        if self.is_loading(tab) {
            return;
        }
        let doubtful = self.watch.tabs[tab].doubtful;
        let is_doubtful = self.engine(tab).access() == Some(&doubtful);
        if kind == (Kind::Fetch { replayable: true }) && sends == 0 && self.is_good(tab) && !is_doubtful {
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
        let (mono, now) = (self.mono_ms(), self.now());
        let is_over = |world: &mut World| {
            world.tabs[tab].engine.is_some() && world.engine(tab).deadline().is_some_and(|at| at <= mono)
        };
        if is_over(self) {
            // A call that this input let go, and that waits for the next flight with no time left: its timer is at once.
            self.engine(tab).handle_timeout(now);
            self.pump(tab);
        }
        if is_over(self) {
            self.breach(tab, "G3, S5: a deadline is over and nothing came of it");
        }
    }

    /// After a look into the store, the tab's session is that of the tab's own copy.
    pub fn check_look(&mut self, tab: usize) {
        if self.config.store_fails || self.is_loading(tab) || self.tabs[tab].closed {
            return;
        }
        let theirs = self.tabs[tab].area.value.record().map(|r| (r.epoch, r.generation));
        let ours = self.engine(tab).record().map(|r| (r.epoch, r.generation));
        // It may know from the mark that this one is over, before the store shows what followed.
        let knows_better = ours.is_none() && self.has_ended(theirs.map(|(epoch, _)| epoch));
        if ours != theirs && !knows_better {
            self.breach(tab, "a tab that looked into the store goes on with another session, or an older generation");
        }
    }
}
