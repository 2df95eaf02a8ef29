//! The machine: one session, at most one flight, and the calls that wait for it.
//!
//! `sending` decides what becomes of a call, `answering` what a 401 means; `refreshing` steers the flight and `landing`
//! ends it; `changing` takes over what login, logout and other tabs do to the session. This module holds the state, and
//! what is common: effects, deadlines, getters.

mod answering;
mod changing;
mod landing;
mod marking;
mod refreshing;
mod sending;

use std::collections::VecDeque;

use super::error::Code;
use super::event::{Effect, Event, Outcome};
use super::expiry::{Jitter, Now};
use super::flight::{Flight, Landing, Stage};
use super::guard::Guard;
use super::policy::{Policy, SPREAD_MS};
use super::queue::{CallId, Calls};
use super::routes::Routes;
use super::sabotage::Rule;
use super::session::{Record, Stamp, Status, Stored, Token, TokenState};

pub use sending::Pass;

/// See the [module documentation](super) for the kinds of methods.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Engine<T> {
    policy: Policy,
    session: TokenState<T>,
    flight: Option<Flight<T>>,
    calls: Calls,
    guard: Guard,
    routes: Routes,
    jitter: Jitter,
    effects: VecDeque<Effect<T>>,
    /// The time of the latest input: released calls are decided at this time.
    now: Now,
    flights: u32,
    /// The epoch that ended last, here or in another tab: a record of it in the store is a slow tab's (G5).
    ended: Option<u32>,
    /// The mark that the store did not live up to in time (G1): its epoch and generation. It is not waited for again.
    given_up: Option<(u32, u32)>,
    loaded: bool,
    /// The first look into the store has not come back. It is void if a login or logout was faster.
    looking: bool,
    closed: bool,
    /// From `pagehide` until the page is shown again (S4).
    leaving: bool,
    tells_calls: bool,
    #[cfg(feature = "sabotage")]
    pub(super) dropped: Option<super::sabotage::Rule>,
}

impl<T: Token> Engine<T> {
    /// A session of which nothing is known yet: the first effect is a look into the store. `seed` feeds jitter and the
    /// numbers of epochs; it should differ from tab to tab.
    pub fn new(policy: Policy, seed: u64, now: Now) -> Self {
        let mut engine = Engine {
            policy,
            session: TokenState::new(),
            flight: None,
            calls: Calls::new(),
            guard: Guard::default(),
            routes: Routes::new(Stamp(0)),
            jitter: Jitter(seed),
            effects: VecDeque::new(),
            now,
            flights: 0,
            ended: None,
            given_up: None,
            loaded: false,
            looking: true,
            closed: false,
            leaving: false,
            tells_calls: false,
            #[cfg(feature = "sabotage")]
            dropped: None,
        };
        engine.push(Effect::Read { flight: None });
        engine
    }

    /// The next thing to do, or `None` if there is nothing to do until the next input. Calls released by a landing come
    /// one at a time, in order, so that a hundred thousand of them need no second queue.
    pub fn poll(&mut self) -> Option<Effect<T>> {
        loop {
            match self.effects.pop_front() {
                // A2, A3: what was in front of it has brought another token since it was let go.
                Some(Effect::Send { call, with: Some(stamp) }) if stamp != self.session.stamp => {
                    if let Some(call) = self.calls.get(call) {
                        call.sends -= 1;
                    }
                    self.admit(call, None);
                }
                None => {
                    let Some((call, landing)) = self.calls.pop_ready() else {
                        self.rest();
                        return None;
                    };
                    self.admit(call, Some(landing));
                }
                effect => return effect,
            }
        }
    }

    /// Would `poll` give something?
    pub fn has_effects(&self) -> bool {
        !self.effects.is_empty() || self.calls.has_ready()
    }

    /// When to call [`Engine::handle_timeout`] at the latest, on the monotonic clock; `None`: not at all.
    pub fn deadline(&self) -> Option<u64> {
        let flight = self.flight.as_ref().map(|f| f.deadline.end_ms());
        let waiting = self.calls.first_waiting().map(|(_, c)| c.held_ms.saturating_add(self.policy.max_wait_ms));
        match (flight, waiting) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    /// Time has passed: deadlines of the flight's stage (G3) and of held calls (S5) are looked at.
    pub fn handle_timeout(&mut self, now: Now) {
        self.now = now;
        while let Some((id, call)) = self.calls.first_waiting() {
            if now.mono_ms < call.held_ms.saturating_add(self.policy.max_wait_ms) || self.drops(Rule::S5Bound) {
                break;
            }
            if !self.loaded {
                // A store that never answers its first look must not hold calls for ever. Should it answer later, that
                // counts as a change by another tab.
                self.observe(Stored::Unavailable);
                break;
            }
            self.calls.pop_waiting();
            self.admit(id, Some(Landing::Failed(Code::RefreshTimeout)));
        }
        // Last: a look that finds another session must not give its token to the calls of this one (A2).
        self.time_out_flight();
    }

    /// Are events about single calls (`Held`, `Replayed`) dispatched? They cost a little for each call.
    pub fn set_tells_calls(&mut self, on: bool) {
        self.tells_calls = on;
    }

    /// The access token that `Send { with: Some(_) }` is about.
    pub fn access(&self) -> Option<&T> {
        self.session.access()
    }

    /// What the session knows, and the store has or is about to have; `None`: signed out.
    pub fn record(&self) -> Option<&Record<T>> {
        self.session.record.as_ref()
    }

    /// The current tokens'.
    pub fn stamp(&self) -> Stamp {
        self.session.stamp
    }

    /// A6: does a route's success matter now, so that each is to be told with its route?
    pub fn watches_routes(&self) -> bool {
        self.routes.watches(self.session.stamp)
    }

    /// Is there a flight?
    pub fn is_refreshing(&self) -> bool {
        self.flight.is_some()
    }

    /// Calls under way, waiting or at the server.
    pub fn live_calls(&self) -> u32 {
        self.calls.live()
    }

    /// Calls that wait for the flight.
    pub fn waiting_calls(&self) -> u32 {
        self.calls.waiting()
    }

    /// How long until a refresh may start again; 0 if it may now.
    pub fn retry_in_ms(&self, now: Now) -> u64 {
        self.guard.left_ms(now.mono_ms)
    }

    /// Where the session stands at this time.
    pub fn status(&self, now: Now) -> Status {
        if self.closed {
            Status::Closed
        } else if !self.loaded {
            Status::Loading
        } else if self.session.record.is_none() {
            Status::SignedOut
        } else if self.session.is_plainly_fresh(now.wall_ms) {
            Status::Fresh
        } else if self.session.is_usable(now.wall_ms) {
            Status::Stale
        } else if self.flight.is_some() {
            Status::Refreshing
        } else {
            Status::Expired
        }
    }

    /// With nothing under way no heap is kept, so that a session costs its own size and no more.
    fn rest(&mut self) {
        if self.calls.live() == 0 && self.flight.is_none() {
            self.calls.rest();
            self.effects = VecDeque::new();
        }
    }

    fn push(&mut self, effect: Effect<T>) {
        self.effects.push_back(effect);
    }

    fn dispatch(&mut self, event: Event) {
        if !self.closed {
            self.push(Effect::Dispatch(event));
        }
    }

    fn settle(&mut self, call: CallId, outcome: Outcome) {
        // Every call settles exactly once (G8): only one that is still in the slab can, and it leaves it here.
        if self.calls.remove(call) {
            self.push(Effect::Settle { call, outcome });
        }
    }

    /// Lets the flight go without an outcome: what it was for is gone.
    fn abandon_flight(&mut self) {
        if let Some(flight) = self.flight.take() {
            if flight.stage == Stage::Calling {
                self.push(Effect::AbortRefresh { flight: flight.id });
            }
            self.unlock(&flight);
        }
    }

    /// G1: at once if no token call was sent; otherwise not before others can know what it brought.
    fn unlock(&mut self, flight: &Flight<T>) {
        if flight.locked {
            let called = flight.sent.is_some() && !self.drops(Rule::G1Spread);
            self.push(Effect::Unlock { flight: flight.id, after_ms: if called { SPREAD_MS } else { 0 } });
        }
    }
}

#[cfg(feature = "sabotage")]
impl<T> Engine<T> {
    /// From now on this rule is not followed.
    pub fn drop_rule(&mut self, rule: Option<Rule>) {
        self.dropped = rule;
    }

    fn drops(&self, rule: Rule) -> bool {
        self.dropped == Some(rule)
    }
}

#[cfg(not(feature = "sabotage"))]
impl<T> Engine<T> {
    #[inline(always)]
    #[expect(clippy::unused_self, reason = "the same call with and without the feature")]
    fn drops(&self, _: Rule) -> bool {
        false
    }
}
