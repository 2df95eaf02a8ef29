//! A part of the fleet: users with their tabs, each tab a real engine, and their share of the auth service's load.
//! Users meet nowhere but at the service, so that shards run side by side.

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use relatch_engine::challenge::Challenge;
use relatch_engine::{
    Answer, Driver, Engine, Failure, FlightId, Grant, Now, Pass, Policy, Record, Reply, Stamp, Stored, Token, Want,
};

use crate::driven::Driven;
use crate::memory;
use crate::service::{Service, UNIT_MS};
use crate::tally::Tally;
use crate::user::Habit;
use crate::wheel::{Due, Kind, Wheel};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tok(pub u32);

impl Token for Tok {
    fn is_blank(&self) -> bool {
        false
    }
}

/// How the fleet begins.
#[derive(Clone, Copy, Debug)]
pub enum Start {
    /// Everyone signs in at a random moment of so many milliseconds.
    SignIn { within_ms: u64 },
    /// Everyone signed in long ago: tokens of all ages.
    Steady,
}

#[derive(Clone, Debug)]
pub struct Plan {
    pub users: u32,
    pub tabs: u32,
    pub seconds: usize,
    pub habit: Habit,
    pub start: Start,
    pub service: Service,
    /// All engines draw the same numbers: jitter that spreads nothing, which is what no jitter is.
    pub same_draws: bool,
}

pub struct Tab {
    pub engine: Engine<Tok>,
    /// The token call that is under way, and when it arrived.
    pub pending: Option<(FlightId, u64)>,
    proven: Stamp,
}

pub struct User {
    pub store: Option<Record<Tok>>,
    /// The refresh token that the server would take.
    refresh: u32,
    pub lock: Option<(u32, FlightId)>,
    pub wants_lock: Vec<(u32, FlightId)>,
}

/// What the wall clock shows when the run begins, so that tokens can be older than the run.
const BASE_MS: u64 = 1_000_000_000;
const TO_SERVICE_MS: u64 = 20;
pub const CHALLENGE: Reply = Reply { challenge: true, left_origin: false, asks: Challenge::Renew, route: 0 };
pub const OK: Reply = Reply { challenge: false, ..CHALLENGE };

pub struct Shard<'a> {
    pub plan: &'a Plan,
    pub users: Vec<User>,
    pub tabs: Vec<Tab>,
    wheel: Wheel,
    rng: SmallRng,
    pub tally: Tally,
    pub now_ms: u64,
    /// Tabs whose engines have something to say.
    talking: Vec<u32>,
}

impl<'a> Shard<'a> {
    pub fn new(plan: &'a Plan, users: u32, seed: u64) -> Self {
        let mut shard = Shard {
            plan,
            users: Vec::with_capacity(users as usize),
            tabs: Vec::with_capacity((users * plan.tabs) as usize),
            wheel: Wheel::new(plan.seconds),
            rng: SmallRng::seed_from_u64(seed),
            tally: Tally { load: vec![0; plan.seconds], failed_calls: vec![0; plan.seconds], ..Tally::default() },
            now_ms: 0,
            talking: Vec::new(),
        };
        for user in 0..users {
            shard.join(user);
        }
        shard
    }

    fn join(&mut self, user: u32) {
        let life = self.plan.service.lifetime_ms;
        let store = match self.plan.start {
            Start::SignIn { .. } => None,
            Start::Steady => {
                let obtained_at_ms = BASE_MS - self.rng.random_range(0..life);
                Some(Record {
                    epoch: self.rng.random(),
                    generation: 1,
                    access: Some(Tok((obtained_at_ms / UNIT_MS) as u32)),
                    refresh: Some(Tok(1)),
                    obtained_at_ms,
                    lifetime_ms: Some(life),
                    subject: 0,
                })
            }
        };
        self.users.push(User { store, refresh: 1, lock: None, wants_lock: Vec::new() });
        for tab in user * self.plan.tabs..(user + 1) * self.plan.tabs {
            let seed = if self.plan.same_draws { 7 } else { self.rng.random() };
            let engine = Engine::new(Policy { shared: true, ..Policy::default() }, seed, self.now());
            self.tabs.push(Tab { engine, pending: None, proven: Stamp(0) });
            self.settle_down(tab);
            let first_ms = self.plan.habit.next_burst_ms(0, &mut self.rng);
            self.wheel.push(first_ms, Kind::Burst, tab);
        }
        if let Start::SignIn { within_ms } = self.plan.start {
            let at_ms = self.rng.random_range(0..within_ms);
            self.wheel.push(at_ms, Kind::SignIn, user * self.plan.tabs);
        }
    }

    pub fn run(mut self) -> Tally {
        while let Some((at_ms, Due { kind, tab, .. })) = self.wheel.pop() {
            self.now_ms = at_ms;
            self.tally.events += 1;
            let now = self.now();
            match kind {
                Kind::SignIn => {
                    let grant = self.grant(1);
                    self.tabs[tab as usize].engine.set_tokens(grant, now);
                }
                Kind::Burst => self.burst(tab),
                Kind::Answer => self.answer(tab),
                Kind::Timer => self.tabs[tab as usize].engine.handle_timeout(now),
            }
            self.settle_down(tab);
        }
        let (tabs, before) = (self.tabs.len(), memory::live());
        drop(self.tabs);
        // What a tab is besides its engine is the simulation's.
        let beside = tabs * (size_of::<Tab>() - size_of::<Engine<Tok>>());
        self.tally.engine_bytes = before.saturating_sub(memory::live()).saturating_sub(beside) as u64;
        self.tally
    }

    pub fn now(&self) -> Now {
        Now { wall_ms: BASE_MS + self.now_ms, mono_ms: self.now_ms }
    }

    fn grant(&self, refresh: u32) -> Grant<Tok> {
        let grant = self.plan.service.grant(refresh, BASE_MS + self.now_ms);
        Grant { access: Tok(grant.access), refresh: grant.refresh.map(Tok), lifetime_ms: grant.lifetime_ms, subject: 0 }
    }

    pub fn is_accepted(&self, tab: u32) -> bool {
        let access = self.tabs[tab as usize].engine.access();
        access.is_some_and(|t| self.plan.service.accepts(t.0, BASE_MS, self.now_ms))
    }

    /// A user does something, and will again.
    fn burst(&mut self, tab: u32) {
        let next_ms = self.plan.habit.next_burst_ms(self.now_ms, &mut self.rng);
        self.wheel.push(next_ms, Kind::Burst, tab);
        for _ in 0..Habit::calls(&mut self.rng) {
            self.tally.calls += 1;
            self.call(tab);
        }
    }

    /// One API call, as the shell does it: the short way if it can, otherwise a call of the engine's.
    fn call(&mut self, tab: u32) {
        let now = self.now();
        let engine = &mut self.tabs[tab as usize].engine;
        let pass = match engine.plainly_fresh(now.wall_ms) {
            Some(stamp) => Pass::With(stamp),
            None => engine.ticket(now),
        };
        self.settle_down(tab);
        let accepted = self.is_accepted(tab);
        let Tab { engine, proven, .. } = &mut self.tabs[tab as usize];
        match pass {
            Pass::Bare => {}
            Pass::Hold => {
                engine.open(Want::Fetch { replayable: true }, now);
            }
            Pass::With(stamp) if accepted => {
                if *proven != stamp {
                    *proven = stamp;
                    engine.handle_proven(stamp, 0);
                }
            }
            Pass::With(stamp) => {
                engine.challenged(stamp, true, CHALLENGE, now);
            }
        }
        self.settle_down(tab);
    }

    fn answer(&mut self, tab: u32) {
        let Some((flight, arrived_ms)) = self.tabs[tab as usize].pending.take() else {
            return; // Given up meanwhile.
        };
        let user = (tab / self.plan.tabs) as usize;
        let answer = match self.plan.service.fault(arrived_ms) {
            Err(Some(failure)) => Answer::Failed(failure),
            Err(None) => return,
            Ok(()) => {
                self.tally.refreshes += 1;
                self.users[user].refresh += 1;
                Answer::Tokens(self.grant(self.users[user].refresh))
            }
        };
        let now = self.now();
        self.tabs[tab as usize].engine.handle_answer(flight, answer, now);
    }

    /// Carries out what the tab's engine wants, and what that makes other tabs of the user want.
    fn settle_down(&mut self, tab: u32) {
        self.talking.push(tab);
        while let Some(tab) = self.talking.pop() {
            Driven { shard: self, tab }.pump();
        }
    }

    pub fn token_call(&mut self, tab: u32, flight: FlightId, refresh: Tok) {
        let arrives_ms = self.now_ms + TO_SERVICE_MS;
        if let Some(load) = self.tally.load.get_mut((arrives_ms / 1000) as usize) {
            *load += 1;
        }
        let user = &mut self.users[(tab / self.plan.tabs) as usize];
        if user.refresh != refresh.0 {
            // A server that detects reuse ends the session.
            self.tally.reused += 1;
            let failure = Failure { terminal: true, status: 400, retry_after_ms: None };
            let now = self.now();
            self.tabs[tab as usize].engine.handle_answer(flight, Answer::Failed(failure), now);
            return;
        }
        self.tabs[tab as usize].pending = Some((flight, arrives_ms));
        if matches!(self.plan.service.fault(arrives_ms), Err(None)) {
            self.arm(tab);
        } else {
            let answers_ms = arrives_ms + self.rng.random_range(40..160);
            self.wheel.push(answers_ms, Kind::Answer, tab);
        }
    }

    /// The engine's deadline matters only where something may not come: an early look at it does no harm.
    pub fn arm(&mut self, tab: u32) {
        if let Some(at_ms) = self.tabs[tab as usize].engine.deadline() {
            self.wheel.push(at_ms, Kind::Timer, tab);
        }
    }

    pub fn unlock(&mut self, user: usize, who: (u32, FlightId)) {
        let now = self.now();
        let User { lock, wants_lock, .. } = &mut self.users[user];
        if *lock != Some(who) {
            wants_lock.retain(|w| *w != who);
            return;
        }
        *lock = if wants_lock.is_empty() { None } else { Some(wants_lock.remove(0)) };
        if let Some((tab, flight)) = *lock {
            self.tabs[tab as usize].engine.handle_lock(flight, true, now);
            self.talking.push(tab);
        }
    }

    /// The other tabs hear of the change by a `storage` event.
    pub fn tell_others(&mut self, user: usize, from: u32) {
        let (now, tabs) = (self.now(), self.plan.tabs);
        for tab in (user as u32 * tabs..(user as u32 + 1) * tabs).filter(|t| *t != from) {
            let stored = self.stored(user);
            self.tabs[tab as usize].engine.handle_read(None, stored, now);
            self.talking.push(tab);
        }
    }

    pub fn stored(&self, user: usize) -> Stored<Tok> {
        self.users[user].store.clone().map_or(Stored::Absent, Stored::Record)
    }
}
