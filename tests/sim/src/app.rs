//! What happens to a tab from outside: it opens and dies, and its app calls the session.

use relatch_engine::{CallId, Code, Engine, Outcome, Pass, Want};

use crate::Rule;
use crate::plan::{Place, Quirk};
use crate::server::Tok;
use crate::store::{Area, Raw, View};
use crate::world::{Happening, Kind, Own, Req, World};

/// A session that is signed out looks for another hand's login no more often.
const SEEK_MS: u64 = 1_000;

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
        let now_ms = self.now_ms;
        let slot = &mut self.tabs[tab];
        slot.opened_ms = now_ms;
        slot.engine = Some(engine);
        slot.life += 1;
        // What the service has now: whatever is still on its way to it is a write of another tab's.
        slot.area = Area { value: self.store.clone(), ..Area::default() };
        slot.view = View::default();
        slot.own_hung = false;
        slot.own = Own::default();
        slot.late = None;
        slot.has_frozen = false;
        slot.was_blocked = slot.blocked;
        slot.armed = None;
        slot.own_busy_until_ms = 0;
        slot.closed = false;
        slot.leaving = false;
        self.watch.opened(tab);
        self.log(tab, |_| "opens".to_owned());
        self.pump(tab);
    }

    pub fn die(&mut self, tab: usize) {
        if self.tabs[tab].engine.take().is_none() {
            return;
        }
        self.log(tab, |_| "dies".to_owned());
        self.watch_death(tab);
        let slot = &mut self.tabs[tab];
        slot.frozen = false;
        slot.backlog.clear();
        slot.lock = None;
        slot.unlocking = None;
        slot.marking = 0;
        slot.asks = 0;
        slot.calling = None;
        self.leave_lock(tab, None);
    }

    pub fn thaw(&mut self, tab: usize) {
        self.log(tab, |_| "thaws".to_owned());
        self.tabs[tab].frozen = false;
        let mut backlog = std::mem::take(&mut self.tabs[tab].backlog);
        // Timers and answers come in any order after a thaw, but what the storage service said keeps its order and, so
        // that what the lock promises today can hold, comes first.
        if self.rng.chance(50) {
            backlog.reverse();
        }
        backlog.sort_by_key(|due| match due.what {
            Happening::Seen(_) => due.number,
            _ => u32::MAX,
        });
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
            self.watch_silence(tab);
            let now = self.now();
            self.engine(tab).close(now);
            self.pump(tab);
        }
    }

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
            held_ms: 0,
            asked: None,
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
        self.look(tab, true, None);
        if self.seeks(tab) {
            self.tabs[tab].own.sought_ms = Some(self.mono_ms());
            self.log(tab, |_| format!("looks again before {want:?} {quirk:?}"));
            self.own(tab, Happening::OwnSeek { kind, want, quirk });
            return None;
        }
        self.open_now(tab, kind, want, quirk)
    }

    /// S7: nobody is signed in as far as is known, and the own store tells of no change.
    fn seeks(&mut self, tab: usize) -> bool {
        let mono = self.mono_ms();
        let Own { seen, sought_ms, .. } = &self.tabs[tab].own;
        self.rule != Some(Rule::G10)
            && self.config.place == Place::Own
            && *seen == Raw::Nothing
            && sought_ms.is_none_or(|at| mono >= at + SEEK_MS)
            && !self.is_loading(tab)
    }

    pub fn open_now(&mut self, tab: usize, kind: Kind, want: Want, quirk: Quirk) -> Option<usize> {
        let req = self.new_req(tab, kind, quirk);
        self.log(tab, |_| format!("call {req}: {want:?} {quirk:?}"));
        let now = self.now();
        match self.engine(tab).open(want, now) {
            Some(call) => self.bind(tab, req, call),
            None => self.reqs[req].outcome = Some(Outcome::Error(Code::QueueFull)),
        }
        // The port's second LOOK: in the same millisecond it looks at nothing, and pumps.
        self.pump(tab);
        Some(req)
    }

    pub fn bind(&mut self, tab: usize, req: usize, call: CallId) {
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
        self.look(tab, true, None);
        let now = self.now();
        let fresh = self.engine(tab).plainly_fresh(now.wall_ms);
        let pass = fresh.map_or_else(|| self.engine(tab).ticket(now), Pass::With);
        let req = match pass {
            pass if pass == Pass::Hold || (pass == Pass::Bare && self.config.place == Place::Own) => {
                self.pump(tab);
                self.fetch(tab, Kind::Fetch { replayable: true }, quirk);
                return;
            }
            _ => self.new_req(tab, Kind::Short, quirk),
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
        self.look(tab, false, None);
        self.watch.woken(tab, online);
        self.tabs[tab].leaving &= online;
        let now = self.now();
        self.engine(tab).handle_wake(online, now);
        self.pump(tab);
    }

    pub fn leave(&mut self, tab: usize) {
        if self.is_awake(tab) {
            self.log(tab, |_| "is on its way out".to_owned());
            self.tabs[tab].leaving = true;
            self.engine(tab).handle_leaving();
            self.pump(tab);
        }
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
}
