//! What changes the session from outside a flight: the first look into the store, login, logout, other tabs.

use super::Engine;
use crate::error::Code;
use crate::event::{Change, Effect, Event};
use crate::expiry::Now;
use crate::flight::{FlightId, Grant, Landing, Stage};
use crate::guard::Guard;
use crate::routes::Routes;
use crate::sabotage::Rule;
use crate::session::{Record, Stamp, Stored, Token};

impl<T: Token> Engine<T> {
    /// A login: a new epoch. Whatever is under way for the old one can neither use nor overwrite it. A blank refresh
    /// token is none; the caller has seen to it that the access token is not blank.
    pub fn set_tokens(&mut self, grant: Grant<T>, now: Now) {
        self.now = now;
        self.sign_in(grant);
    }

    /// A new epoch with these tokens.
    pub(super) fn sign_in(&mut self, grant: Grant<T>) {
        let now = self.now;
        let old = self.epoch();
        let mut epoch = self.jitter.next() as u32;
        if Some(epoch) == old {
            epoch = epoch.wrapping_add(1);
        }
        let record = Record {
            epoch,
            generation: 1,
            access: Some(grant.access),
            refresh: grant.refresh.filter(|t| !t.is_blank()),
            obtained_at_ms: now.wall_ms,
            lifetime_ms: grant.lifetime_ms,
            subject: grant.subject,
        };
        self.loaded = true;
        self.guard = Guard::default(); // G2: a new login lifts the hold
        self.mark_ended();
        self.begin_epoch(Some(record.clone()), Code::SignedOut);
        self.push(Effect::Write { flight: None, record });
        self.dispatch(Event::Changed { change: Change::SignedIn });
    }

    /// A logout: the tokens are gone here and in the store, and nothing under way brings them back.
    pub fn clear(&mut self, now: Now) {
        self.now = now;
        self.loaded = true;
        self.mark_ended();
        self.begin_epoch(None, Code::SignedOut);
        self.push(Effect::Remove);
        self.dispatch(Event::Changed { change: Change::SignedOut });
    }

    /// No more calls. Those that wait are settled; a flight in progress still lands, or the rotated refresh token that
    /// it brings home would be lost.
    pub fn close(&mut self, now: Now) {
        self.now = now;
        self.closed = true;
        self.calls.release_all(Landing::Gone(Code::Closed));
    }

    /// The store was looked into for no flight: at the start, or because it changed.
    pub(super) fn observe(&mut self, stored: Stored<T>) {
        let first = std::mem::take(&mut self.looking);
        if first && self.loaded {
            return;
        }
        if first {
            self.loaded = true;
            match stored {
                // Not a new epoch: the calls that wait for this first look are this session's.
                Stored::Record(record) => {
                    self.session.replace(Some(record));
                    self.session.stored = true;
                }
                Stored::Absent => {}
                Stored::Unreadable => self.dispatch_store_failure(Code::StorageCorrupt),
                Stored::Unavailable => self.dispatch_store_failure(Code::StorageUnavailable),
            }
            self.calls.release_all(Landing::Loaded);
            return;
        }
        match stored {
            Stored::Record(theirs) if !self.is_same_epoch(&theirs) => self.take_over(theirs),
            Stored::Record(theirs) => {
                if self.is_news(&theirs) {
                    self.adopt(theirs);
                    self.stop_waiting_if_usable();
                } else {
                    self.renew_store(&theirs);
                }
            }
            // Without a store that follows, its emptiness says nothing.
            _ if self.session.is_detached() => {}
            Stored::Absent => {
                if self.session.record.is_some() && !self.drops(Rule::Follow) {
                    self.signed_out_elsewhere();
                }
            }
            Stored::Unreadable => self.store_is_corrupt(),
            Stored::Unavailable => self.dispatch_store_failure(Code::StorageUnavailable),
        }
    }

    /// G5: a slow tab has put an older generation, whose refresh token is spent, over what this tab has seen there.
    fn renew_store(&mut self, theirs: &Record<T>) {
        if let Some(ours) = self.session.record.as_ref().filter(|ours| ours.generation > theirs.generation)
            && !self.session.is_detached()
            && !self.drops(Rule::G5Newest)
        {
            let record = Some(ours.clone());
            self.push(Effect::Restore { flight: None, record });
        }
    }

    pub(super) fn epoch(&self) -> Option<u32> {
        self.session.record.as_ref().map(|r| r.epoch)
    }

    /// Tokens of another user are of another epoch, even if a tab that does not know the rule wrote them into this
    /// one's record (G9).
    pub(super) fn is_same_epoch(&self, theirs: &Record<T>) -> bool {
        let is_of_another = |r: &Record<T>| r.is_of_another(theirs.subject) && !self.drops(Rule::G9);
        self.session.record.as_ref().is_some_and(|r| r.epoch == theirs.epoch && !is_of_another(r))
    }

    /// Is the stored record of this epoch newer than, or otherwise not, what memory holds? An older generation is an
    /// echo of the past.
    pub(super) fn is_news(&self, theirs: &Record<T>) -> bool {
        self.session.record.as_ref().is_some_and(|ours| {
            theirs.generation > ours.generation
                || (theirs.generation == ours.generation
                    && (theirs.access != ours.access || theirs.refresh != ours.refresh))
        })
    }

    /// Takes over a newer record of the same epoch: another tab refreshed, or somebody edited the store.
    pub(super) fn adopt(&mut self, theirs: Record<T>) {
        let same_access = self.session.access().is_some() && self.session.access() == theirs.access.as_ref();
        let still_rejected = self.session.rejected && same_access;
        let generation = theirs.generation;
        self.session.replace(Some(theirs));
        self.session.rejected = still_rejected;
        self.session.stored = true;
        self.dispatch(Event::Adopted { generation, change: Change::Tokens });
    }

    /// Another tab signed in, perhaps as another user.
    pub(super) fn take_over(&mut self, theirs: Record<T>) {
        let generation = theirs.generation;
        self.guard = Guard::default();
        self.begin_epoch(Some(theirs), Code::SignedOut);
        self.session.stored = true;
        self.dispatch(Event::Adopted { generation, change: Change::SignedIn });
    }

    pub(super) fn signed_out_elsewhere(&mut self) {
        self.begin_epoch(None, Code::SignedOut);
        self.dispatch(Event::Adopted { generation: 0, change: Change::SignedOut });
    }

    pub(super) fn store_is_corrupt(&mut self) {
        self.begin_epoch(None, Code::SignedOut);
        self.dispatch_store_failure(Code::StorageCorrupt);
    }

    /// The browser says that one record followed another in the store: the epochs of both, `None` for what is no
    /// record. Another tab has ended the first, even if this one does not find its successor, because it has written
    /// over it. Call it before the look that such an event calls for. What [`Effect::Restore`] then puts back is what
    /// followed, even a late record: of two logins at once, all tabs must take the one that the store keeps.
    pub fn handle_replaced(&mut self, before: Option<u32>, after: Option<u32>) {
        // A record of the ended epoch that follows another is a slow tab's; whoever wrote it replaces it.
        let late = after.is_some() && after == self.ended;
        // That its own session is over a tab keeps in mind until it has another.
        let known = self.ended.is_some() && self.ended == self.epoch();
        if before.is_some() && before != after && !late && !known {
            self.ended = before;
        }
    }

    /// Is this a record of an epoch that is known to have ended (G5)? The store has no compare-and-set: a tab that has
    /// not yet heard of a logout or a login writes what it refreshed over it. That tab may be this one.
    pub(super) fn is_late(&self, flight: Option<FlightId>, stored: &Stored<T>) -> bool {
        // The first look of a session that a login has overtaken says nothing anyway. A flight of a session that has
        // ended is there only if the look that should have told failed: then there is nothing better to put back.
        let trusted = if flight.is_none() { self.looking } else { self.ended == self.epoch() };
        let late = matches!(stored, Stored::Record(theirs) if Some(theirs.epoch) == self.ended);
        late && !trusted && !self.drops(Rule::G5Restore)
    }

    /// Everything of the old epoch ends here: its flight, and the waiting of its calls.
    pub(super) fn begin_epoch(&mut self, record: Option<Record<T>>, code: Code) {
        let old = self.epoch();
        if old.is_some() && old != record.as_ref().map(|r| r.epoch) {
            self.ended = old;
        }
        self.abandon_flight();
        self.routes = Routes::new(Stamp(0)); // A6: of other tokens nothing is known
        self.session.begin_epoch(record);
        self.calls.release_all(Landing::Gone(code));
    }

    fn stop_waiting_if_usable(&mut self) {
        if !self.session.is_usable(self.now.wall_ms) {
            return;
        }
        // A flight that has spent nothing yet has nothing left to do; one that has must land, for the store's sake.
        if self.flight.as_ref().is_some_and(|f| f.stage < Stage::Calling) {
            self.abandon_flight();
        }
        self.calls.release_all(Landing::Renewed);
    }

    fn dispatch_store_failure(&mut self, code: Code) {
        self.dispatch(Event::Failed { code, status: 0, retry_in_ms: 0 });
    }
}
