//! The flight, stage by stage (G1…G8): lock → read → call → confirm → write → land.

use super::Engine;
use crate::core::error::Code;
use crate::core::event::{Effect, Event};
use crate::core::expiry::{Now, Span};
use crate::core::flight::{Answer, Failure, Flight, FlightId, Grant, Landing, Reason, Stage};
use crate::core::session::{Record, Stored, Token};

/// Why a flight's stage went wrong without the auth server having a part in it.
const NO_ANSWER: Failure = Failure { terminal: false, status: 0, retry_after_ms: None };

impl<T: Token> Engine<T> {
    /// Makes sure that a flight is in progress: joins the one there is, or starts it. `Err` says why none may start.
    pub(super) fn want_flight(&mut self, reason: Reason) -> Result<(), Code> {
        if self.flight.is_some() {
            return Ok(()); // G1: one per session
        }
        if self.closed {
            return Err(Code::Closed);
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
        if !self.guard.start(mono, self.session.has_earned_refresh(self.now.wall_ms)) {
            let code = Code::RefreshRateLimited;
            self.tell(Event::Failed { code, status: 0, retry_in_ms: self.guard.left_ms(mono) });
            return Err(code);
        }
        self.flights = self.flights.wrapping_add(1);
        let id = FlightId(self.flights);
        let locked = self.policy.shared;
        let (stage, wait, effect) = if locked {
            (Stage::Locking, self.policy.lock_wait_ms, Effect::Lock { flight: id })
        } else {
            (Stage::Reading, self.policy.refresh_timeout_ms, Effect::Read { flight: Some(id) })
        };
        self.flight = Some(Flight {
            id,
            reason,
            stage,
            deadline: Span::new(mono, wait),
            started_mono_ms: mono,
            base_generation: 0,
            sent: None,
            sent_wall_ms: 0,
            locked,
        });
        self.push(effect);
        Ok(())
    }

    /// The origin's lock was granted, or could not be had.
    pub fn handle_lock(&mut self, id: FlightId, granted: bool, now: Now) {
        self.now = now;
        if !self.is_at(id, |s| *s == Stage::Locking) {
            return;
        }
        if !granted {
            return self.fail(NO_ANSWER, Code::LockTimeout);
        }
        self.enter(Stage::Reading);
        self.push(Effect::Read { flight: Some(id) });
    }

    /// What the store holds: the first look and, later, a change by another hand (`None`), or a flight's look.
    pub fn handle_read(&mut self, flight: Option<FlightId>, stored: Stored<T>, now: Now) {
        self.now = now;
        let Some(id) = flight else {
            return self.observe(stored);
        };
        let Some(flight) = self.flight.as_mut().filter(|f| f.id == id) else {
            return;
        };
        match std::mem::replace(&mut flight.stage, Stage::Reading) {
            Stage::Reading => self.read_under_lock(stored),
            Stage::Confirming(Answer::Tokens(grant)) => self.confirm_tokens(grant, stored),
            Stage::Confirming(Answer::Failed(failure)) => self.confirm_end(failure, stored),
            other => flight.stage = other,
        }
    }

    /// The auth server, or the caller's own refresh function, answered.
    pub fn handle_answer(&mut self, id: FlightId, answer: Answer<T>, now: Now) {
        self.now = now;
        if !self.is_at(id, |s| *s == Stage::Calling) {
            return;
        }
        let rejected = if self.session.rejected { self.session.access() } else { None };
        let answer = match answer {
            Answer::Tokens(grant) if !Flight::is_usable(&grant, rejected) => {
                return self.fail(Failure { status: 200, ..NO_ANSWER }, Code::RefreshFailed); // G4, G7
            }
            Answer::Failed(failure) if !failure.terminal => {
                return self.fail(failure, Code::RefreshFailed);
            }
            answer => answer,
        };
        // Between call and commit another hand may have logged out or in: look before anything is written (G5, G6).
        self.enter(Stage::Confirming(answer));
        self.push(Effect::Read { flight: Some(id) });
    }

    /// A write has been done. A session whose write failed goes on in memory.
    pub fn handle_written(&mut self, flight: Option<FlightId>, ok: bool, now: Now) {
        self.now = now;
        self.session.detached = !ok;
        if !ok {
            self.tell(Event::Failed { code: Code::StorageFailed, status: 0, retry_in_ms: 0 });
        }
        if flight.is_some_and(|id| self.is_at(id, |s| *s == Stage::Writing)) {
            self.land_refreshed();
        }
    }

    /// The page became visible or came online: the windows are looked at, without a polling timer.
    pub fn handle_wake(&mut self, online: bool, now: Now) {
        self.now = now;
        if online {
            self.guard.woken();
        }
        if self.loaded && !self.closed && self.session.can_refresh() && !self.session.is_plainly_fresh(now.wall_ms) {
            let usable = self.session.is_usable(now.wall_ms);
            // Nobody asked, so nobody is told if it may not start.
            let _ = self.want_flight(if usable { Reason::Advisory } else { Reason::Expired });
        }
    }

    pub(super) fn time_out_flight(&mut self) {
        let mono = self.now.mono_ms;
        let Some(flight) = self.flight.as_mut().filter(|f| f.deadline.is_over(mono)) else {
            return;
        };
        let id = flight.id;
        match std::mem::replace(&mut flight.stage, Stage::Writing) {
            Stage::Locking => self.fail(NO_ANSWER, Code::LockTimeout),
            Stage::Calling => {
                // The outcome is unknown: the server may have rotated. The next flight reads the store first (G7).
                self.push(Effect::AbortCall { flight: id });
                self.fail(NO_ANSWER, Code::RefreshTimeout);
            }
            // A store that does not answer is a store that is not there.
            Stage::Reading => self.read_under_lock(Stored::Unavailable),
            Stage::Confirming(Answer::Tokens(grant)) => self.confirm_tokens(grant, Stored::Unavailable),
            Stage::Confirming(Answer::Failed(failure)) => self.confirm_end(failure, Stored::Unavailable),
            Stage::Writing => {
                self.session.detached = true;
                self.land_refreshed();
            }
        }
    }

    fn is_at(&self, id: FlightId, stage: impl Fn(&Stage<T>) -> bool) -> bool {
        self.flight.as_ref().is_some_and(|f| f.id == id && stage(&f.stage))
    }

    /// The next stage, with a deadline of its own.
    fn enter(&mut self, stage: Stage<T>) {
        let deadline = Span::new(self.now.mono_ms, self.policy.refresh_timeout_ms);
        if let Some(flight) = self.flight.as_mut() {
            flight.stage = stage;
            flight.deadline = deadline;
        }
    }

    /// G1: re-read under the lock. If another tab moved on, adopt, call nothing.
    fn read_under_lock(&mut self, stored: Stored<T>) {
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
            Stored::Absent if !self.session.detached => return self.signed_out_elsewhere(),
            Stored::Unreadable if !self.session.detached => return self.store_is_corrupt(),
            _ => {}
        }
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
        self.push(Effect::Call { flight: id, refresh, reason });
    }

    fn confirm_tokens(&mut self, grant: Grant<T>, stored: Stored<T>) {
        match stored {
            // Landing in another epoch: discarded (G5).
            Stored::Record(theirs) if !self.is_same_epoch(&theirs) => self.take_over(theirs),
            Stored::Record(theirs) if self.is_ahead(&theirs) && !theirs.is_expired(self.now.wall_ms) => {
                if self.is_news(&theirs) {
                    self.adopt(theirs);
                }
                self.land(Landing::Renewed);
            }
            Stored::Absent if !self.session.detached => self.signed_out_elsewhere(),
            Stored::Unreadable if !self.session.detached => self.store_is_corrupt(),
            Stored::Record(theirs) => self.commit(grant, theirs.generation),
            Stored::Absent | Stored::Unreadable | Stored::Unavailable => self.commit(grant, 0),
        }
    }

    /// G6: the auth server ended the session. Believed only if the store still holds the token that was sent.
    fn confirm_end(&mut self, failure: Failure, stored: Stored<T>) {
        let sent = self.flight.as_ref().and_then(|f| f.sent.clone());
        match stored {
            Stored::Record(theirs) if !self.is_same_epoch(&theirs) => self.take_over(theirs),
            Stored::Record(theirs) if theirs.refresh != sent && !self.session.detached => {
                if self.is_news(&theirs) {
                    self.adopt(theirs);
                }
                if self.session.is_usable(self.now.wall_ms) {
                    self.land(Landing::Renewed);
                } else {
                    self.fail(Failure { terminal: false, ..failure }, Code::RefreshFailed);
                }
            }
            Stored::Absent if !self.session.detached => self.signed_out_elsewhere(),
            Stored::Unreadable if !self.session.detached => self.store_is_corrupt(),
            stored => {
                if matches!(stored, Stored::Record(theirs) if theirs.refresh == sent) {
                    self.push(Effect::Remove);
                }
                self.tell(Event::Expired { status: failure.status });
                self.begin_epoch(None, Code::SessionExpired);
            }
        }
    }

    /// G5: memory, then the store, then those who wait.
    fn commit(&mut self, grant: Grant<T>, stored_generation: u32) {
        let (Some(flight), Some(old)) = (self.flight.as_ref(), self.session.record.as_ref()) else {
            return;
        };
        let (id, obtained_at_ms) = (flight.id, flight.sent_wall_ms.min(self.now.wall_ms));
        let record = Record {
            epoch: old.epoch,
            generation: old.generation.max(stored_generation).saturating_add(1),
            access: Some(grant.access),
            // G4: no refresh token in the answer, the old one stays.
            refresh: grant.refresh.filter(|t| !t.is_blank()).or_else(|| old.refresh.clone()),
            obtained_at_ms,
            lifetime_ms: grant.lifetime_ms,
        };
        self.session.replace(Some(record.clone()));
        self.session.refreshed = true;
        self.guard.succeeded();
        self.enter(Stage::Writing);
        self.push(Effect::Write { flight: Some(id), record });
    }

    fn land_refreshed(&mut self) {
        if let (Some(flight), Some(record)) = (self.flight.as_ref(), self.session.record.as_ref()) {
            let event = Event::Refreshed {
                generation: record.generation,
                reason: flight.reason,
                duration_ms: self.now.mono_ms.saturating_sub(flight.started_mono_ms),
                waiting: self.calls.waiting(),
            };
            self.tell(event);
        }
        self.land(Landing::Renewed);
    }

    fn land(&mut self, landing: Landing) {
        if let Some(flight) = self.flight.take()
            && flight.locked
        {
            self.push(Effect::Unlock { flight: flight.id });
        }
        self.calls.release_all(landing);
    }

    /// G7: not now. Tokens are kept, waiters get their own 401, nobody tries again before the backoff is over.
    fn fail(&mut self, failure: Failure, code: Code) {
        let mono = self.now.mono_ms;
        self.guard.failed(mono, failure.retry_after_ms, &mut self.jitter);
        let retry_in_ms = self.guard.left_ms(mono);
        self.tell(Event::Failed { code, status: failure.status, retry_in_ms });
        self.land(Landing::Failed(code));
    }

    /// Did another tab commit after the generation that this flight started from?
    fn is_ahead(&self, theirs: &Record<T>) -> bool {
        self.flight.as_ref().is_some_and(|f| theirs.generation > f.base_generation)
    }
}
