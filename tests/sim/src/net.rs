//! The lock, the API and the auth server, as a tab meets them.

use relatch_engine::challenge::Challenge;
use relatch_engine::{Answer, Failure, FlightId, Grant, Outcome, Reply};

use crate::Rule;
use crate::plan::{Fault, Place, Quirk};
use crate::server::{Refused, Tok};
use crate::watch::knows_itself;
use crate::world::{Happening, Req, World};

/// How long a picky route is of one mind.
const PICKY_MS: u64 = 20_000;

impl World {
    pub fn grant_lock(&mut self) {
        if let Some((tab, _, flight)) = self.locks.front().copied() {
            let ms = self.rng.between(0, 4);
            self.schedule(ms, tab, Happening::Granted { flight });
        }
    }

    /// Gives back, or stops asking for. `None`: all that the tab has.
    pub fn leave_lock(&mut self, tab: usize, flight: Option<FlightId>) {
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

    pub fn send(&mut self, tab: usize, req: usize, token: Option<Tok>) {
        self.check_send(tab, req, token);
        let mono = self.mono_ms();
        let to = &mut self.reqs[req];
        to.held_ms += to.waiting_since_ms.map_or(0, |since| mono - since);
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
        // Three quarters of the time, each at other times.
        let refuses = |route: u32| !self.calm && !(self.now_ms / PICKY_MS + u64::from(route)).is_multiple_of(4);
        let status = match self.reqs[req].quirk {
            Quirk::Picky(route) if refuses(route) => 401,
            Quirk::Fails => 0,
            Quirk::StepUp | Quirk::LeftOrigin => 401,
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
            _ => Challenge::Renew,
        };
        let reply =
            Reply { challenge: status == 401, left_origin: quirk == Quirk::LeftOrigin, asks, route: quirk.route() };
        if status == 401 && self.config.place == Place::Own && self.rule != Some(Rule::G10) {
            self.read(tab, None);
        }
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
                    self.engine(tab).handle_proven(stamp, quirk.route());
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
            // What was sent is not looked at.
            Some(Fault::OtherUser) if self.config.tells_subject => {
                answer = Some(Answer::Tokens(self.server.login(self.now_ms)));
            }
            Some(Fault::Ends) => self.server.revoke(refresh),
            _ => {}
        }
        let rotates = self.server.rotates;
        if fault == Some(Fault::NoRefreshToken) {
            self.server.rotates = false;
        }
        let answer = answer.or_else(|| match self.server.refresh(refresh, self.now_ms) {
            Err(refused) => {
                // Nobody can know of a token whose successor was lost on its way, and nobody hears an answer that is
                // not waited for any more.
                let asks = self.tabs[tab].life == life && self.tabs[tab].calling == Some(flight);
                if refused == Refused::Reuse && asks && self.is_spent(tab, refresh) {
                    self.breach(
                        tab,
                        "the auth server is sent a refresh token that it rotated, and whose successor is stored",
                    );
                }
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
        let late = (fault == Some(Fault::Late)).then_some(refresh);
        if late.is_some() {
            ms = self.rng.between(25_000, 90_000);
        }
        let Some(answer) = answer else { return };
        if self.tabs[tab].life == life {
            self.log(tab, |_| format!("flight {}: the auth server has {fault:?}", flight.0));
            self.schedule(ms, tab, Happening::AuthAnswers { flight, answer, late });
        }
    }

    pub fn auth_answers(&mut self, tab: usize, flight: FlightId, answer: Answer<Tok>, late: Option<Tok>) {
        if self.tabs[tab].calling != Some(flight) {
            if let (Some(sent), Answer::Tokens(grant)) = (late, answer) {
                self.auth_answers_late(tab, flight, grant, sent);
            }
            return;
        }
        self.tabs[tab].calling = None;
        let sent = self.watch.tab(tab).sent;
        if matches!(answer, Answer::Failed(_)) && self.take_late(tab, flight, sent) {
            return;
        }
        self.tabs[tab].late = None;
        self.log(tab, |_| format!("flight {}: answered {answer:?}", flight.0));
        self.watch.answered(tab, &answer);
        let epoch = self.engine(tab).record().map(|r| r.epoch);
        self.watch.tabs[tab].over_ms = self.has_ended(epoch).then(|| self.mono_ms());
        let now = self.now();
        self.engine(tab).handle_answer(flight, answer, now);
    }

    /// G7: what was sent is spent from now on, and this tab knows it, although it had given up waiting. A session that
    /// still has it lands the answer by a flight of its own; a call under way that has sent it again may do better.
    fn auth_answers_late(&mut self, tab: usize, flight: FlightId, grant: Grant<Tok>, sent: Tok) {
        self.log(tab, |_| format!("flight {}: answered late {grant:?}", flight.0));
        let is_held = self.engine(tab).record().is_some_and(|r| r.refresh == Some(sent));
        if is_held && grant.refresh.is_some_and(|r| r != sent && r.0 != 0) {
            self.watch.knows_rotated(sent, knows_itself(tab));
        }
        if self.rule == Some(Rule::G7Late) {
            return;
        }
        // There is one place, and what a session of before asked for is worth less than what this one did.
        if self.tabs[tab].late.is_some() && !is_held {
            return;
        }
        let is_spent = grant.refresh.is_some_and(|r| r != sent);
        // A server that does not rotate takes the same token again, and what it gave then is old once another came.
        let before = if is_spent { None } else { self.engine(tab).record().map(|r| r.generation) };
        self.tabs[tab].late = Some((sent, grant, before));
        if is_held && self.tabs[tab].calling.is_none() {
            self.want_refresh(tab);
            self.pump(tab);
            if !is_spent && !self.engine(tab).is_refreshing() {
                self.tabs[tab].late = None;
            }
        }
    }

    /// Gives the flight that is about to send a spent token, or has sent it in vain, what that token has brought.
    pub fn take_late(&mut self, tab: usize, flight: FlightId, sent: Tok) -> bool {
        let Some((_, grant, before)) = self.tabs[tab].late.take_if(|(of, ..)| *of == sent) else {
            return false;
        };
        if before.is_some() && before != self.engine(tab).record().map(|r| r.generation) {
            return false;
        }
        self.watch.tab(tab).sent = sent;
        let answer = Answer::Tokens(grant);
        self.log(tab, |_| format!("flight {}: takes the late {answer:?}", flight.0));
        self.watch.answered(tab, &answer);
        let now = self.now();
        self.engine(tab).handle_answer(flight, answer, now);
        true
    }
}
