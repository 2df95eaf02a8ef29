//! A tab's shell: does for the engine what `src/web` does in the browser, in the same order.
//!
//! One file, although it is long: it is read beside the shell's, effect by effect and input by input.

use std::collections::VecDeque;

use relatch_engine::challenge::Challenge;
use relatch_engine::{Answer, Effect, Engine, Event, Failure, FlightId, Outcome, Pass, Reply, Stored, Want};

use crate::plan::{Fault, Place, Quirk};
use crate::server::{Refused, Tok};
use crate::store::{Raw, View};
use crate::world::{Happening, Kind, Req, World};

impl World {
    pub fn is_awake(&self, tab: usize) -> bool {
        self.tabs[tab].engine.is_some() && !self.tabs[tab].frozen
    }

    pub fn engine(&mut self, tab: usize) -> &mut Engine<Tok> {
        self.tabs[tab].engine.as_mut().expect("only a tab that is open is spoken to")
    }

    // ---- Tabs ------------------------------------------------------------------------------------------------

    pub fn open_tab(&mut self, tab: usize) {
        if self.tabs[tab].engine.is_some() {
            return;
        }
        let seed = self.rng.next();
        let mut engine = Engine::new(self.policy.clone(), seed, self.now());
        engine.drop_rule(self.rule);
        let slot = &mut self.tabs[tab];
        slot.engine = Some(engine);
        slot.life += 1;
        slot.view = View::default();
        slot.armed = None;
        slot.own_busy_until_ms = 0;
        slot.closed = false;
        self.watch.opened(tab);
        self.log(tab, |_| "opens".to_owned());
        self.pump(tab);
    }

    pub fn die(&mut self, tab: usize) {
        if self.tabs[tab].engine.take().is_none() {
            return;
        }
        self.log(tab, |_| "dies".to_owned());
        let slot = &mut self.tabs[tab];
        slot.frozen = false;
        slot.backlog.clear();
        slot.lock = None;
        slot.calling = None;
        self.leave_lock(tab, None);
    }

    pub fn thaw(&mut self, tab: usize) {
        self.log(tab, |_| "thaws".to_owned());
        self.tabs[tab].frozen = false;
        let mut backlog = std::mem::take(&mut self.tabs[tab].backlog);
        // Timers and answers come in any order after a thaw.
        if self.rng.chance(50) {
            backlog.reverse();
        }
        for due in backlog {
            if self.tabs[tab].life == due.life && self.is_awake(tab) && self.watch.violation.is_none() {
                self.happen(tab, due.what);
            }
        }
    }

    pub fn close(&mut self, tab: usize) {
        if self.is_awake(tab) && !self.tabs[tab].closed {
            self.log(tab, |_| "closes its session object".to_owned());
            self.tabs[tab].closed = true;
            let now = self.now();
            self.engine(tab).close(now);
            self.pump(tab);
        }
    }

    // ---- What the app calls ----------------------------------------------------------------------------------

    fn new_req(&mut self, tab: usize, kind: Kind, quirk: Quirk) -> usize {
        let loading = self.is_loading(tab);
        let record = self.engine(tab).record().and_then(|r| r.refresh.or(r.access));
        let family = if loading { u32::MAX } else { record.map_or(0, |t| self.server.family(t)) };
        self.reqs.push(Req {
            tab,
            life: self.tabs[tab].life,
            kind,
            quirk,
            call: None,
            family,
            sends: 0,
            stamp: None,
            token: None,
            net: 0,
            waiting_since_ms: None,
            aborted: false,
            status: 0,
            outcome: None,
        });
        self.reqs.len() - 1
    }

    fn open_call(&mut self, tab: usize, kind: Kind, want: Want, quirk: Quirk) -> Option<usize> {
        if !self.is_awake(tab) {
            return None;
        }
        self.look(tab, true);
        let req = self.new_req(tab, kind, quirk);
        self.log(tab, |_| format!("call {req}: {want:?} {quirk:?}"));
        let now = self.now();
        match self.engine(tab).open(want, now) {
            Some(call) => self.bind(tab, req, call),
            None => self.reqs[req].outcome = Some(Outcome::Error(relatch_engine::Code::QueueFull)),
        }
        // The port's second LOOK: in the same millisecond it looks at nothing, and pumps.
        self.pump(tab);
        Some(req)
    }

    fn bind(&mut self, tab: usize, req: usize, call: relatch_engine::CallId) {
        self.reqs[req].call = Some(call);
        self.bound(tab);
        let calls = &mut self.tabs[tab].calls;
        if calls.len() <= call.index() {
            calls.resize(call.index() + 1, usize::MAX);
        }
        calls[call.index()] = req;
    }

    pub fn fetch(&mut self, tab: usize, kind: Kind, quirk: Quirk) -> Option<usize> {
        let replayable = kind != Kind::Fetch { replayable: false };
        self.open_call(tab, kind, Want::Fetch { replayable }, quirk)
    }

    pub fn want_token(&mut self, tab: usize, min_validity_ms: u64) {
        self.open_call(tab, Kind::Token, Want::Token { min_validity_ms }, Quirk::None);
    }

    pub fn want_refresh(&mut self, tab: usize) {
        self.open_call(tab, Kind::Refresh, Want::Refresh, Quirk::None);
    }

    /// The short way, and the long one if it says so.
    pub fn short(&mut self, tab: usize, quirk: Quirk) {
        if !self.is_awake(tab) {
            return;
        }
        self.look(tab, true);
        let now = self.now();
        let fresh = self.engine(tab).plainly_fresh(now.wall_ms);
        let pass = fresh.map_or_else(|| self.engine(tab).ticket(now), Pass::With);
        let req = match pass {
            Pass::Hold => {
                self.pump(tab);
                self.fetch(tab, Kind::Fetch { replayable: true }, quirk);
                return;
            }
            Pass::Bare | Pass::With(_) => self.new_req(tab, Kind::Short, quirk),
        };
        self.log(tab, |_| format!("call {req}: the short way says {pass:?}"));
        if let Pass::With(stamp) = pass {
            self.reqs[req].stamp = Some(stamp);
        }
        let with = self.reqs[req].stamp.and_then(|_| self.engine(tab).access().copied());
        self.send(tab, req, with);
        self.pump(tab);
    }

    pub fn login(&mut self, tab: usize) {
        if !self.is_awake(tab) || self.tabs[tab].closed {
            return;
        }
        let grant = self.server.login(self.now_ms);
        self.log(tab, |_| format!("logs in: {grant:?}"));
        self.watch.renewed_guard(tab);
        let now = self.now();
        self.engine(tab).set_tokens(grant, now);
        self.pump(tab);
    }

    pub fn logout(&mut self, tab: usize) {
        if !self.is_awake(tab) || self.tabs[tab].closed {
            return;
        }
        self.log(tab, |_| "logs out".to_owned());
        self.watch.tab(tab).clears += 1;
        let now = self.now();
        self.engine(tab).clear(now);
        self.pump(tab);
    }

    pub fn wake(&mut self, tab: usize, online: bool) {
        if !self.is_awake(tab) || self.tabs[tab].closed {
            return;
        }
        self.log(tab, |_| format!("wakes, online: {online}"));
        self.look(tab, false);
        self.watch.woken(tab, online);
        let now = self.now();
        self.engine(tab).handle_wake(online, now);
        self.pump(tab);
    }

    pub fn abort(&mut self, tab: usize, req: usize) {
        let Req { call, outcome, waiting_since_ms, .. } = self.reqs[req];
        let (Some(call), None) = (call, outcome) else { return };
        self.log(tab, |_| format!("call {req}: aborted"));
        self.reqs[req].aborted = true;
        if waiting_since_ms.is_some() {
            self.engine(tab).handle_abort(call);
        } else {
            // The request at the server is cancelled, and `fetch` rejects.
            self.reqs[req].net += 1;
            self.engine(tab).handle_failure(call);
        }
    }

    // ---- Effects ---------------------------------------------------------------------------------------------

    pub fn pump(&mut self, tab: usize) {
        while let Some(effect) = self.tabs[tab].engine.as_mut().and_then(Engine::poll) {
            if self.watch.violation.is_some() {
                return;
            }
            self.carry_out(tab, effect);
        }
        if self.tabs[tab].engine.is_none() {
            return;
        }
        self.check_tab(tab);
        let deadline = self.engine(tab).deadline();
        if self.tabs[tab].armed != deadline {
            self.tabs[tab].armed = deadline;
            self.tabs[tab].timer += 1;
            if let Some(at) = deadline {
                let number = self.tabs[tab].timer;
                self.schedule(at.saturating_sub(self.mono_ms()) + 1, tab, Happening::Timer { number });
            }
        }
    }

    fn carry_out(&mut self, tab: usize, effect: Effect<Tok>) {
        match effect {
            Effect::Send { call, with } => {
                let req = self.tabs[tab].calls[call.index()];
                self.reqs[req].stamp = with;
                let token = with.and_then(|_| self.engine(tab).access().copied());
                self.send(tab, req, token);
            }
            Effect::Wait { call } => {
                let req = self.tabs[tab].calls[call.index()];
                self.log(tab, |_| format!("call {req}: waits"));
                self.check_wait(tab, req);
                self.reqs[req].waiting_since_ms = Some(self.mono_ms());
                if self.reqs[req].aborted {
                    self.engine(tab).handle_abort(call);
                    self.pump(tab);
                }
            }
            Effect::Settle { call, outcome } => {
                let req = self.tabs[tab].calls[call.index()];
                self.settle(tab, req, outcome);
            }
            Effect::Lock { flight } => {
                self.check_start(tab, Some(flight));
                self.tabs[tab].lock = Some(flight);
                self.locks.push_back((tab, self.tabs[tab].life, flight));
                if self.locks.len() == 1 {
                    self.grant_lock();
                }
            }
            Effect::Unlock { flight, .. } => {
                if self.tabs[tab].lock == Some(flight) {
                    self.tabs[tab].lock = None;
                    self.leave_lock(tab, Some(flight));
                }
            }
            Effect::Refresh { flight, refresh, reason } => {
                self.log(tab, |_| format!("flight {}: sends refresh token {} ({reason:?})", flight.0, refresh.0));
                self.check_call(tab, flight, refresh, reason);
                self.tabs[tab].calling = Some(flight);
                let fault = if self.calm { None } else { self.faults.pop_front() };
                let ms = self.rng.between(5, 100);
                self.schedule(ms, tab, Happening::AuthArrives { flight, refresh, fault });
            }
            Effect::AbortRefresh { flight } => {
                if self.tabs[tab].calling == Some(flight) {
                    self.log(tab, |_| format!("flight {}: the token call is aborted", flight.0));
                    self.tabs[tab].calling = None;
                }
            }
            Effect::Read { flight } => self.read(tab, flight),
            Effect::Write { flight, record } => {
                self.log(tab, |_| format!("writes {record:?}"));
                self.check_write(tab, flight, &record);
                if self.config.place == Place::Own {
                    return self.own(tab, Happening::OwnWrite { flight, record });
                }
                let mut ok = true;
                if self.config.place == Place::Web {
                    ok = !self.tabs[tab].blocked && !self.quota_full;
                    if ok {
                        self.tabs[tab].view.last = Some(Raw::Record(record.clone()));
                        self.put(tab, Raw::Record(record.clone()));
                        self.watch_stored(tab, flight, &record);
                    }
                }
                if !ok {
                    self.watch.tab(tab).failed_writes += 1;
                }
                let now = self.now();
                self.engine(tab).handle_written(flight, ok, now);
            }
            Effect::Restore { flight } => {
                let heir = self.tabs[tab].view.heir.clone();
                self.log(tab, |_| format!("puts back {heir:?}"));
                self.put(tab, heir.clone());
                self.tabs[tab].view.last = Some(heir.clone());
                let now = self.now();
                self.engine(tab).handle_restored(flight, heir.parse(), now);
            }
            Effect::Remove => {
                self.log(tab, |_| "removes the record".to_owned());
                self.check_remove(tab);
                match self.config.place {
                    Place::Own => self.own(tab, Happening::OwnRemove),
                    Place::Web if !self.tabs[tab].blocked => {
                        self.put(tab, Raw::Nothing);
                        self.tabs[tab].view.last = Some(Raw::Nothing);
                    }
                    // A blocked store keeps what it should not: nobody can help that.
                    Place::Web => self.watch.cannot_remove(),
                    Place::Memory => {}
                }
            }
            Effect::Dispatch(event) => {
                self.log(tab, |_| format!("tells {event:?}"));
                self.check_event(tab, event);
                // Some apps sign in again from within the listener.
                if matches!(event, Event::Expired { .. }) && !self.calm && self.rng.chance(30) {
                    self.login(tab);
                }
            }
        }
    }

    fn read(&mut self, tab: usize, flight: Option<FlightId>) {
        if flight.is_some() && !self.policy.shared {
            self.check_start(tab, flight);
        }
        let stored = match self.config.place {
            Place::Own => return self.own(tab, Happening::OwnRead { flight }),
            Place::Memory if flight.is_none() => Stored::Absent,
            Place::Memory => Stored::Unavailable,
            Place::Web if self.tabs[tab].blocked => Stored::Unavailable,
            Place::Web => {
                let store = self.store.clone();
                self.tabs[tab].view.saw(store.clone());
                store.parse()
            }
        };
        let now = self.now();
        self.engine(tab).handle_read(flight, stored, now);
    }

    /// One operation of the own store, after the one before.
    fn own(&mut self, tab: usize, what: Happening) {
        let after = self.tabs[tab].own_busy_until_ms.saturating_sub(self.now_ms) + self.rng.between(1, 20);
        self.tabs[tab].own_busy_until_ms = self.now_ms + after;
        self.schedule(after, tab, what);
    }

    /// Changes the store; the other tabs hear of it later.
    pub fn put(&mut self, tab: usize, raw: Raw) {
        if self.store == raw {
            return;
        }
        self.store = raw;
        if self.config.place == Place::Web {
            for other in 0..self.tabs.len() {
                if other != tab {
                    let slow = !self.calm && self.rng.chance(6);
                    let ms = if slow { self.rng.between(200, 3_000) } else { self.rng.between(1, 40) };
                    self.schedule(ms, other, Happening::Stored);
                }
            }
        }
    }

    /// `Shell.look`: what another hand changed since this tab's last look. `throttled`: once in this millisecond.
    pub fn look(&mut self, tab: usize, throttled: bool) {
        if self.config.place != Place::Web {
            return;
        }
        let wall = self.wall_ms();
        let blocked = self.tabs[tab].blocked;
        let view = &mut self.tabs[tab].view;
        if throttled && std::mem::replace(&mut view.looked_at_ms, wall) == wall {
            return;
        }
        if blocked {
            return;
        }
        if view.last.as_ref() != Some(&self.store) {
            view.saw(self.store.clone());
            let stored = self.store.parse();
            let now = self.now();
            self.log(tab, |_| format!("finds in the store {stored:?}"));
            self.engine(tab).handle_read(None, stored, now);
            self.pump(tab);
        }
        self.check_look(tab);
    }

    // ---- The lock --------------------------------------------------------------------------------------------

    fn grant_lock(&mut self) {
        if let Some((tab, _, flight)) = self.locks.front().copied() {
            let ms = self.rng.between(0, 4);
            self.schedule(ms, tab, Happening::Granted { flight });
        }
    }

    /// Gives back, or stops asking for. `None`: all that the tab has.
    fn leave_lock(&mut self, tab: usize, flight: Option<FlightId>) {
        let holder = self.locks.front().copied();
        self.locks.retain(|(t, _, f)| *t != tab || flight.is_some_and(|flight| flight != *f));
        if self.locks.front().copied() != holder {
            self.grant_lock();
        }
    }

    pub fn granted(&mut self, tab: usize, flight: FlightId) {
        let now = self.now();
        if self.tabs[tab].lock == Some(flight) {
            self.engine(tab).handle_lock(flight, true, now);
        }
    }

    // ---- The network -----------------------------------------------------------------------------------------

    fn send(&mut self, tab: usize, req: usize, token: Option<Tok>) {
        self.check_send(tab, req, token);
        let to = &mut self.reqs[req];
        to.sends += 1;
        to.token = token;
        to.net += 1;
        to.waiting_since_ms = None;
        let (net, slow) = (to.net, to.quirk == Quirk::Slow);
        self.log(tab, |_| format!("call {req}: sent with {token:?}"));
        let ms = if slow { self.rng.between(500, 20_000) } else { self.rng.between(2, 80) };
        self.schedule(ms, tab, Happening::ApiArrives { req, net, token });
    }

    pub fn api_arrives(&mut self, tab: usize, life: u32, req: usize, net: u32, token: Option<Tok>) {
        if self.tabs[tab].life != life {
            return;
        }
        let good = token.is_some_and(|t| self.server.accepts(t, self.now_ms)) && (!self.api_rejects || self.calm);
        let status = match self.reqs[req].quirk {
            Quirk::Fails => 0,
            Quirk::StepUp | Quirk::OtherScheme | Quirk::LeftOrigin => 401,
            _ if good => 200,
            _ => 401,
        };
        let ms = self.rng.between(2, 80);
        self.schedule(ms, tab, Happening::ApiAnswers { req, net, status });
    }

    pub fn api_answers(&mut self, tab: usize, req: usize, net: u32, status: u16) {
        let Req { net: latest, outcome, call, stamp, quirk, .. } = self.reqs[req];
        if net != latest || outcome.is_some() {
            return;
        }
        self.reqs[req].status = status;
        self.log(tab, |_| format!("call {req}: answered {status}"));
        self.watch_answer(tab, req, status);
        let asks = match quirk {
            Quirk::StepUp => Challenge::StepUp,
            Quirk::OtherScheme => Challenge::Other,
            _ => Challenge::Ours,
        };
        let reply = Reply { challenge: status == 401, left_origin: quirk == Quirk::LeftOrigin, asks };
        let now = self.now();
        match (call, stamp) {
            (Some(call), _) if status == 0 => self.engine(tab).handle_failure(call),
            (Some(call), _) => self.engine(tab).handle_response(call, reply, now),
            // The short way: only a challenge to a request that carried a token reaches the engine.
            (None, Some(stamp)) if status == 401 => match self.engine(tab).challenged(stamp, true, reply, now) {
                Some(call) => self.bind(tab, req, call),
                None => self.settle(tab, req, Outcome::Response),
            },
            (None, stamp) => {
                if let Some(stamp) = stamp.filter(|_| status != 0) {
                    self.engine(tab).handle_proven(stamp);
                }
                self.settle(tab, req, if status == 0 { Outcome::Failure } else { Outcome::Response });
            }
        }
    }

    pub fn auth_arrives(&mut self, tab: usize, life: u32, flight: FlightId, refresh: Tok, fault: Option<Fault>) {
        let failed = |status, retry_after_ms| Some(Answer::Failed(Failure { terminal: false, status, retry_after_ms }));
        let mut ms = self.rng.between(5, 150);
        let mut answer = None;
        // Faults that keep the server from seeing the request.
        match fault {
            Some(Fault::LostBefore) => answer = failed(0, None),
            Some(Fault::Status(status)) => answer = failed(status, None),
            Some(Fault::RetryAfter(ms)) => answer = failed(429, Some(ms)),
            Some(Fault::HangBefore) => return,
            Some(Fault::Ends) => self.server.revoke(refresh),
            _ => {}
        }
        let rotates = self.server.rotates;
        if fault == Some(Fault::NoRefreshToken) {
            self.server.rotates = false;
        }
        let answer = answer.or_else(|| match self.server.refresh(refresh, self.now_ms) {
            Err(Refused::Unknown | Refused::Revoked | Refused::Reuse) => {
                Some(Answer::Failed(Failure { terminal: true, status: 400, retry_after_ms: None }))
            }
            Ok(mut grant) => match fault {
                Some(Fault::LostAfter) => failed(0, None),
                Some(Fault::HangAfter) => None,
                Some(Fault::Garbage) => failed(200, None),
                Some(Fault::DeadOnArrival) => {
                    grant.lifetime_ms = Some(0);
                    Some(Answer::Tokens(grant))
                }
                Some(Fault::SameAccess) => {
                    if let Some(same) = self.tabs[tab].engine.as_ref().and_then(|e| e.access().copied())
                        && self.server.family(same) == self.server.family(refresh)
                    {
                        grant.access = same;
                    }
                    Some(Answer::Tokens(grant))
                }
                _ => Some(Answer::Tokens(grant)),
            },
        });
        self.server.rotates = rotates;
        if fault == Some(Fault::Slow) {
            ms = self.rng.between(1_000, 29_000);
        }
        let Some(answer) = answer else { return };
        if self.tabs[tab].life == life {
            self.log(tab, |_| format!("flight {}: the auth server has {fault:?}", flight.0));
            self.schedule(ms, tab, Happening::AuthAnswers { flight, answer });
        }
    }

    pub fn auth_answers(&mut self, tab: usize, flight: FlightId, answer: Answer<Tok>) {
        if self.tabs[tab].calling != Some(flight) {
            return;
        }
        self.log(tab, |_| format!("flight {}: answered {answer:?}", flight.0));
        self.tabs[tab].calling = None;
        self.watch.answered(tab, &answer);
        let now = self.now();
        self.engine(tab).handle_answer(flight, answer, now);
    }

    /// Nothing goes wrong from here on, and what is frozen thaws.
    pub fn become_calm(&mut self) {
        self.log(0, |_| "calm from here on".to_owned());
        self.calm = true;
        self.quota_full = false;
        self.api_rejects = false;
        self.faults = VecDeque::new();
        for tab in 0..self.tabs.len() {
            self.tabs[tab].blocked = false;
            if self.tabs[tab].frozen {
                self.thaw(tab);
            }
        }
    }
}
