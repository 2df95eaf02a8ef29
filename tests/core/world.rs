//! A shell for tests: a store, a lock and two clocks of its own, and a memory for all that the engine did.

use std::collections::HashMap;

use relatch_engine::{
    Answer, CallId, Code, Driver, Engine, Event, Failure, FlightId, Grant, Now, Outcome, Policy, Reason, Record, Reply,
    Stamp, Stored, Token, Want,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tok(pub &'static str);

impl Token for Tok {
    fn is_blank(&self) -> bool {
        self.0.trim().is_empty()
    }
}

pub struct World {
    pub engine: Engine<Tok>,
    pub now: Now,
    pub store: Stored<Tok>,
    /// What each `Send` carried.
    pub sent: Vec<(CallId, Option<Tok>)>,
    pub settled: HashMap<CallId, Outcome>,
    /// The token calls, in order.
    pub calls: Vec<(FlightId, Tok, Reason)>,
    pub aborted: Vec<FlightId>,
    pub events: Vec<Event>,
    pub locks: Vec<FlightId>,
    pub unlocks: Vec<FlightId>,
    pub writes: usize,
    pub removals: usize,
    /// Answer reads, locks and writes at once, as local storage does; otherwise the test answers.
    pub reads_at_once: bool,
    pub locks_at_once: bool,
    pub writes_succeed: bool,
    pub open_reads: Vec<FlightId>,
    /// What a `Restore` puts back at once; `None`: the test answers.
    pub heir: Option<Stored<Tok>>,
    /// False: the test answers, also where the engine says what to put back.
    pub restores_at_once: bool,
    pub restores: Vec<Option<FlightId>>,
    /// How long the latest `Unlock` keeps the lock.
    pub unlocked_after_ms: u64,
    /// The mark of every epoch, told at once; otherwise the test answers.
    pub mark: Option<u32>,
    pub marks_at_once: bool,
    pub marks_asked: Vec<(FlightId, u32)>,
    /// What was marked.
    pub marks: Vec<(u32, u32)>,
}

pub const CHALLENGE: Reply =
    Reply { challenge: true, left_origin: false, asks: relatch_engine::challenge::Challenge::Renew, route: 0 };
pub const OK: Reply = Reply { challenge: false, ..CHALLENGE };
pub const HOUR: u64 = 3_600_000;

pub fn policy() -> Policy {
    Policy { shared: true, ..Policy::default() }
}

pub fn record(generation: u32, access: &'static str, refresh: &'static str) -> Record<Tok> {
    Record {
        epoch: 7,
        generation,
        access: (!access.is_empty()).then_some(Tok(access)),
        refresh: (!refresh.is_empty()).then_some(Tok(refresh)),
        obtained_at_ms: 1_000_000,
        lifetime_ms: Some(HOUR),
        subject: 0,
    }
}

pub fn grant(access: &'static str, refresh: &'static str) -> Grant<Tok> {
    Grant {
        access: Tok(access),
        refresh: (!refresh.is_empty()).then_some(Tok(refresh)),
        lifetime_ms: Some(HOUR),
        subject: 0,
    }
}

pub fn transient(status: u16) -> Answer<Tok> {
    Answer::Failed(Failure { terminal: false, status, retry_after_ms: None })
}

pub const TERMINAL: Answer<Tok> = Answer::Failed(Failure { terminal: true, status: 400, retry_after_ms: None });

impl World {
    pub fn new(store: Stored<Tok>) -> World {
        World::with(policy(), store)
    }

    pub fn with(policy: Policy, store: Stored<Tok>) -> World {
        let now = Now { wall_ms: 1_000_000, mono_ms: 500 };
        let mut world = World {
            engine: Engine::new(policy, 42, now),
            now,
            store,
            sent: vec![],
            settled: HashMap::new(),
            calls: vec![],
            aborted: vec![],
            events: vec![],
            locks: vec![],
            unlocks: vec![],
            writes: 0,
            removals: 0,
            reads_at_once: true,
            locks_at_once: true,
            writes_succeed: true,
            open_reads: vec![],
            heir: None,
            restores_at_once: true,
            restores: vec![],
            unlocked_after_ms: 0,
            mark: None,
            marks_at_once: true,
            marks_asked: vec![],
            marks: vec![],
        };
        world.engine.set_tells_calls(true);
        world.run();
        world
    }

    /// Signed in with the tokens a1 and r1, good for an hour.
    pub fn signed_in() -> World {
        World::new(Stored::Record(record(1, "a1", "r1")))
    }

    /// Signed in, and the current token is known to be rejected: a flight has called with r1, one call waits.
    pub fn refreshing() -> (World, CallId) {
        let mut world = World::signed_in();
        let call = world.fetch();
        world.respond(call, CHALLENGE);
        assert_eq!(world.calls.len(), 1);
        (world, call)
    }

    pub fn run(&mut self) {
        self.pump();
    }

    pub fn open(&mut self, want: Want) -> CallId {
        let call = self.engine.open(want, self.now).expect("room for a call");
        self.run();
        call
    }

    pub fn fetch(&mut self) -> CallId {
        self.open(Want::Fetch { replayable: true })
    }

    pub fn respond(&mut self, call: CallId, reply: Reply) {
        self.engine.handle_response(call, reply, self.now);
        self.run();
    }

    /// The latest token call's answer.
    pub fn answer(&mut self, answer: Answer<Tok>) {
        let flight = self.calls.last().expect("a token call").0;
        self.engine.handle_answer(flight, answer, self.now);
        self.run();
    }

    /// The answer to the latest token call, with new tokens.
    pub fn refreshed(&mut self, access: &'static str, refresh: &'static str) {
        self.answer(Answer::Tokens(grant(access, refresh)));
    }

    /// Another hand changed the store, and the browser says so.
    pub fn changed(&mut self, store: Stored<Tok>) {
        self.store = store.clone();
        self.engine.handle_read(None, store, self.now);
        self.run();
    }

    pub fn pass(&mut self, ms: u64) {
        self.now.wall_ms += ms;
        self.now.mono_ms += ms;
        self.engine.handle_timeout(self.now);
        self.run();
    }

    pub fn set_tokens(&mut self, grant: Grant<Tok>) {
        self.engine.set_tokens(grant, self.now);
        self.run();
    }

    pub fn clear(&mut self) {
        self.engine.clear(self.now);
        self.run();
    }

    /// What the call carried each time it was sent.
    pub fn sends(&self, call: CallId) -> Vec<Option<&'static str>> {
        self.sent.iter().filter(|(id, _)| *id == call).map(|(_, tok)| tok.map(|t| t.0)).collect()
    }

    pub fn outcome(&self, call: CallId) -> Option<Outcome> {
        self.settled.get(&call).copied()
    }

    pub fn failures(&self) -> Vec<Code> {
        let code = |event: &Event| match event {
            Event::Failed { code, .. } => Some(*code),
            _ => None,
        };
        self.events.iter().filter_map(code).collect()
    }

    pub fn stored_access(&self) -> Option<&'static str> {
        match &self.store {
            Stored::Record(record) => record.access.map(|t| t.0),
            _ => None,
        }
    }
}

impl Driver<Tok> for World {
    fn engine(&mut self) -> &mut Engine<Tok> {
        &mut self.engine
    }

    fn send(&mut self, call: CallId, with: Option<Stamp>) {
        self.sent.push((call, with.and_then(|_| self.engine.access().copied())));
    }

    fn wait(&mut self, _: CallId) {}

    fn settle(&mut self, call: CallId, outcome: Outcome) {
        assert_eq!(self.settled.insert(call, outcome), None, "G8: a call settles exactly once");
    }

    fn lock(&mut self, flight: FlightId) {
        self.locks.push(flight);
        if self.locks_at_once {
            self.engine.handle_lock(flight, true, self.now);
        }
    }

    fn unlock(&mut self, flight: FlightId, after_ms: u64) {
        self.unlocks.push(flight);
        self.unlocked_after_ms = after_ms;
    }

    fn read_mark(&mut self, flight: FlightId, epoch: u32) {
        self.marks_asked.push((flight, epoch));
        if self.marks_at_once {
            self.engine.handle_mark(flight, self.mark, self.now);
        }
    }

    fn mark(&mut self, epoch: u32, generation: u32) {
        self.marks.push((epoch, generation));
    }

    fn read(&mut self, flight: Option<FlightId>) {
        match flight {
            Some(flight) if !self.reads_at_once => self.open_reads.push(flight),
            flight => self.engine.handle_read(flight, self.store.clone(), self.now),
        }
    }

    fn refresh(&mut self, flight: FlightId, refresh: Tok, reason: Reason) {
        self.calls.push((flight, refresh, reason));
    }

    fn abort_refresh(&mut self, flight: FlightId) {
        self.aborted.push(flight);
    }

    fn write(&mut self, flight: Option<FlightId>, record: Record<Tok>) {
        self.writes += 1;
        if self.writes_succeed {
            self.store = Stored::Record(record);
        }
        self.engine.handle_written(flight, self.writes_succeed, self.now);
    }

    fn remove(&mut self) {
        self.removals += 1;
        self.store = Stored::Absent;
    }

    fn restore(&mut self, flight: Option<FlightId>, record: Option<Record<Tok>>) {
        self.restores.push(flight);
        if let Some(heir) = record.map(Stored::Record).or_else(|| self.heir.clone()).filter(|_| self.restores_at_once) {
            self.store = heir.clone();
            self.engine.handle_restored(flight, heir, self.now);
        }
    }

    fn dispatch(&mut self, event: Event) {
        self.events.push(event);
    }
}
