//! How a flight ends: what it brought is confirmed, committed and written, or it fails (G4…G8).

use super::Engine;
use super::refreshing::NO_ANSWER;
use crate::error::Code;
use crate::event::{Effect, Event};
use crate::flight::{Failure, Grant, Landing, Stage};
use crate::policy::ENDED;
use crate::sabotage::Rule;
use crate::session::{Record, Stored, Token};

impl<T: Token> Engine<T> {
    pub(super) fn confirm_tokens(&mut self, grant: Grant<T>, stored: Stored<T>) {
        let stored = if self.drops(Rule::G5) { Stored::Unavailable } else { stored };
        match stored {
            // Landing in another epoch: discarded (G5).
            Stored::Record(theirs) if !self.is_same_epoch(&theirs) => self.take_over(theirs),
            Stored::Record(theirs)
                if self.is_ahead(&theirs)
                    && !theirs.is_expired(self.now.wall_ms)
                    && !self.outdates_refresh(&grant, &theirs) =>
            {
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
    pub(super) fn confirm_end(&mut self, failure: Failure, stored: Stored<T>) {
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
                let removes =
                    matches!(stored, Stored::Record(theirs) if theirs.refresh == sent || self.drops(Rule::G6Compare));
                if removes {
                    self.mark_ended();
                    self.push(Effect::Remove);
                }
                self.dispatch(Event::Expired { status: failure.status });
                let ended = self.ended;
                self.begin_epoch(None, Code::SessionExpired);
                if !removes {
                    // The session is over here; nothing is known to have followed its record in the store.
                    self.ended = ended;
                }
            }
        }
    }

    /// G4: a usable access token is not blank, not the one that was rejected, and not dead on arrival.
    pub(super) fn is_success(&self, grant: &Grant<T>) -> bool {
        let rejected = self.session.rejected && self.session.access() == Some(&grant.access);
        (!grant.access.is_blank() && !rejected && grant.lifetime_ms != Some(0)) || self.drops(Rule::G4Usable)
    }

    /// Did the server rotate? Then the old refresh token is void whatever the access token is worth.
    pub(super) fn brings_refresh(&self, grant: &Grant<T>) -> bool {
        let sent = self.flight.as_ref().and_then(|f| f.sent.as_ref());
        grant.refresh.as_ref().is_some_and(|t| !t.is_blank() && Some(t) != sent)
    }

    /// Did this answer replace the very refresh token that the other tab's record still has? Then that record is void.
    fn outdates_refresh(&self, grant: &Grant<T>, theirs: &Record<T>) -> bool {
        let sent = self.flight.as_ref().and_then(|f| f.sent.as_ref());
        theirs.refresh.as_ref() == sent && self.brings_refresh(grant)
    }

    /// G5: memory, then the store, then those who wait.
    /// `None`: in memory only.
    fn commit(&mut self, grant: Grant<T>, stored_generation: Option<u32>) {
        let success = self.is_success(&grant);
        let (Some(flight), Some(old)) = (self.flight.as_ref(), self.session.record.as_ref()) else {
            return;
        };
        let id = flight.id;
        if old.is_of_another(grant.subject) && !self.drops(Rule::G9) {
            // G9: such as of whoever signed in over the same cookie. Without a new refresh token the old one stays: it
            // may be no more than the cookie's name.
            let refresh = grant.refresh.or_else(|| old.refresh.clone());
            return self.sign_in(Grant { refresh, ..grant });
        }
        let mut record = old.clone();
        if grant.subject != 0 {
            record.subject = grant.subject;
        }
        // Above a mark that was given up, too, or the store would be behind it for ever.
        let mark = flight.mark.filter(|mark| *mark != ENDED).unwrap_or_default();
        record.generation = old.generation.max(stored_generation.unwrap_or_default()).max(mark).saturating_add(1);
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

    pub(super) fn land_refreshed(&mut self) {
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

    pub(super) fn land(&mut self, landing: Landing) {
        if let Some(flight) = self.flight.take()
            && !self.drops(Rule::G1Unlock)
        {
            self.unlock(&flight);
        }
        if self.drops(Rule::G8) && matches!(landing, Landing::Failed(_)) {
            return;
        }
        self.calls.release_all(landing);
    }

    /// G7: not now. Tokens are kept, waiters get their own 401, nobody tries again before the backoff is over.
    pub(super) fn fail(&mut self, failure: Failure, code: Code) {
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
