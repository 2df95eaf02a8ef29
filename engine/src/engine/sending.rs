//! What becomes of a call: sent, held, replayed or settled (S1…S7).

use super::Engine;
use crate::error::Code;
use crate::event::{Effect, Event, Outcome};
use crate::expiry::Now;
use crate::flight::{Landing, Reason};
use crate::queue::{CallId, Want};
use crate::sabotage::Rule;
use crate::session::{Stamp, Token};

/// The answer to "may this go out, and with what?".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// Without an auth header (S7). Its 401 is the caller's.
    Bare,
    /// With the current access token (S3, S4, S6); report a 401 with this stamp.
    With(Stamp),
    /// Not now (S5): [`Engine::open`] a call and let it wait.
    Hold,
}

impl<T: Token> Engine<T> {
    /// Fast path: decides without making a call, for requests that could be sent again as they are. May start a
    /// flight in the background.
    pub fn ticket(&mut self, now: Now) -> Pass {
        self.now = now;
        if self.closed {
            return Pass::Hold;
        }
        self.decide(true)
    }

    /// Fast path: the current stamp if the token is certainly fresh. Needs the wall clock only.
    pub fn plainly_fresh(&self, wall_ms: u64) -> Option<Stamp> {
        (self.session.is_plainly_fresh(wall_ms) && !self.closed).then_some(self.session.stamp)
    }

    /// A call on the slow path. `None`: there is no room for another call ([`Code::QueueFull`]).
    pub fn open(&mut self, want: Want, now: Now) -> Option<CallId> {
        self.now = now;
        let call = self.calls.insert(want, self.session.epoch_start)?;
        self.admit(call, None);
        Some(call)
    }

    /// The one decision about sending. Starts a flight where one is due.
    fn decide(&mut self, replayable: bool) -> Pass {
        if !self.loaded {
            return Pass::Hold;
        }
        if self.session.record.is_none() {
            return Pass::Bare; // S7
        }
        let with = Pass::With(self.session.stamp);
        if self.session.is_plainly_fresh(self.now.wall_ms) {
            return with; // S3
        }
        if self.session.is_usable(self.now.wall_ms) {
            // S4: sent at once, and what becomes of the refresh is nothing to the caller. A body that can be sent only
            // once waits for a token known to be good.
            let flying = self.want_flight(Reason::Advisory).is_ok();
            return if flying && (!replayable || self.drops(Rule::S4)) { Pass::Hold } else { with };
        }
        let reason = if self.session.rejected { Reason::Rejected } else { Reason::Expired };
        match self.want_flight(reason) {
            Ok(()) if self.drops(Rule::S5) => with,
            Ok(()) => Pass::Hold, // S5
            Err(_) if self.drops(Rule::S6) => Pass::Hold,
            Err(_) => with, // S6: the server decides, the auth server is left alone
        }
    }

    /// Decides about a call, anew after each landing.
    pub(super) fn admit(&mut self, id: CallId, landing: Option<Landing>) {
        let now_ms = self.now.mono_ms;
        let Some(call) = self.calls.get(id) else {
            return;
        };
        if landing.is_some() {
            call.held_ms = now_ms.saturating_sub(call.held_ms); // It has waited until now.
        }
        match call.want {
            Want::Fetch { replayable } => self.admit_fetch(id, replayable, landing),
            Want::Token { min_validity_ms } => self.admit_token(id, min_validity_ms, landing),
            Want::Refresh => self.admit_refresh(id, landing),
        }
    }

    fn admit_fetch(&mut self, id: CallId, replayable: bool, landing: Option<Landing>) {
        let start = self.guard.latest();
        let Some(call) = self.calls.get(id) else {
            return;
        };
        if landing == Some(Landing::Renewed) {
            call.asked = start;
        }
        let (answered, epoch, sent_with) = (call.sends > 0, call.epoch, call.stamp);
        if self.closed {
            let outcome = if answered { Outcome::Response } else { Outcome::Error(Code::Closed) };
            return self.settle(id, outcome);
        }
        if epoch != self.session.epoch_start && !self.drops(Rule::A2) {
            // The session it was made for is over. It must not go out as somebody else's (A2, S7).
            return if answered { self.settle(id, Outcome::Response) } else { self.send(id, None) };
        }
        // Just obtained: it goes out even if the line was so slow that its life seems over. The server decides.
        let renewed = landing == Some(Landing::Renewed) && !self.session.rejected && self.session.access().is_some();
        // Those who waited for a flight that failed do not start the next one: S6 (G7).
        let failed = matches!(landing, Some(Landing::Failed(_))) && self.session.record.is_some();
        let pass = if renewed || failed { Pass::With(self.session.stamp) } else { self.decide(replayable) };
        match pass {
            Pass::Hold => self.hold(id),
            Pass::With(stamp) if answered => {
                // A3, and the replay after A4: only with a token that is another and not known to be bad.
                let usable = renewed || self.session.is_usable(self.now.wall_ms);
                let better = usable && sent_with.is_some_and(|s| s < stamp);
                if better { self.send(id, Some(stamp)) } else { self.settle(id, Outcome::Response) }
            }
            Pass::Bare if answered => self.settle(id, Outcome::Response),
            Pass::With(stamp) => self.send(id, Some(stamp)),
            Pass::Bare => self.send(id, None),
        }
    }

    fn admit_token(&mut self, id: CallId, min_validity_ms: u64, landing: Option<Landing>) {
        if let Some(over) = self.over(landing) {
            return self.settle(id, Outcome::Error(over));
        }
        if !self.loaded {
            return self.hold(id);
        }
        let wall = self.now.wall_ms;
        let usable = self.session.is_usable(wall);
        let left = self.session.record.as_ref().and_then(|r| r.left_ms(wall));
        // What was just obtained is the best there is.
        let renewed = landing == Some(Landing::Renewed) && !self.session.rejected && self.session.access().is_some();
        if renewed || (usable && left.is_none_or(|ms| ms >= min_validity_ms)) {
            if !renewed {
                self.decide(true); // S4 holds for this use of the token too.
            }
            return self.settle(id, Outcome::Token);
        }
        let refused = match landing {
            Some(Landing::Failed(code)) => Err(code),
            _ => self.want_flight(if usable { Reason::Advisory } else { Reason::Expired }),
        };
        match refused {
            Ok(()) => self.hold(id),
            Err(code) => self.settle(id, Outcome::Error(code)),
        }
    }

    fn admit_refresh(&mut self, id: CallId, landing: Option<Landing>) {
        if let Some(over) = self.over(landing) {
            return self.settle(id, Outcome::Error(over));
        }
        if !self.loaded {
            return self.hold(id);
        }
        match landing {
            Some(Landing::Renewed) => self.settle(id, Outcome::Done),
            Some(Landing::Failed(code)) => self.settle(id, Outcome::Error(code)),
            _ => match self.want_flight(Reason::Forced) {
                Ok(()) => self.hold(id),
                Err(code) => self.settle(id, Outcome::Error(code)),
            },
        }
    }

    /// Why there is nothing to be had for a call that wants a token.
    fn over(&self, landing: Option<Landing>) -> Option<Code> {
        match landing {
            _ if self.closed => Some(Code::Closed),
            Some(Landing::Gone(code)) => Some(code),
            _ if self.loaded && self.session.record.is_none() => Some(Code::SignedOut),
            _ => None,
        }
    }

    /// Into the queue, which is bounded.
    pub(super) fn hold(&mut self, id: CallId) {
        let full = self.calls.waiting() >= self.policy.max_waiting && !self.drops(Rule::Bound);
        let (now_ms, anew) = (self.now.mono_ms, self.drops(Rule::S5Once));
        let Some(call) = self.calls.get(id) else {
            return;
        };
        let sent = call.sends > 0;
        let is_request = matches!(call.want, Want::Fetch { .. });
        if full {
            let outcome = if sent { Outcome::Response } else { Outcome::Error(Code::QueueFull) };
            return self.settle(id, outcome);
        }
        // S5: `maxWait` is for all its holds together.
        let since_ms = now_ms.saturating_sub(if anew { 0 } else { call.held_ms });
        self.calls.wait(id, since_ms);
        self.push(Effect::Wait { call: id });
        if self.tells_calls && is_request {
            self.dispatch(Event::Held { call: id, sent });
        }
    }

    fn send(&mut self, id: CallId, with: Option<Stamp>) {
        let Some(call) = self.calls.get(id) else {
            return;
        };
        call.sends = call.sends.saturating_add(1);
        call.stamp = with;
        let replay = call.sends > 1;
        if replay && self.tells_calls {
            let generation = self.session.record.as_ref().map_or(0, |r| r.generation);
            self.dispatch(Event::Replayed { call: id, generation });
        }
        self.push(Effect::Send { call: id, with });
    }
}
