//! The flight, stage by stage (G1…G8): lock → read → mark → call → mark → confirm → write → land. The mark is in
//! `marking`, the last three are in `landing`.

use super::Engine;
use crate::error::Code;
use crate::event::{Effect, Event};
use crate::expiry::{Now, Span};
use crate::flight::{Answer, Failure, Flight, FlightId, Landing, Reason, Stage};
use crate::sabotage::Rule;
use crate::session::{Stored, Token};

/// Why a flight's stage went wrong without the auth server having a part in it.
pub(super) const NO_ANSWER: Failure = Failure { terminal: false, status: 0, retry_after_ms: None };

impl<T: Token> Engine<T> {
    /// Makes sure that a flight is in progress: joins the one there is, or starts it. `Err` says why none may start.
    pub(super) fn want_flight(&mut self, reason: Reason) -> Result<(), Code> {
        if self.flight.is_some() && !self.drops(Rule::G1Single) {
            return Ok(()); // G1: one per session
        }
        if self.closed {
            return Err(Code::Closed);
        }
        if reason == Reason::Advisory && self.leaving && !self.drops(Rule::S4Leaving) {
            return Err(Code::RefreshFailed); // S4: its answer might never be stored
        }
        if !self.session.can_refresh() {
            return Err(Code::SignedOut);
        }
        let mono = self.now.mono_ms;
        let refusal = match reason {
            Reason::Forced => self.guard.hard_refusal(mono),
            _ => self.guard.refusal(mono),
        };
        if let Some(code) = refusal {
            return Err(code);
        }
        let earned = self.session.has_earned_refresh(self.now.wall_ms) || self.drops(Rule::G2Starts);
        if !self.guard.start(mono, earned) {
            let code = Code::RefreshRateLimited;
            self.dispatch(Event::Failed { code, status: 0, retry_in_ms: self.guard.left_ms(mono) });
            return Err(code);
        }
        self.flights = self.flights.wrapping_add(1);
        let id = FlightId(self.flights);
        let locked = self.policy.shared && !self.drops(Rule::G1Lock);
        let (stage, wait, effect) = if locked {
            (Stage::Locking, self.policy.lock_wait_ms, Effect::Lock { flight: id })
        } else {
            (Stage::Reading, self.policy.refresh_timeout_ms, Effect::Read { flight: Some(id) })
        };
        self.flight = Some(Flight {
            id,
            reason,
            stage,
            answer: None,
            deadline: Span::new(mono, wait),
            started_mono_ms: mono,
            base_generation: 0,
            sent: None,
            sent_wall_ms: 0,
            locked,
            mark: None,
            asks: 0,
            looks: 0,
        });
        self.push(effect);
        Ok(())
    }

    /// The origin's lock was granted, or could not be had.
    pub fn handle_lock(&mut self, id: FlightId, granted: bool, now: Now) {
        self.now = now;
        if !self.is_at(id, Stage::Locking) {
            return;
        }
        if !granted {
            return self.fail(NO_ANSWER, Code::LockTimeout);
        }
        self.enter(Stage::Reading);
        self.push(Effect::Read { flight: Some(id) });
    }

    /// What the store holds: the first look and, later, a change by another tab or the developer tools (`None`), or a
    /// flight's look. If a slow tab wrote it after its session was over, the answer is [`Effect::Restore`], and the
    /// look counts only when [`Engine::handle_restored`] says what the store holds then.
    pub fn handle_read(&mut self, flight: Option<FlightId>, stored: Stored<T>, now: Now) {
        if self.is_late(flight, &stored) {
            self.now = now;
            return match flight {
                None if self.epoch() != self.ended && self.session.stored && self.session.record.is_some() => {
                    self.defend(stored);
                }
                _ => self.push(Effect::Restore { flight, record: None }),
            };
        }
        self.handle_restored(flight, stored, now);
    }

    /// What was put back into the store for [`Effect::Restore`]: from now on this is what the look found. It is
    /// believed even if it is a record of the epoch that ended, so that two tabs never undo each other's writes in
    /// turn.
    pub fn handle_restored(&mut self, flight: Option<FlightId>, stored: Stored<T>, now: Now) {
        self.now = now;
        self.take_read(flight, stored);
        // A session that lives on after all has not ended: what other tabs write for it is not to be undone.
        self.ended = self.ended.filter(|epoch| Some(*epoch) != self.epoch());
    }

    fn take_read(&mut self, flight: Option<FlightId>, stored: Stored<T>) {
        let Some(id) = flight else {
            return self.observe(stored);
        };
        if self.is_at(id, Stage::Reading) {
            self.read_under_lock(stored);
        } else if self.is_at(id, Stage::Confirming) {
            self.confirm_answer(stored);
        }
    }

    fn confirm_answer(&mut self, stored: Stored<T>) {
        match self.flight.as_mut().and_then(|f| f.answer.take()) {
            Some(Answer::Tokens(grant)) => self.confirm_tokens(grant, stored),
            Some(Answer::Failed(failure)) => self.confirm_end(failure, stored),
            None => {}
        }
    }

    /// The auth server, or the caller's own refresh function, answered.
    pub fn handle_answer(&mut self, id: FlightId, answer: Answer<T>, now: Now) {
        self.now = now;
        if !self.is_at(id, Stage::Calling) {
            return;
        }
        let answer = match answer {
            Answer::Tokens(grant) if !self.is_success(&grant) && !self.brings_refresh(&grant) => {
                return self.fail(Failure { status: 200, ..NO_ANSWER }, Code::RefreshFailed); // G4, G7
            }
            Answer::Failed(failure) if !failure.terminal && !self.drops(Rule::G6Terminal) => {
                return self.fail(failure, Code::RefreshFailed);
            }
            answer => answer,
        };
        // Between call and commit another tab may have logged out or in: look before anything is written (G5, G6).
        self.check_mark(answer);
    }

    /// A write has been done. A session whose write failed goes on in memory.
    pub fn handle_written(&mut self, flight: Option<FlightId>, ok: bool, now: Now) {
        self.now = now;
        self.session.stored |= ok;
        if !ok {
            // What the store still holds is void: a rotated token, which another tab would spend again, or the session
            // that this login ended, which the next refresh would take for another tab's login. It goes.
            let sent = self.flight.as_ref().and_then(|f| f.sent.as_ref());
            if flight.is_none() || self.session.record.as_ref().is_some_and(|r| r.refresh.as_ref() != sent) {
                self.session.stored = false;
                self.push(Effect::Remove);
            }
            self.dispatch(Event::Failed { code: Code::StorageFailed, status: 0, retry_in_ms: 0 });
        }
        if flight.is_some_and(|id| self.is_at(id, Stage::Writing)) {
            self.leave_mark();
            self.land_refreshed();
        }
    }

    /// The page became visible or came online: the windows are looked at, without a polling timer.
    pub fn handle_wake(&mut self, online: bool, now: Now) {
        self.now = now;
        if online {
            self.guard.woken();
        } else {
            self.leaving = false;
        }
        if self.loaded
            && !self.closed
            && !self.leaving
            && self.session.can_refresh()
            && !self.session.is_plainly_fresh(now.wall_ms)
        {
            let usable = self.session.is_usable(now.wall_ms);
            // Nobody asked, so nobody hears if it may not start.
            let _ = self.want_flight(if usable { Reason::Advisory } else { Reason::Expired });
        }
    }

    /// The page is on its way out (`pagehide`), until it becomes visible again.
    pub fn handle_leaving(&mut self) {
        self.leaving = true;
    }

    pub(super) fn time_out_flight(&mut self) {
        let mono = self.now.mono_ms;
        if self.drops(Rule::G3) {
            return;
        }
        let Some(flight) = self.flight.as_mut().filter(|f| f.deadline.is_over(mono)) else {
            return;
        };
        let id = flight.id;
        match flight.stage {
            Stage::Locking => self.fail(NO_ANSWER, Code::LockTimeout),
            Stage::Calling => {
                // The outcome is unknown: the server may have rotated. The next flight reads the store first (G7).
                self.push(Effect::AbortRefresh { flight: id });
                self.fail(NO_ANSWER, Code::RefreshTimeout);
            }
            Stage::Marking => self.ask_mark(),
            Stage::Checking => self.confirm(),
            Stage::Behind => self.look_again(),
            // A store that does not answer is a store that is not there.
            Stage::Reading => self.read_under_lock(Stored::Unavailable),
            Stage::Confirming => self.confirm_answer(Stored::Unavailable),
            Stage::Writing => self.land_refreshed(),
        }
    }

    pub(super) fn is_at(&self, id: FlightId, stage: Stage) -> bool {
        self.flight.as_ref().is_some_and(|f| f.id == id && f.stage == stage)
    }

    /// The next stage, with a deadline of its own.
    pub(super) fn enter(&mut self, stage: Stage) {
        self.enter_for(stage, self.policy.refresh_timeout_ms);
    }

    pub(super) fn enter_for(&mut self, stage: Stage, ms: u64) {
        let deadline = Span::new(self.now.mono_ms, ms);
        if let Some(flight) = self.flight.as_mut() {
            flight.stage = stage;
            flight.deadline = deadline;
        }
    }

    /// G1: re-read under the lock. If another tab moved on, adopt, call nothing.
    fn read_under_lock(&mut self, stored: Stored<T>) {
        let stored = if self.drops(Rule::G1Read) { Stored::Unavailable } else { stored };
        match stored {
            Stored::Record(theirs) if !self.is_same_epoch(&theirs) => {
                return self.take_over(theirs);
            }
            Stored::Record(theirs) if self.is_news(&theirs) => {
                self.adopt(theirs);
                if self.session.is_usable(self.now.wall_ms) {
                    return self.land(Landing::Renewed);
                }
            }
            Stored::Absent if !self.session.is_detached() => return self.signed_out_elsewhere(),
            Stored::Unreadable if !self.session.is_detached() => return self.store_is_corrupt(),
            _ => {}
        }
        if self.session.record.as_ref().is_none_or(|r| r.refresh.is_none()) {
            return self.fail(NO_ANSWER, Code::SignedOut);
        }
        self.ask_mark();
    }

    /// Nothing is in the way: the refresh token is sent.
    pub(super) fn call(&mut self) {
        let Some((refresh, generation)) =
            self.session.record.as_ref().and_then(|r| Some((r.refresh.clone()?, r.generation)))
        else {
            return self.fail(NO_ANSWER, Code::SignedOut);
        };
        let wall = self.now.wall_ms;
        self.enter(Stage::Calling);
        let Some(flight) = self.flight.as_mut() else {
            return;
        };
        flight.base_generation = generation;
        flight.sent = Some(refresh.clone());
        flight.sent_wall_ms = wall;
        let (id, reason) = (flight.id, flight.reason);
        self.push(Effect::Refresh { flight: id, refresh, reason });
    }
}
