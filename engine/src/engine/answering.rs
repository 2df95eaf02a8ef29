//! What an answer says: the token works, or a 401 that may be met by a refresh (A1…A5).

use super::Engine;
use crate::challenge::Challenge;
use crate::error::Code;
use crate::event::{Event, Outcome};
use crate::expiry::Now;
use crate::flight::Reason;
use crate::policy::Reply;
use crate::queue::{CallId, Want};
use crate::sabotage::Rule;
use crate::session::{Stamp, Token};

impl<T: Token> Engine<T> {
    /// A fast-path request was answered with a 401 or 403: it becomes a call here. `None` as with `open`; the
    /// response is the caller's then.
    pub fn challenged(&mut self, sent_with: Stamp, replayable: bool, reply: Reply, now: Now) -> Option<CallId> {
        self.now = now;
        let epoch = if sent_with >= self.session.epoch_start { self.session.epoch_start } else { sent_with };
        let id = self.calls.insert(Want::Fetch { replayable }, epoch, now)?;
        if let Some(call) = self.calls.get(id) {
            call.sends = 1;
            call.stamp = Some(sent_with);
        }
        self.handle_response(id, reply, now);
        Some(id)
    }

    /// A request sent with this stamp got an answer that is no challenge: the token works.
    pub fn handle_proven(&mut self, stamp: Stamp) {
        if stamp == self.session.stamp && !self.session.proven {
            self.session.proven = true;
            self.guard.proven();
        }
    }

    /// The server answered a call's request.
    pub fn handle_response(&mut self, id: CallId, reply: Reply, now: Now) {
        self.now = now;
        let Some(call) = self.calls.get(id) else {
            return;
        };
        let stamp = call.stamp;
        // A1: no token that a refresh could get would do. The application hears what would.
        if stamp.is_some() && reply.asks == Challenge::StepUp && !reply.left_origin {
            self.dispatch(Event::StepUp { call: id });
        }
        if reply.challenge {
            self.look_again(); // G10
            return self.answer_challenge(id, reply);
        }
        if let Some(stamp) = stamp {
            self.handle_proven(stamp);
        }
        self.settle(id, Outcome::Response);
    }

    /// A call's request failed without an answer, or was aborted while it was at the server. Not the session's
    /// business.
    pub fn handle_failure(&mut self, id: CallId) {
        self.settle(id, Outcome::Failure);
    }

    /// The caller gave up a waiting call: it leaves the queue at once, nobody else is disturbed (G3).
    pub fn handle_abort(&mut self, id: CallId) {
        self.settle(id, Outcome::Aborted);
    }

    fn answer_challenge(&mut self, id: CallId, reply: Reply) {
        let max_replays = if self.drops(Rule::A5) { u8::MAX } else { self.policy.max_replays };
        let Some(call) = self.calls.get(id) else {
            return;
        };
        let (sends, sent_with) = (call.sends, call.stamp);
        let spent = sends > max_replays;
        let replayable = matches!(call.want, Want::Fetch { replayable: true }) && !spent;
        let Some(stamp) = sent_with else {
            return self.settle(id, Outcome::Response); // S7: it carried no token
        };
        if (reply.left_origin || matches!(reply.asks, Challenge::StepUp | Challenge::Other)) && !self.drops(Rule::A1) {
            return self.settle(id, Outcome::Response); // A1: no refresh answers this
        }
        if stamp < self.session.epoch_start && !self.drops(Rule::A2) {
            return self.settle(id, Outcome::Response); // A2
        }
        let current = stamp == self.session.stamp || self.drops(Rule::A3);
        if current {
            self.count_strike();
        }
        if spent && sends > 1 {
            return self.settle(id, Outcome::Response); // A5: a replay's 401 starts nothing
        }
        if !current {
            // A3: the late 401. The token it speaks of is gone already; no refresh for it.
            return if replayable { self.admit(id, None) } else { self.settle(id, Outcome::Response) };
        }
        self.session.rejected = true; // A4
        match self.want_flight(Reason::Rejected) {
            Ok(()) if replayable => self.hold(id),
            // A stream's 401 starts the refresh all the same; it cannot be sent again.
            _ => self.settle(id, Outcome::Response),
        }
    }

    fn count_strike(&mut self) {
        if !self.session.struck && self.session.is_fresh_rejection(self.now.wall_ms) {
            self.session.struck = true;
            if !self.drops(Rule::G2Strikes) && self.guard.strike(self.now.mono_ms) {
                let retry_in_ms = self.guard.left_ms(self.now.mono_ms);
                self.dispatch(Event::Failed { code: Code::FreshTokensRejected, status: 401, retry_in_ms });
            }
        }
    }
}
