//! A part of the fleet: users with their tabs, each tab a real engine, and their share of the auth service's load. Users
//! meet nowhere but at the service, so that shards run side by side.

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use relatch_engine::challenge::Challenge;
use relatch_engine::{
    Answer, Effect, Engine, Event, Failure, FlightId, Grant, Now, Outcome, Pass, Policy, Record, Reply, Stamp, Stored,
    Token, Want,
};

use crate::memory;
use crate::service::{Service, UNIT_MS};
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

/// What came of it. Sums over users; rows by second.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Token calls that arrived at the auth service in each second.
    pub load: Vec<u32>,
    /// API calls that ended with a 401 or an error, by the second in which they ended.
    pub failed_calls: Vec<u32>,
    pub calls: u64,
    pub events: u64,
    pub refreshes: u64,
    pub adoptions: u64,
    pub held: u64,
    pub signed_out: u64,
    /// A refresh token that was rotated away was sent again. Must be 0.
    pub reused: u64,
    /// Bytes of all engines at the end of the run, heap included; 0 unless they are counted.
    pub engine_bytes: u64,
}

impl Tally {
    pub fn add(&mut self, other: &Tally) {
        for (mine, theirs) in [(&mut self.load, &other.load), (&mut self.failed_calls, &other.failed_calls)] {
            mine.resize(mine.len().max(theirs.len()), 0);
            mine.iter_mut().zip(theirs).for_each(|(a, b)| *a += b);
        }
        self.calls += other.calls;
        self.events += other.events;
        self.refreshes += other.refreshes;
        self.adoptions += other.adoptions;
        self.held += other.held;
        self.signed_out += other.signed_out;
        self.reused += other.reused;
        self.engine_bytes += other.engine_bytes;
    }
}

struct Tab {
    engine: Engine<Tok>,
    /// The token call that is under way, and when it arrived.
    pending: Option<(FlightId, u64)>,
    proven: Stamp,
}

struct User {
    store: Option<Record<Tok>>,
    /// The refresh token that the server would take.
    refresh: u32,
    lock: Option<(u32, FlightId)>,
    wants_lock: Vec<(u32, FlightId)>,
}

/// What the wall clock shows when the run begins, so that tokens can be older than the run.
const BASE_MS: u64 = 1_000_000_000;
const TO_SERVICE_MS: u64 = 20;
const CHALLENGE: Reply = Reply { challenge: true, left_origin: false, asks: Challenge::Ours };
const OK: Reply = Reply { challenge: false, ..CHALLENGE };

pub struct Shard<'a> {
    plan: &'a Plan,
    users: Vec<User>,
    tabs: Vec<Tab>,
    wheel: Wheel,
    rng: SmallRng,
    tally: Tally,
    now_ms: u64,
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

    fn now(&self) -> Now {
        Now { wall_ms: BASE_MS + self.now_ms, mono_ms: self.now_ms }
    }

    fn grant(&self, refresh: u32) -> Grant<Tok> {
        let grant = self.plan.service.grant(refresh, BASE_MS + self.now_ms);
        Grant { access: Tok(grant.access), refresh: grant.refresh.map(Tok), lifetime_ms: grant.lifetime_ms }
    }

    fn is_accepted(&self, tab: u32) -> bool {
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
                    engine.handle_proven(stamp);
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
            while let Some(effect) = self.tabs[tab as usize].engine.poll() {
                self.carry_out(tab, effect);
            }
        }
    }

    fn carry_out(&mut self, tab: u32, effect: Effect<Tok>) {
        let now = self.now();
        let (user, second) = ((tab / self.plan.tabs) as usize, (self.now_ms / 1000) as usize);
        match effect {
            Effect::Send { call, with } => {
                let accepted = with.is_some() && self.is_accepted(tab);
                // Counted as failed when it settles, unless this or the next try is accepted.
                if accepted {
                    self.tally.failed_calls[second] = self.tally.failed_calls[second].wrapping_sub(1);
                }
                let reply = if accepted { OK } else { CHALLENGE };
                self.tabs[tab as usize].engine.handle_response(call, reply, now);
            }
            Effect::Wait { .. } => self.tally.held += 1,
            Effect::Settle { outcome, .. } => {
                debug_assert_ne!(outcome, Outcome::Token);
                self.tally.failed_calls[second] = self.tally.failed_calls[second].wrapping_add(1);
            }
            Effect::Lock { flight } => {
                if self.users[user].lock.is_none() {
                    self.users[user].lock = Some((tab, flight));
                    self.tabs[tab as usize].engine.handle_lock(flight, true, now);
                } else {
                    self.users[user].wants_lock.push((tab, flight));
                    self.arm(tab);
                }
            }
            Effect::Unlock { flight, .. } => self.unlock(user, (tab, flight)),
            Effect::Read { flight } => {
                let stored = self.stored(user);
                self.tabs[tab as usize].engine.handle_read(flight, stored, now);
            }
            Effect::Refresh { flight, refresh, .. } => self.token_call(tab, flight, refresh),
            Effect::AbortRefresh { .. } => self.tabs[tab as usize].pending = None,
            Effect::Write { flight, record } => {
                self.users[user].store = Some(record);
                self.tabs[tab as usize].engine.handle_written(flight, true, now);
                self.tell_others(user, tab);
            }
            // The fleet's stores are seen at once: nobody writes for a session that is over.
            Effect::Restore { flight } => {
                let stored = self.users[user].store.clone().map_or(Stored::Absent, Stored::Record);
                self.tabs[tab as usize].engine.handle_restored(flight, stored, now);
            }
            Effect::Remove => {
                self.users[user].store = None;
                self.tell_others(user, tab);
            }
            Effect::Dispatch(Event::Expired { .. }) => self.tally.signed_out += 1,
            Effect::Dispatch(Event::Adopted { .. }) => self.tally.adoptions += 1,
            Effect::Dispatch(_) => {}
        }
    }

    fn token_call(&mut self, tab: u32, flight: FlightId, refresh: Tok) {
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
    fn arm(&mut self, tab: u32) {
        if let Some(at_ms) = self.tabs[tab as usize].engine.deadline() {
            self.wheel.push(at_ms, Kind::Timer, tab);
        }
    }

    fn unlock(&mut self, user: usize, who: (u32, FlightId)) {
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
    fn tell_others(&mut self, user: usize, from: u32) {
        let (now, tabs) = (self.now(), self.plan.tabs);
        for tab in (user as u32 * tabs..(user as u32 + 1) * tabs).filter(|t| *t != from) {
            let stored = self.stored(user);
            self.tabs[tab as usize].engine.handle_read(None, stored, now);
            self.talking.push(tab);
        }
    }

    fn stored(&self, user: usize) -> Stored<Tok> {
        self.users[user].store.clone().map_or(Stored::Absent, Stored::Record)
    }
}
