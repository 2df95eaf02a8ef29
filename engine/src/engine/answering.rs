//! What an answer says: the token works, or a 401 that may be met by a refresh (A1…A5).

use super::Engine;
use crate::challenge::Challenge;
use crate::error::Code;
use crate::event::{Event, Outcome};
use crate::expiry::Now;
use crate::flight::Reason;
use crate::guard::Start;
use crate::policy::Reply;
use crate::queue::{CallId, Want};
use crate::routes::{AWAITED, ODD, REFUSED};
use crate::sabotage::Rule;
use crate::session::{Stamp, Token};

impl<T: Token> Engine<T> {
    /// A fast-path request was answered with a 401 or 403: it becomes a call here. `None` as with `open`; the
    /// response is the caller's then.
    pub fn challenged(&mut self, sent_with: Stamp, replayable: bool, reply: Reply, now: Now) -> Option<CallId> {
        self.now = now;
        let epoch = if sent_with >= self.session.epoch_start { self.session.epoch_start } else { sent_with };
        let id = self.calls.insert(Want::Fetch { replayable }, epoch)?;
        if let Some(call) = self.calls.get(id) {
            call.sends = 1;
            call.stamp = Some(sent_with);
        }
        self.handle_response(id, reply, now);
        Some(id)
    }

    /// A request sent with this stamp to this route (0: not known) got an answer that is no challenge: the token works.
    pub fn handle_proven(&mut self, stamp: Stamp, route: u32) {
        if stamp != self.session.stamp {
            return;
        }
        self.routes.accept(route, stamp);
        if !self.session.proven {
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
        let (stamp, asked) = (call.stamp, call.asked);
        // A1: no token that a refresh could get would do. The application hears what would.
        if stamp.is_some() && reply.asks == Challenge::StepUp && !reply.left_origin {
            self.dispatch(Event::StepUp { call: id });
        }
        if reply.challenge {
            return self.answer_challenge(id, reply);
        }
        if let Some(stamp) = stamp {
            self.handle_proven(stamp, reply.route);
            if !self.drops(Rule::G2Refund) {
                self.guard.refund(asked);
            }
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
        let (sends, sent_with, asked) = (call.sends, call.stamp, call.asked);
        let spent = sends > max_replays;
        let replayable = matches!(call.want, Want::Fetch { replayable: true }) && !spent;
        let Some(stamp) = sent_with else {
            return self.settle(id, Outcome::Response); // S7: it carried no token
        };
        if (reply.left_origin || reply.asks == Challenge::StepUp) && !self.drops(Rule::A1) {
            return self.settle(id, Outcome::Response); // A1: no refresh answers this
        }
        if stamp < self.session.epoch_start && !self.drops(Rule::A2) {
            return self.settle(id, Outcome::Response); // A2
        }
        let current = stamp == self.session.stamp || self.drops(Rule::A3);
        if current {
            self.count_strike();
            if sends > 1 && asked != Start::default() {
                self.routes.refuse(reply.route, stamp, REFUSED);
            }
        }
        if spent && sends > 1 {
            return self.settle(id, Outcome::Response); // A5: a replay's 401 starts nothing
        }
        if !current {
            // A3: the late 401. The token it speaks of is gone already; no refresh for it.
            return if replayable { self.admit(id, None) } else { self.settle(id, Outcome::Response) };
        }
        let refusal = if self.drops(Rule::A6) { 0 } else { self.routes.refusal(reply.route, stamp) };
        if refusal == ODD {
            return self.settle(id, Outcome::Response); // A6
        }
        let flight = self.want_flight(Reason::Rejected);
        // A4. Of a token that nobody has accepted yet, who has refused it before says nothing new.
        self.session.rejected |= flight.is_ok() || refusal != REFUSED;
        match flight {
            Ok(()) if replayable => return self.hold(id),
            // A stream's 401 starts the refresh all the same; it cannot be sent again. What its route says of the next
            // tokens is what a replay would have said (A6).
            Ok(()) => {
                let said = if refusal == 0 { AWAITED } else { REFUSED };
                self.routes.refuse(reply.route, Stamp(stamp.0.saturating_add(1)), said);
            }
            Err(_) => {}
        }
        self.settle(id, Outcome::Response);
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
