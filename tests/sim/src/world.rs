//! The world that a schedule runs in: time, what is due, and the tabs' common things: store, lock, servers.
//!
//! One file, although it is long: each step of a schedule may touch all of them.

use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, VecDeque};

use relatch_engine::{Answer, CallId, Engine, FlightId, Now, Outcome, Policy, Record, Stamp, Stored};

use crate::Rule;
use crate::plan::{Config, Fault, Place, Plan, Quirk, Step};
use crate::rng::Rng;
use crate::server::{Server, Tok};
use crate::store::{Raw, View};
use crate::watch::{Violation, Watch};

/// True time 0 on the wall clock.
pub(crate) const EPOCH_MS: u64 = 1_700_000_000_000;

#[derive(Clone, Debug)]
pub(crate) enum Happening {
    /// The `storage` event.
    Stored,
    Granted {
        flight: FlightId,
    },
    /// A request reaches the API; it is judged there and then.
    ApiArrives {
        req: usize,
        net: u32,
        token: Option<Tok>,
    },
    ApiAnswers {
        req: usize,
        net: u32,
        status: u16,
    },
    AuthArrives {
        flight: FlightId,
        refresh: Tok,
        fault: Option<Fault>,
    },
    AuthAnswers {
        flight: FlightId,
        answer: Answer<Tok>,
    },
    /// An operation of the caller's own store: it is done, and says so.
    OwnRead {
        flight: Option<FlightId>,
    },
    OwnWrite {
        flight: Option<FlightId>,
        record: Record<Tok>,
    },
    OwnRemove,
    Timer {
        number: u32,
    },
    Abort {
        req: usize,
    },
    Thaw,
}

#[derive(Debug)]
pub(crate) struct Due {
    pub at_ms: u64,
    number: u32,
    pub tab: usize,
    pub life: u32,
    pub what: Happening,
}

impl PartialEq for Due {
    fn eq(&self, other: &Due) -> bool {
        self.number == other.number
    }
}

impl Eq for Due {}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Due) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Due {
    fn cmp(&self, other: &Due) -> Ordering {
        (self.at_ms, self.number).cmp(&(other.at_ms, other.number))
    }
}

/// What the app asked for: a call of the engine's, or a request of the short way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Fetch { replayable: bool },
    Short,
    Token,
    Refresh,
}

#[derive(Clone, Debug)]
pub(crate) struct Req {
    pub tab: usize,
    pub life: u32,
    pub kind: Kind,
    pub quirk: Quirk,
    pub call: Option<CallId>,
    /// The family of the session that it was made in; 0: signed out, `u32::MAX`: not known yet.
    pub family: u32,
    pub sends: u8,
    pub stamp: Option<Stamp>,
    pub token: Option<Tok>,
    /// Grows with each send: an answer to an earlier one is dropped, as is one to an aborted request.
    pub net: u32,
    pub waiting_since_ms: Option<u64>,
    pub aborted: bool,
    /// The latest answer's status; 0: none.
    pub status: u16,
    pub outcome: Option<Outcome>,
}

pub(crate) struct Tab {
    /// `None`: the tab is closed, or died.
    pub engine: Option<Engine<Tok>>,
    pub life: u32,
    pub frozen: bool,
    pub backlog: Vec<Due>,
    pub view: View,
    pub timer: u32,
    pub armed: Option<u64>,
    /// The request behind each of the engine's calls, by the call's index.
    pub calls: Vec<usize>,
    /// `Port.#lock`: asked for or held.
    pub lock: Option<FlightId>,
    /// The token call under way, seen from the client.
    pub calling: Option<FlightId>,
    /// The storage is blocked in this tab.
    pub blocked: bool,
    /// The app called `close()`.
    pub closed: bool,
    /// When the last operation of the own store is done.
    pub own_busy_until_ms: u64,
}

pub(crate) struct World {
    pub config: Config,
    pub policy: Policy,
    pub rule: Option<Rule>,
    pub now_ms: u64,
    pub skew_ms: i64,
    /// How much the monotonic clock lags behind: it stood still while the machine slept.
    pub mono_lag_ms: u64,
    pub rng: Rng,
    pub due: BinaryHeap<Reverse<Due>>,
    number: u32,
    pub tabs: Vec<Tab>,
    pub store: Raw,
    pub quota_full: bool,
    /// First: the holder.
    pub locks: VecDeque<(usize, u32, FlightId)>,
    pub server: Server,
    pub faults: VecDeque<Fault>,
    pub api_rejects: bool,
    pub reqs: Vec<Req>,
    pub watch: Watch,
    pub calm: bool,
    pub step: u32,
    pub trace: Option<Vec<String>>,
}

/// What a schedule that passed did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ran {
    pub calls: u64,
    pub refreshes: u64,
    pub reuses: u64,
}

/// Runs the schedule. With a rule, that rule is dropped in every engine. `trace`: what happened is written there.
pub fn run(plan: &Plan, rule: Option<Rule>, trace: Option<&mut Vec<String>>) -> Result<Ran, Violation> {
    let mut world = World::new(plan, rule, trace.is_some());
    world.begin();
    for timed in &plan.steps {
        let at = world.now_ms + timed.after_ms;
        world.run_until(at);
        if world.watch.violation.is_some() {
            break;
        }
        world.step = timed.number;
        // Of the step's own number, so that a schedule with fewer steps still does much the same.
        world.rng = Rng::new(plan.seed ^ (u64::from(timed.number) + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        world.take(timed.step);
    }
    if world.watch.violation.is_none() {
        world.rng = Rng::new(!plan.seed);
        world.come_to_rest();
    }
    if let (Some(to), Some(from)) = (trace, world.trace.take()) {
        *to = from;
    }
    match world.watch.violation.take() {
        Some(violation) => Err(violation),
        None => Ok(Ran {
            calls: world.reqs.len() as u64,
            refreshes: u64::from(world.server.refreshes),
            reuses: u64::from(world.server.reuses),
        }),
    }
}

impl World {
    fn new(plan: &Plan, rule: Option<Rule>, traced: bool) -> World {
        let config = plan.config.clone();
        let policy = Policy {
            max_replays: config.max_replays,
            max_waiting: config.max_waiting,
            shared: config.place != Place::Memory,
            ..Policy::default()
        };
        World {
            policy,
            rule,
            // Not 0, so that every clock may be set back.
            now_ms: 20_000_000,
            skew_ms: config.skew_ms,
            mono_lag_ms: 0,
            rng: Rng::new(plan.seed.rotate_left(17)),
            due: BinaryHeap::with_capacity(64),
            number: 0,
            tabs: Vec::with_capacity(config.tabs),
            store: Raw::Nothing,
            quota_full: false,
            locks: VecDeque::new(),
            server: Server::new(config.rotates, config.grace_ms, config.lifetime_ms, config.tells_lifetime),
            faults: VecDeque::new(),
            api_rejects: false,
            reqs: Vec::with_capacity(128),
            watch: Watch::new(config.tabs),
            calm: false,
            step: 0,
            trace: traced.then(Vec::new),
            config,
        }
    }

    fn begin(&mut self) {
        if self.config.signed_in && self.config.place != Place::Memory {
            let grant = self.server.login(self.now_ms);
            let record = Record {
                epoch: 7,
                generation: 1,
                access: Some(grant.access),
                refresh: grant.refresh,
                obtained_at_ms: self.wall_ms(),
                lifetime_ms: grant.lifetime_ms,
            };
            self.watch.stored(&record);
            self.store = Raw::Record(record);
        }
        for tab in 0..self.config.tabs {
            self.tabs.push(Tab {
                engine: None,
                life: 0,
                frozen: false,
                backlog: Vec::new(),
                view: View::default(),
                timer: 0,
                armed: None,
                calls: Vec::new(),
                lock: None,
                calling: None,
                blocked: false,
                closed: false,
                own_busy_until_ms: 0,
            });
            self.open_tab(tab);
        }
    }

    pub fn wall_ms(&self) -> u64 {
        (EPOCH_MS + self.now_ms).saturating_add_signed(self.skew_ms)
    }

    pub fn mono_ms(&self) -> u64 {
        self.now_ms - self.mono_lag_ms
    }

    pub fn now(&self) -> Now {
        Now { wall_ms: self.wall_ms(), mono_ms: self.mono_ms() }
    }

    pub fn log(&mut self, tab: usize, text: impl FnOnce(&World) -> String) {
        if self.trace.is_some() {
            let line = format!("{:>11.3} s  tab {tab}  {}", (self.now_ms - 20_000_000) as f64 / 1000.0, text(self));
            if let Some(trace) = &mut self.trace {
                trace.push(line);
            }
        }
    }

    pub fn schedule(&mut self, after_ms: u64, tab: usize, what: Happening) {
        self.number += 1;
        let due = Due { at_ms: self.now_ms + after_ms, number: self.number, tab, life: self.tabs[tab].life, what };
        self.due.push(Reverse(due));
    }

    /// All that is due up to then.
    pub fn run_until(&mut self, at_ms: u64) {
        while self.due.peek().is_some_and(|Reverse(due)| due.at_ms <= at_ms) && self.watch.violation.is_none() {
            self.run_next();
        }
        self.now_ms = self.now_ms.max(at_ms);
    }

    pub fn run_next(&mut self) {
        let Some(Reverse(due)) = self.due.pop() else { return };
        self.now_ms = self.now_ms.max(due.at_ms);
        let Due { tab, life, .. } = due;
        match due.what {
            // What has left the tab goes on without it.
            Happening::ApiArrives { req, net, token } => return self.api_arrives(tab, life, req, net, token),
            Happening::AuthArrives { flight, refresh, fault } => {
                return self.auth_arrives(tab, life, flight, refresh, fault);
            }
            _ => {}
        }
        if self.tabs[tab].life != life || self.tabs[tab].engine.is_none() {
            return;
        }
        if let Happening::Thaw = due.what {
            return self.thaw(tab);
        }
        if self.tabs[tab].frozen {
            return self.tabs[tab].backlog.push(due);
        }
        self.happen(tab, due.what);
    }

    pub fn happen(&mut self, tab: usize, what: Happening) {
        let now = self.now();
        match what {
            Happening::Stored => self.look(tab, false),
            Happening::Granted { flight } => self.granted(tab, flight),
            Happening::ApiAnswers { req, net, status } => self.api_answers(tab, req, net, status),
            Happening::AuthAnswers { flight, answer } => self.auth_answers(tab, flight, answer),
            Happening::OwnRead { flight } => {
                let blocked = self.tabs[tab].blocked;
                let stored = if blocked { Stored::Unavailable } else { self.store.parse() };
                self.engine(tab).handle_read(flight, stored, now);
            }
            Happening::OwnWrite { flight, record } => {
                let ok = !self.tabs[tab].blocked && !self.quota_full;
                if ok {
                    self.put(tab, Raw::Record(record.clone()));
                    self.watch_stored(tab, flight, &record);
                }
                if !ok {
                    self.watch.tab(tab).failed_writes += 1;
                }
                self.engine(tab).handle_written(flight, ok, now);
            }
            Happening::OwnRemove => {
                if self.tabs[tab].blocked {
                    self.watch.cannot_remove();
                } else {
                    self.put(tab, Raw::Nothing);
                }
            }
            Happening::Timer { number } => {
                if self.tabs[tab].timer != number {
                    return;
                }
                self.tabs[tab].armed = None;
                self.engine(tab).handle_timeout(now);
                self.pump(tab);
                self.check_deadline(tab);
                return;
            }
            Happening::Abort { req } => self.abort(tab, req),
            Happening::Thaw | Happening::ApiArrives { .. } | Happening::AuthArrives { .. } => {}
        }
        self.pump(tab);
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Fetch { tab, replayable, quirk, abort_after_ms } => {
                let req = self.fetch(tab, Kind::Fetch { replayable }, quirk);
                if let (Some(req), Some(ms)) = (req, abort_after_ms) {
                    self.schedule(ms, tab, Happening::Abort { req });
                }
            }
            Step::Short { tab, quirk } => self.short(tab, quirk),
            Step::Burst { tab, count } => {
                for _ in 0..count {
                    self.fetch(tab, Kind::Fetch { replayable: true }, Quirk::None);
                }
            }
            Step::Token { tab, min_validity_ms } => self.want_token(tab, min_validity_ms),
            Step::Refresh { tab } => self.want_refresh(tab),
            Step::Login { tab } => self.login(tab),
            Step::Logout { tab } => self.logout(tab),
            Step::Close { tab } => self.close(tab),
            Step::Die { tab } => self.die(tab),
            Step::Open { tab } => self.open_tab(tab),
            Step::Freeze { tab, ms } => {
                if self.is_awake(tab) {
                    self.log(tab, |_| format!("freezes for {ms} ms"));
                    self.tabs[tab].frozen = true;
                    self.schedule(ms, tab, Happening::Thaw);
                }
            }
            Step::Wake { tab, online } => self.wake(tab, online),
            Step::Jump { ms } => {
                self.log(0, |_| format!("the wall clock jumps by {ms} ms"));
                self.skew_ms += ms;
            }
            Step::Sleep { ms, mono } => {
                self.log(0, |_| format!("the machine sleeps {ms} ms"));
                self.now_ms += ms;
                if !mono {
                    self.mono_lag_ms += ms;
                }
            }
            Step::Fault(fault) => self.faults.push_back(fault),
            Step::ApiRejects { all } => {
                self.log(0, |_| format!("the API rejects everything: {all}"));
                self.api_rejects = all;
            }
            Step::KillAccess => {
                self.log(0, |_| "the API stops accepting the tokens issued so far".to_owned());
                self.server.kill_access();
            }
            Step::RevokeFamily => {
                if let Some(refresh) = self.store.record().and_then(|r| r.refresh) {
                    self.log(0, |_| "the auth server revokes the session".to_owned());
                    self.server.revoke(refresh);
                }
            }
            Step::Quota { full } => self.quota_full = full,
            Step::Block { tab, on } => self.tabs[tab].blocked = on,
            Step::Garbage => self.tamper(Raw::Garbage),
            Step::ClearStore => self.tamper(Raw::Nothing),
            Step::TakeAccess => {
                if let Raw::Record(record) = self.store.clone() {
                    self.tamper(Raw::Record(Record { access: None, ..record }));
                }
            }
        }
    }

    /// A hand changes the store by developer tools: the tabs hear of it, too.
    fn tamper(&mut self, raw: Raw) {
        self.log(0, |_| format!("a hand puts into the store: {raw:?}"));
        self.store = raw;
        for tab in 0..self.tabs.len() {
            self.schedule(5, tab, Happening::Stored);
        }
    }
}
