//! What is due happens: the steps of the schedule, and what comes of them.

use std::cmp::Reverse;

use relatch_engine::Record;

use crate::plan::{Place, Quirk, Step, VISIBILITY_IDLE_MS};
use crate::store::Raw;
use crate::world::{Due, Happening, Kind, World};

impl World {
    /// All that is due up to then.
    pub fn run_until(&mut self, at_ms: u64) {
        while self.due.peek().is_some_and(|Reverse(due)| due.at_ms <= at_ms) && self.watch.violation.is_none() {
            self.run_next();
        }
        self.now_ms = self.now_ms.max(at_ms);
    }

    pub fn run_next(&mut self) {
        let Some(Reverse(due)) = self.due.pop() else { return };
        self.now_ms = self.now_ms.max(due.at_ms);
        let Due { tab, life, .. } = due;
        match due.what {
            // What has left the tab goes on without it.
            Happening::ApiArrives { req, net, token } => self.api_arrives(tab, life, req, net, token),
            Happening::AuthArrives { flight, refresh, fault } => {
                self.auth_arrives(tab, life, flight, refresh, fault);
            }
            Happening::Ordered { raw, spent } => self.ordered(Some((tab, life)), raw, spent),
            // The answer goes to the life that asked.
            Happening::MarkArrives { epoch, generation } if self.tabs[tab].life == life => {
                self.mark_arrives(tab, epoch, generation);
            }
            Happening::MarkAsked { flight, epoch } if self.tabs[tab].life == life => {
                self.mark_asked(tab, flight, epoch);
            }
            Happening::RestoreAsked(restore) if self.tabs[tab].life == life => self.restore_asked(tab, restore),
            what => self.reach(Due { what, ..due }),
        }
    }

    /// For the tab, if it is there and awake.
    fn reach(&mut self, due: Due) {
        let Due { tab, life, .. } = due;
        if self.tabs[tab].life != life || self.tabs[tab].engine.is_none() {
            return;
        }
        if let Happening::Thaw = due.what {
            return self.thaw(tab);
        }
        if self.tabs[tab].frozen {
            return self.tabs[tab].backlog.push(due);
        }
        self.happen(tab, due.what);
    }

    pub fn happen(&mut self, tab: usize, what: Happening) {
        let now = self.now();
        match what {
            Happening::Seen(seen) => self.seen(tab, *seen),
            Happening::Release { flight } => return self.leave_lock(tab, Some(flight)),
            Happening::Granted { flight } => self.granted(tab, flight),
            Happening::MarkStored => return self.mark_stored(tab),
            Happening::Marked { flight, generation } => self.engine(tab).handle_mark(flight, generation, now),
            Happening::RestoreAnswered { restore, heir_mark, found_mark } => {
                self.restore_answered(tab, *restore, heir_mark, found_mark);
            }
            Happening::ApiAnswers { req, net, status } => self.api_answers(tab, req, net, status),
            Happening::AuthAnswers { flight, answer, late } => self.auth_answers(tab, flight, answer, late),
            what @ (Happening::OwnRead { .. }
            | Happening::OwnWrite { .. }
            | Happening::OwnRemove
            | Happening::OwnRestore { .. }
            | Happening::OwnSeek { .. }
            | Happening::OwnHung { .. }
            | Happening::OwnLate { .. }) => self.own_done(tab, what),
            Happening::Timer { number } => {
                if self.tabs[tab].timer != number {
                    return;
                }
                self.tabs[tab].armed = None;
                self.engine(tab).handle_timeout(now);
                self.pump(tab);
                self.check_deadline(tab);
                return;
            }
            Happening::Abort { req } => self.abort(tab, req),
            Happening::Thaw
            | Happening::Ordered { .. }
            | Happening::MarkArrives { .. }
            | Happening::MarkAsked { .. }
            | Happening::RestoreAsked(_)
            | Happening::ApiArrives { .. }
            | Happening::AuthArrives { .. } => {}
        }
        self.pump(tab);
    }

    pub fn take(&mut self, step: Step) {
        if matches!(step, Step::Login { .. } | Step::Logout { .. }) && self.config.visibility_ms > VISIBILITY_IDLE_MS {
            while self.is_changing() && self.watch.violation.is_none() {
                self.run_next();
            }
        }
        match step {
            Step::Fetch { tab, replayable, quirk, abort_after_ms } => {
                let req = self.fetch(tab, Kind::Fetch { replayable }, quirk);
                if let (Some(req), Some(ms)) = (req, abort_after_ms) {
                    self.schedule(ms, tab, Happening::Abort { req });
                }
            }
            Step::Short { tab, quirk } => self.short(tab, quirk),
            Step::Burst { tab, count } => {
                for _ in 0..count {
                    self.fetch(tab, Kind::Fetch { replayable: true }, Quirk::None);
                }
            }
            Step::Token { tab, min_validity_ms } => self.want_token(tab, min_validity_ms),
            Step::Refresh { tab } => self.want_refresh(tab),
            Step::Login { tab } => self.login(tab),
            Step::Logout { tab } => self.logout(tab),
            Step::Close { tab } => self.close(tab),
            Step::Die { tab } => self.die(tab),
            Step::Open { tab } => self.open_tab(tab),
            Step::Freeze { tab, ms } => {
                if self.is_awake(tab) {
                    self.log(tab, |_| format!("freezes for {ms} ms"));
                    self.tabs[tab].frozen = true;
                    self.tabs[tab].has_frozen = true;
                    self.schedule(ms, tab, Happening::Thaw);
                }
            }
            Step::Wake { tab, online } => self.wake(tab, online),
            Step::Leave { tab } => self.leave(tab),
            Step::Jump { ms } => {
                self.log(0, |_| format!("the wall clock jumps by {ms} ms"));
                self.skew_ms += ms;
            }
            Step::Sleep { ms, mono } => {
                // A sleep between a write and the tabs that see it shortens what the lock is kept for, on machines
                // whose timers go on meanwhile. Without marks the promise does not cover it.
                while !self.config.marks && self.is_spreading() && self.watch.violation.is_none() {
                    self.run_next();
                }
                self.log(0, |_| format!("the machine sleeps {ms} ms"));
                self.now_ms += ms;
                if !mono {
                    self.mono_lag_ms += ms;
                }
            }
            Step::Fault(fault) => self.faults.push_back(fault),
            Step::ApiRejects { all } => {
                self.log(0, |_| format!("the API rejects everything: {all}"));
                self.api_rejects = all;
            }
            Step::KillAccess => {
                self.log(0, |_| "the API stops accepting the tokens issued so far".to_owned());
                self.server.kill_access();
            }
            Step::RevokeFamily => {
                if let Some(refresh) = self.store.record().and_then(|r| r.refresh) {
                    self.log(0, |_| "the auth server revokes the session".to_owned());
                    self.server.revoke(refresh);
                }
            }
            Step::Quota { full } => self.quota_full = full,
            Step::Block { tab, on } => {
                self.tabs[tab].blocked = on;
                self.tabs[tab].was_blocked |= on;
            }
            Step::Garbage => self.tamper(Raw::Garbage),
            Step::ClearStore => self.tamper(Raw::Nothing),
            Step::TakeAccess => {
                if let Raw::Record(record) = self.store.clone() {
                    self.tamper(Raw::Record(Record { access: None, ..record }));
                }
            }
        }
    }

    /// The developer tools change the store: the tabs hear of it, too.
    pub fn tamper(&mut self, raw: Raw) {
        self.log(0, |_| format!("the developer tools put into the store: {raw:?}"));
        if self.config.place == Place::Web {
            self.ordered(None, raw, None);
        } else {
            self.store = raw;
        }
    }
}
