//! The mark (G1): what is linear across tabs says whether the store, which is not, shows what was committed last.

use super::Engine;
use super::refreshing::NO_ANSWER;
use crate::error::Code;
use crate::event::Effect;
use crate::expiry::Now;
use crate::flight::{Answer, FlightId, Stage};
use crate::policy::{BEHIND_LOOK_MS, BEHIND_LOOKS, ENDED, MARK_ASKS, MARK_MS};
use crate::sabotage::Rule;
use crate::session::Token;

impl<T: Token> Engine<T> {
    /// The mark of the epoch that [`Effect::ReadMark`] asked about; `None`: there is none, or it cannot be known.
    pub fn handle_mark(&mut self, id: FlightId, generation: Option<u32>, now: Now) {
        self.now = now;
        let mark = generation.unwrap_or_default();
        if self.is_at(id, Stage::Marking) {
            self.weigh_mark(mark);
        } else if self.is_at(id, Stage::Checking) {
            if mark == ENDED {
                // Landing in another epoch: discarded (G5). What followed has not arrived here yet.
                return self.signed_out_elsewhere();
            }
            self.confirm();
        }
    }

    /// The token call was answered: has a login or a logout in another tab ended the epoch?
    pub(super) fn check_mark(&mut self, answer: Answer<T>) {
        if let Some(flight) = self.flight.as_mut() {
            flight.answer = Some(answer);
        }
        if !self.read_mark(Stage::Checking, self.drops(Rule::G5Mark)) {
            self.confirm();
        }
    }

    /// False: nobody leaves marks for what this session goes by, because it is alone, or in memory only.
    fn read_mark(&mut self, stage: Stage, dropped: bool) -> bool {
        let (detached, epoch) = (self.session.is_detached(), self.epoch());
        let (Some(flight), Some(epoch)) = (self.flight.as_ref().filter(|f| f.locked), epoch) else {
            return false;
        };
        if detached || dropped {
            return false;
        }
        let id = flight.id;
        self.enter_for(stage, MARK_MS);
        self.push(Effect::ReadMark { flight: id, epoch });
        true
    }

    pub(super) fn confirm(&mut self) {
        self.enter(Stage::Confirming);
        let flight = self.flight.as_ref().map(|f| f.id);
        self.push(Effect::Read { flight });
    }

    /// Under the lock, with the store read and a refresh token to send: is the store as new as it should be?
    pub(super) fn ask_mark(&mut self) {
        let Some(flight) = self.flight.as_mut() else {
            return;
        };
        if let Some(mark) = flight.mark {
            return self.weigh_mark(mark);
        }
        flight.asks += 1;
        if flight.asks > MARK_ASKS || !self.read_mark(Stage::Marking, self.drops(Rule::G1Mark)) {
            self.call();
        }
    }

    pub(super) fn weigh_mark(&mut self, mark: u32) {
        let (given_up, record) = (self.given_up, self.session.record.as_ref());
        let (Some(flight), Some(record)) = (self.flight.as_mut(), record) else {
            return;
        };
        flight.mark = Some(mark);
        let missed = (record.epoch, mark);
        if mark <= record.generation || given_up == Some(missed) {
            return self.call();
        }
        // What was written is on its way here. A spent refresh token ends the session for everybody: send nothing.
        flight.looks += 1;
        if flight.looks <= BEHIND_LOOKS {
            return self.enter_for(Stage::Behind, BEHIND_LOOK_MS);
        }
        self.given_up = Some(missed);
        if mark == ENDED {
            // An ended epoch never comes back.
            self.push(Effect::Remove);
            return self.signed_out_elsewhere();
        }
        // Perhaps the tab died between mark and store. The outcome is unknown, and the next refresh asks the server.
        self.fail(NO_ANSWER, Code::RefreshTimeout);
    }

    /// Every so often while the store is behind: a `storage` event can be lost with a tab that sleeps.
    pub(super) fn look_again(&mut self) {
        let Some(id) = self.flight.as_ref().map(|f| f.id) else {
            return;
        };
        self.enter(Stage::Reading);
        self.push(Effect::Read { flight: Some(id) });
    }

    /// What the flight committed, whether or not the store took it: the record before is void.
    pub(super) fn leave_mark(&mut self) {
        let locked = self.flight.as_ref().is_some_and(|f| f.locked);
        if let Some(record) = self.session.record.as_ref().filter(|_| locked && !self.drops(Rule::G1Marks)) {
            let (epoch, generation) = (record.epoch, record.generation);
            self.push(Effect::Mark { epoch, generation });
        }
    }

    /// The epoch ends here, by a login, a logout or the server's word.
    pub(super) fn mark_ended(&mut self) {
        if let Some(epoch) = self.epoch().filter(|_| self.policy.shared && !self.drops(Rule::G1Marks)) {
            self.push(Effect::Mark { epoch, generation: ENDED });
        }
    }
}
