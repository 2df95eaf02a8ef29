//! Answers that come after their flight was given up (G7).

use super::Engine;
use crate::flight::{Answer, FlightId, Late, Reason};
use crate::sabotage::Rule;
use crate::session::Token;

impl<T: Token> Engine<T> {
    /// The token call has not answered in time. Should it do so before the session has other tokens, it still counts.
    pub(super) fn remember_call(&mut self) {
        if let (Some(flight), None) = (&self.flight, &self.session.late) {
            // Later calls send the same token again: any of their answers will do.
            self.session.late =
                Some(Box::new(Late { first: flight.id, sent_wall_ms: flight.sent_wall_ms, grant: None }));
        }
    }

    /// An answer that nobody waits for any more. A flight confirms it as it would its own. One that is under way with
    /// the same refresh token uses it if its own call brings nothing. A late failure says nothing new.
    pub(super) fn keep_late(&mut self, id: FlightId, answer: Answer<T>) {
        let Answer::Tokens(grant) = answer else {
            return;
        };
        let is_of_use = (self.is_success(&grant) || grant.refresh.is_some()) && !self.drops(Rule::G7Late);
        if let Some(late) = self.session.late.as_mut().filter(|late| is_of_use && late.first.0 <= id.0) {
            late.grant = Some(grant);
            if self.flight.is_none() {
                self.start(Reason::Expired); // it makes no call, so the guard has no say
            }
        }
    }

    /// Has this flight sent, or is it about to send, the token that a late answer replaces? Then that is confirmed.
    pub(super) fn take_late(&mut self) -> bool {
        let Some(flight) = self.flight.as_mut().filter(|f| f.sent.is_some()) else {
            return false;
        };
        let late = self.session.late.take_if(|late| late.grant.is_some());
        let Some(Late { grant: Some(grant), sent_wall_ms, .. }) = late.map(|late| *late) else {
            return false;
        };
        flight.sent_wall_ms = sent_wall_ms;
        self.check_mark(Answer::Tokens(grant));
        true
    }
}
