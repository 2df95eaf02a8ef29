//! The flight, stage by stage (G1…G8): lock → read → call → confirm → write → land.

use super::Engine;
use crate::error::Code;
use crate::event::{Effect, Event};
use crate::expiry::{Now, Span};
use crate::flight::{Answer, Failure, Flight, FlightId, Grant, Landing, Reason, Stage};
use crate::sabotage::Rule;
use crate::session::{Record, Stored, Token};

/// Why a flight's stage went wrong without the auth server having a part in it.
const NO_ANSWER: Failure = Failure { terminal: false, status: 0, retry_after_ms: None };

impl<T: Token> Engine<T> {
    /// Makes sure that a flight is in progress: joins the one there is, or starts it. `Err` says why none may start.
    pub(super) fn want_flight(&mut self, reason: Reason) -> Result<(), Code> {
        if self.flight.is_some() && !self.drops(Rule::G1Single) {
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
        if !self.is_at(id, |s| matches!(s, Stage::Locking)) {
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
        if self.is_of_ended_epoch(&stored) {
            return self.push(Effect::Restore { flight });
        }
        self.handle_found(flight, stored);
    }

    /// [`Effect::Restore`] was carried out: this is what followed, and stands in the store if it could be written.
    pub fn handle_restored(&mut self, flight: Option<FlightId>, stored: Stored<T>, now: Now) {
        self.now = now;
        self.handle_found(flight, stored);
    }

    fn handle_found(&mut self, flight: Option<FlightId>, stored: Stored<T>) {
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
        if !self.is_at(id, |s| matches!(s, Stage::Calling)) {
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
        // Between call and commit another hand may have logged out or in: look before anything is written (G5, G6).
        self.enter(Stage::Confirming(answer));
        self.push(Effect::Read { flight: Some(id) });
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
        if flight.is_some_and(|id| self.is_at(id, |s| matches!(s, Stage::Writing))) {
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
        if self.drops(Rule::G3) {
            return;
        }
        let Some(flight) = self.flight.as_mut().filter(|f| f.deadline.is_over(mono)) else {
            return;
        };
        let id = flight.id;
        match std::mem::replace(&mut flight.stage, Stage::Writing) {
            Stage::Locking => self.fail(NO_ANSWER, Code::LockTimeout),
            Stage::Calling => {
                // The outcome is unknown: the server may have rotated. The next flight reads the store first (G7).
                self.push(Effect::AbortRefresh { flight: id });
                self.fail(NO_ANSWER, Code::RefreshTimeout);
            }
            // A store that does not answer is a store that is not there.
            Stage::Reading => self.read_under_lock(Stored::Unavailable),
            Stage::Confirming(Answer::Tokens(grant)) => self.confirm_tokens(grant, Stored::Unavailable),
            Stage::Confirming(Answer::Failed(failure)) => self.confirm_end(failure, Stored::Unavailable),
            Stage::Writing => self.land_refreshed(),
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

    fn confirm_tokens(&mut self, grant: Grant<T>, stored: Stored<T>) {
        let stored = if self.drops(Rule::G5) { Stored::Unavailable } else { stored };
        match stored {
            // Landing in another epoch: discarded (G5).
            Stored::Record(theirs) if !self.is_same_epoch(&theirs) => self.take_over(theirs),
            Stored::Record(theirs) if self.is_ahead(&theirs) && !theirs.is_expired(self.now.wall_ms) => {
                if self.is_news(&theirs) {
                    self.adopt(theirs);
                }
                self.land(Landing::Renewed);
            }
            Stored::Absent if !self.session.is_detached() => self.signed_out_elsewhere(),
            Stored::Unreadable if !self.session.is_detached() => self.store_is_corrupt(),
            Stored::Record(theirs) => self.commit(grant, Some(theirs.generation)),
            Stored::Absent | Stored::Unavailable => self.commit(grant, Some(0)),
            // A session in memory only does not write over what may be a newer version's.
            Stored::Unreadable => self.commit(grant, None),
        }
    }

    /// G6: the auth server ended the session. Believed only if the store still holds the token that was sent.
    fn confirm_end(&mut self, failure: Failure, stored: Stored<T>) {
        let sent = self.flight.as_ref().and_then(|f| f.sent.clone());
        match stored {
            Stored::Record(theirs) if !self.is_same_epoch(&theirs) && !self.drops(Rule::G6Compare) => {
                self.take_over(theirs);
            }
            Stored::Record(theirs)
                if theirs.refresh != sent
                    && self.flight.as_ref().is_some_and(|f| theirs.generation >= f.base_generation)
                    && !self.drops(Rule::G6Compare) =>
            {
                if self.is_news(&theirs) {
                    self.adopt(theirs);
                }
                if self.session.is_usable(self.now.wall_ms) {
                    self.land(Landing::Renewed);
                } else {
                    self.fail(Failure { terminal: false, ..failure }, Code::RefreshFailed);
                }
            }
            Stored::Absent if !self.session.is_detached() => self.signed_out_elsewhere(),
            Stored::Unreadable if !self.session.is_detached() => self.store_is_corrupt(),
            stored => {
                if matches!(stored, Stored::Record(theirs) if theirs.refresh == sent || self.drops(Rule::G6Compare)) {
                    self.push(Effect::Remove);
                }
                self.dispatch(Event::Expired { status: failure.status });
                self.begin_epoch(None, Code::SessionExpired);
            }
        }
    }

    /// G4: a usable access token is not blank, not the one that was rejected, and not dead on arrival.
    fn is_success(&self, grant: &Grant<T>) -> bool {
        let rejected = self.session.rejected && self.session.access() == Some(&grant.access);
        (!grant.access.is_blank() && !rejected && grant.lifetime_ms != Some(0)) || self.drops(Rule::G4Usable)
    }

    /// Did the server rotate? Then the old refresh token is void whatever the access token is worth.
    fn brings_refresh(&self, grant: &Grant<T>) -> bool {
        let sent = self.flight.as_ref().and_then(|f| f.sent.as_ref());
        grant.refresh.as_ref().is_some_and(|t| !t.is_blank() && Some(t) != sent)
    }

    /// G5: memory, then the store, then those who wait.
    /// `None`: in memory only.
    fn commit(&mut self, grant: Grant<T>, stored_generation: Option<u32>) {
        let success = self.is_success(&grant);
        let (Some(flight), Some(old)) = (self.flight.as_ref(), self.session.record.as_ref()) else {
            return;
        };
        let id = flight.id;
        let mut record = old.clone();
        record.generation = old.generation.max(stored_generation.unwrap_or_default()).saturating_add(1);
        // G4: no refresh token in the answer, the old one stays; a new one is kept even if the rest is worth nothing.
        if let Some(refresh) = grant.refresh.filter(|t| !t.is_blank()) {
            record.refresh = Some(refresh);
        } else if self.drops(Rule::G4Kept) {
            record.refresh = None;
        }
        if success {
            record.access = Some(grant.access);
            record.obtained_at_ms = flight.sent_wall_ms.min(self.now.wall_ms);
            record.lifetime_ms = grant.lifetime_ms;
            self.guard.succeeded();
        }
        let rejected = self.session.rejected && !success;
        self.session.replace(Some(record.clone()));
        self.session.rejected = rejected;
        self.session.refreshed = success;
        if stored_generation.is_none() {
            return self.land_refreshed();
        }
        self.enter(Stage::Writing);
        self.push(Effect::Write { flight: Some(id), record });
    }

    fn land_refreshed(&mut self) {
        if !self.session.refreshed {
            return self.fail(Failure { status: 200, ..NO_ANSWER }, Code::RefreshFailed); // G4, G7
        }
        let (Some(flight), Some(record)) = (self.flight.as_ref(), self.session.record.as_ref()) else {
            return;
        };
        let event = Event::Refreshed {
            generation: record.generation,
            reason: flight.reason,
            duration_ms: self.now.mono_ms.saturating_sub(flight.started_mono_ms),
            waiting: self.calls.waiting(),
        };
        // G1: listeners run without the lock.
        self.land(Landing::Renewed);
        self.dispatch(event);
    }

    fn land(&mut self, landing: Landing) {
        if let Some(flight) = self.flight.take() {
            self.give_lock_back(&flight);
        }
        if self.drops(Rule::G8) && matches!(landing, Landing::Failed(_)) {
            return;
        }
        self.calls.release_all(landing);
    }

    /// G7: not now. Tokens are kept, waiters get their own 401, nobody tries again before the backoff is over.
    fn fail(&mut self, failure: Failure, code: Code) {
        let mono = self.now.mono_ms;
        let named = failure.retry_after_ms.filter(|_| !self.drops(Rule::G7RetryAfter));
        if !self.drops(Rule::G7Backoff) {
            self.guard.failed(mono, named, &mut self.jitter);
        }
        let retry_in_ms = self.guard.left_ms(mono);
        self.land(Landing::Failed(code));
        self.dispatch(Event::Failed { code, status: failure.status, retry_in_ms });
    }

    /// Did another tab commit after the generation that this flight started from?
    fn is_ahead(&self, theirs: &Record<T>) -> bool {
        self.flight.as_ref().is_some_and(|f| theirs.generation > f.base_generation)
    }
}
