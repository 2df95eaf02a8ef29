//! The world that a schedule runs in: time, what is due, and the tabs' common things: store, lock, servers.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};

use relatch_engine::{FlightId, Now, Policy, Record};

use crate::Rule;
use crate::plan::{Config, Fault, Place, Plan};
use crate::rng::Rng;
use crate::server::Server;
use crate::store::{Area, Raw, View};
use crate::watch::{Violation, Watch};

/// True time 0 on the wall clock.
pub(crate) const EPOCH_MS: u64 = 1_700_000_000_000;

pub(crate) use crate::parts::{Due, Happening, Kind, Own, Req, Tab};

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
    /// What the storage service has, or the own store.
    pub store: Raw,
    pub quota_full: bool,
    /// By epoch.
    pub marks: BTreeMap<u32, u32>,
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
            marks: BTreeMap::new(),
            locks: VecDeque::new(),
            server: Server::new(config.rotates, config.grace_ms, config.lifetime_ms, config.tells_lifetime)
                .telling_subjects(config.tells_subject),
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
                subject: grant.subject,
            };
            self.watch.stored(&record);
            self.store = Raw::Record(record);
        }
        for tab in 0..self.config.tabs {
            self.tabs.push(Tab {
                engine: None,
                life: 0,
                opened_ms: 0,
                frozen: false,
                has_frozen: false,
                backlog: Vec::new(),
                area: Area::default(),
                view: View::default(),
                timer: 0,
                armed: None,
                calls: Vec::new(),
                lock: None,
                unlocking: None,
                marking: 0,
                asks: 0,
                calling: None,
                blocked: false,
                was_blocked: false,
                closed: false,
                leaving: false,
                own_busy_until_ms: 0,
                own_hung: false,
                own: Own::default(),
                late: None,
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
}
