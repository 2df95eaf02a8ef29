//! Random inputs in random order. The invariants hold after every step, and in the end every call has settled.

use std::collections::{HashMap, HashSet};

use proptest::prelude::*;
use relatch_engine::policy::{BEHIND_LOOKS, ENDED};
use relatch_engine::{
    Answer, CallId, Driver, Engine, Event, Failure, FlightId, Grant, Now, Outcome, Policy, Reason, Record, Reply,
    Stamp, Stored, Token, Want,
};

#[derive(Clone, Copy, Debug, PartialEq)]
struct Tok(u32);

impl Token for Tok {
    fn is_blank(&self) -> bool {
        self.0 == 0
    }
}

#[derive(Clone, Debug)]
enum Step {
    Fetch { replayable: bool },
    Token,
    Refresh,
    Ticket,
    Respond { which: usize, challenge: bool },
    Fail { which: usize },
    Abort { which: usize },
    Lock { granted: bool },
    Read,
    Marked { generation: Option<u32> },
    Restored { kind: u8 },
    Replaced { back: bool },
    Answer { kind: u8 },
    Written { ok: bool },
    Store { kind: u8 },
    Login,
    Logout,
    Wake { online: bool },
    Pass { ms: u64 },
    Jump { ms: i64 },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => any::<bool>().prop_map(|replayable| Step::Fetch { replayable }),
        1 => Just(Step::Token),
        1 => Just(Step::Refresh),
        2 => Just(Step::Ticket),
        8 => (any::<usize>(), any::<bool>()).prop_map(|(which, challenge)| Step::Respond { which, challenge }),
        1 => any::<usize>().prop_map(|which| Step::Fail { which }),
        2 => any::<usize>().prop_map(|which| Step::Abort { which }),
        3 => any::<bool>().prop_map(|granted| Step::Lock { granted }),
        5 => Just(Step::Read),
        5 => prop_oneof![6 => Just(None), 3 => (1..4u32).prop_map(Some), 1 => Just(Some(ENDED))]
            .prop_map(|generation| Step::Marked { generation }),
        2 => (0..3u8).prop_map(|kind| Step::Restored { kind }),
        1 => any::<bool>().prop_map(|back| Step::Replaced { back }),
        5 => (0..6u8).prop_map(|kind| Step::Answer { kind }),
        3 => any::<bool>().prop_map(|ok| Step::Written { ok }),
        2 => (0..6u8).prop_map(|kind| Step::Store { kind }),
        1 => Just(Step::Login),
        1 => Just(Step::Logout),
        1 => any::<bool>().prop_map(|online| Step::Wake { online }),
        2 => (0..100_000u64).prop_map(|ms| Step::Pass { ms }),
        1 => (-600_000..600_000i64).prop_map(|ms| Step::Jump { ms }),
    ];
    prop::collection::vec(step, 1..120)
}

struct Chaos {
    engine: Engine<Tok>,
    now: Now,
    store: Stored<Tok>,
    next_token: u32,

    out: Vec<CallId>,
    waiting: Vec<CallId>,
    open: HashSet<CallId>,
    sends: HashMap<CallId, u32>,
    locks: Vec<FlightId>,
    held: Option<FlightId>,
    reads: Vec<Option<FlightId>>,
    restores: Vec<(Option<FlightId>, Option<Record<Tok>>)>,
    marks_asked: Vec<FlightId>,
    /// Whose token call was sent last.
    spent: Option<FlightId>,
    calls: Vec<FlightId>,
    writes: Vec<(Option<FlightId>, Record<Tok>)>,
}

const POLICY: Policy = Policy {
    refresh_timeout_ms: 30_000,
    lock_wait_ms: 35_000,
    max_wait_ms: 40_000,
    max_replays: 1,
    max_waiting: 8,
    shared: true,
};

impl Chaos {
    fn new(seed: u64) -> Chaos {
        let now = Now { wall_ms: 10_000_000, mono_ms: 1_000 };
        Chaos {
            engine: Engine::new(POLICY, seed, now),
            now,
            store: Stored::Absent,
            next_token: 1,

            out: vec![],
            waiting: vec![],
            open: HashSet::new(),
            sends: HashMap::new(),
            locks: vec![],
            held: None,
            reads: vec![],
            restores: vec![],
            marks_asked: vec![],
            spent: None,
            calls: vec![],
            writes: vec![],
        }
    }

    fn token(&mut self) -> Tok {
        self.next_token += 1;
        Tok(self.next_token)
    }

    fn grant(&mut self) -> Grant<Tok> {
        Grant { access: self.token(), refresh: Some(self.token()), lifetime_ms: Some(60_000), subject: 0 }
    }

    fn drain(&mut self) {
        self.pump();
        assert!(self.engine.waiting_calls() <= POLICY.max_waiting, "the queue is bounded");
        assert_eq!(self.engine.live_calls() as usize, self.open.len());
    }

    fn opened(&mut self, call: Option<CallId>) {
        if let Some(call) = call {
            self.open.insert(call);
        }
    }

    fn step(&mut self, step: &Step) {
        let now = self.now;
        match *step {
            Step::Fetch { replayable } => {
                let call = self.engine.open(Want::Fetch { replayable }, now);
                self.opened(call);
            }
            Step::Token => {
                let call = self.engine.open(Want::Token { min_validity_ms: 10_000 }, now);
                self.opened(call);
            }
            Step::Refresh => {
                let call = self.engine.open(Want::Refresh, now);
                self.opened(call);
            }
            Step::Ticket => {
                if let relatch_engine::Pass::With(stamp) = self.engine.ticket(now) {
                    self.drain();
                    let reply = Reply { challenge: true, ..Reply::default() };
                    let call = self.engine.challenged(stamp, true, reply, now);
                    self.opened(call);
                    if let Some(call) = call {
                        self.sends.insert(call, 1);
                    }
                }
            }
            Step::Respond { which, challenge } => {
                if let Some(call) = pick(&self.out, which) {
                    self.engine.handle_response(call, Reply { challenge, ..Reply::default() }, now);
                }
            }
            Step::Fail { which } => {
                if let Some(call) = pick(&self.out, which) {
                    self.engine.handle_failure(call);
                }
            }
            Step::Abort { which } => {
                if let Some(call) = pick(&self.waiting, which) {
                    self.engine.handle_abort(call);
                }
            }
            Step::Lock { granted } => {
                if let Some(flight) = self.locks.pop() {
                    self.held = granted.then_some(flight);
                    self.engine.handle_lock(flight, granted, now);
                }
            }
            Step::Read => {
                if !self.reads.is_empty() {
                    let flight = self.reads.remove(0);
                    self.engine.handle_read(flight, self.store.clone(), now);
                }
            }
            Step::Marked { generation } => {
                if !self.marks_asked.is_empty() {
                    let flight = self.marks_asked.remove(0);
                    self.engine.handle_mark(flight, generation, now);
                }
            }
            Step::Restored { kind } => {
                if !self.restores.is_empty() {
                    let (flight, record) = self.restores.remove(0);
                    if let Some(record) = record {
                        // Told even if it could not be put.
                        self.store = Stored::Record(record);
                        self.engine.handle_restored(flight, self.store.clone(), now);
                        return self.drain();
                    }
                    match kind {
                        0 => self.store = Stored::Absent,
                        1 => self.store = self.engine.record().cloned().map_or(Stored::Absent, Stored::Record),
                        // It could not be put back.
                        _ => {}
                    }
                    self.engine.handle_restored(flight, self.store.clone(), now);
                }
            }
            Step::Replaced { back } => {
                let ours = self.engine.record().map(|r| r.epoch);
                let (before, after) = if back { (Some(1_003), ours) } else { (ours, Some(1_003)) };
                self.engine.handle_replaced(before, after);
            }
            Step::Answer { kind } => {
                if let Some(flight) = self.calls.pop() {
                    let failed = |terminal, status| Answer::Failed(Failure { terminal, status, retry_after_ms: None });
                    let answer = match kind {
                        0 => failed(true, 401),
                        1 => failed(false, 503),
                        2 => Answer::Tokens(Grant { access: Tok(0), refresh: None, lifetime_ms: None, subject: 0 }),
                        _ => Answer::Tokens(self.grant()),
                    };
                    self.engine.handle_answer(flight, answer, now);
                }
            }
            Step::Written { ok } => {
                if !self.writes.is_empty() {
                    let (flight, record) = self.writes.remove(0);
                    if ok {
                        self.store = Stored::Record(record);
                    }
                    self.engine.handle_written(flight, ok, now);
                }
            }
            Step::Store { kind } => {
                let other = Record {
                    epoch: u32::from(kind) + 1_000,
                    generation: 1,
                    access: Some(self.token()),
                    refresh: Some(self.token()),
                    obtained_at_ms: now.wall_ms,
                    lifetime_ms: Some(60_000),
                    subject: u32::from(kind % 2) * u32::from(kind),
                };
                let newer = self.engine.record().map(|r| Record {
                    generation: r.generation + 1,
                    epoch: r.epoch,
                    ..other.clone()
                });
                self.store = match kind {
                    0 => Stored::Absent,
                    1 => Stored::Unreadable,
                    2 => Stored::Unavailable,
                    3 => Stored::Record(other),
                    _ => newer.map_or(Stored::Absent, Stored::Record),
                };
                self.engine.handle_read(None, self.store.clone(), now);
            }
            Step::Login => {
                let grant = self.grant();
                self.engine.set_tokens(grant, now);
            }
            Step::Logout => self.engine.clear(now),
            Step::Wake { online } => self.engine.handle_wake(online, now),
            Step::Pass { ms } => {
                self.now = Now { wall_ms: now.wall_ms + ms, mono_ms: now.mono_ms + ms };
                self.engine.handle_timeout(self.now);
            }
            Step::Jump { ms } => self.now.wall_ms = now.wall_ms.saturating_add_signed(ms),
        }
        self.drain();
    }

    /// Nothing answers any more, but time passes and the servers fail what is at them: everybody settles.
    fn settle_all(&mut self) {
        for _ in 0..3 * u32::from(BEHIND_LOOKS) {
            for call in std::mem::take(&mut self.out) {
                self.engine.handle_response(call, Reply { challenge: true, ..Reply::default() }, self.now);
            }
            self.drain();
            self.step(&Step::Pass { ms: 41_000 });
        }
        assert!(self.open.is_empty(), "liveness: {:?} never settled", self.open);
        assert!(!self.engine.is_refreshing());
        assert_eq!(self.engine.deadline(), None);
        assert!(self.held.is_none() && self.locks.is_empty(), "the lock was given back");
    }
}

impl Driver<Tok> for Chaos {
    fn engine(&mut self) -> &mut Engine<Tok> {
        &mut self.engine
    }

    fn send(&mut self, call: CallId, with: Option<Stamp>) {
        assert!(self.open.contains(&call), "only a call that has not settled is sent");
        let sends = self.sends.entry(call).or_default();
        *sends += 1;
        assert!(*sends <= 1 + u32::from(POLICY.max_replays), "sent too often");
        if let Some(stamp) = with {
            assert_eq!(stamp, self.engine.stamp(), "sent with the current generation");
        }
        self.waiting.retain(|c| *c != call);
        self.out.push(call);
    }

    fn wait(&mut self, call: CallId) {
        self.out.retain(|c| *c != call);
        self.waiting.push(call);
    }

    fn settle(&mut self, call: CallId, outcome: Outcome) {
        assert!(self.open.remove(&call), "G8: settled once, and only what was opened");
        if outcome == Outcome::Response {
            assert!(self.sends.get(&call).is_some_and(|n| *n > 0), "a response needs a request");
        }
        self.out.retain(|c| *c != call);
        self.waiting.retain(|c| *c != call);
        self.sends.remove(&call);
    }

    fn lock(&mut self, flight: FlightId) {
        assert!(self.locks.is_empty() && self.held.is_none(), "one flight, one lock");
        self.locks.push(flight);
    }

    fn unlock(&mut self, flight: FlightId, after_ms: u64) {
        assert!(after_ms == 0 || self.spent == Some(flight), "the lock is kept for what a token call brought only");
        self.locks.retain(|f| *f != flight);
        if self.held == Some(flight) {
            self.held = None;
        }
    }

    fn read_mark(&mut self, flight: FlightId, _: u32) {
        self.marks_asked.push(flight);
    }

    fn mark(&mut self, epoch: u32, generation: u32) {
        assert!(
            self.engine.record().is_none_or(|r| r.epoch != epoch || r.generation >= generation || generation == ENDED)
        );
    }

    fn read(&mut self, flight: Option<FlightId>) {
        self.reads.push(flight);
    }

    fn refresh(&mut self, flight: FlightId, refresh: Tok, _: Reason) {
        assert_eq!(self.held, Some(flight), "the refresh token is spent under the lock only");
        assert!(self.calls.is_empty(), "one token call at a time");
        assert_eq!(self.engine.record().and_then(|r| r.refresh), Some(refresh));
        self.calls.push(flight);
        self.spent = Some(flight);
    }

    fn abort_refresh(&mut self, flight: FlightId) {
        self.calls.retain(|f| *f != flight);
    }

    fn write(&mut self, flight: Option<FlightId>, record: Record<Tok>) {
        let current = self.engine.record().map(|r| r.epoch);
        assert_eq!(current, Some(record.epoch), "nothing is written for an old epoch");
        self.writes.push((flight, record));
    }

    fn remove(&mut self) {
        self.store = Stored::Absent;
    }

    fn restore(&mut self, flight: Option<FlightId>, record: Option<Record<Tok>>) {
        self.restores.push((flight, record));
    }

    fn dispatch(&mut self, _: Event) {}
}

fn pick(from: &[CallId], which: usize) -> Option<CallId> {
    from.get(which.checked_rem(from.len())?).copied()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, ..ProptestConfig::default() })]
    #[test]
    fn every_call_settles_once_whatever_happens(seed in any::<u64>(), steps in steps()) {
        let mut chaos = Chaos::new(seed);
        for step in &steps {
            chaos.step(step);
        }
        chaos.settle_all();
    }
}
