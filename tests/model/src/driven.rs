//! A tab's shell: carries out the engine's effects on the state, as `src/web` does, and notices what must not be.

use relatch_engine::{CallId, Driver, Engine, Event, FlightId, Outcome, Reason, Record, Stamp, Stored};

use crate::state::{Message, State, Tok};

struct Driven<'a> {
    state: &'a mut State,
    tab: usize,
}

impl State {
    pub fn pump(&mut self, tab: usize) {
        Driven { state: self, tab }.pump();
        // It matters within one input only, and would make two states of one.
        self.tabs[tab].heir = Stored::Absent;
        let engine = self.engine(tab);
        let (waiting, flies) = (engine.waiting_calls(), engine.is_refreshing());
        if waiting > 0 && !flies {
            self.breaks("G8: calls wait, and there is nothing to wait for");
        }
        if !flies && self.tabs[tab].lock.is_some() {
            self.breaks("G1: the lock is kept without a flight");
        }
    }
}

impl Driver<Tok> for Driven<'_> {
    fn engine(&mut self) -> &mut Engine<Tok> {
        self.state.engine(self.tab)
    }

    fn send(&mut self, call: CallId, with: Option<Stamp>) {
        let (state, tab) = (&mut *self.state, self.tab);
        let call = state.tabs[tab].calls[call.index()];
        let token = with.and_then(|_| state.engine(tab).access().copied());
        let to = &mut state.calls[call];
        to.sends += 1;
        to.waits = false;
        let (sends, family, settled) = (to.sends, to.family, to.settled);
        state.replays += u8::from(sends > 1);
        if sends > 2 || settled {
            state.breaks("A5: a request is sent too often");
        }
        if token.is_some_and(|t| t.family != family) {
            state.breaks("A2: a request of one session carries the token of another");
        }
        state.send(Message::Request { call, token });
    }

    fn wait(&mut self, call: CallId) {
        let call = self.state.tabs[self.tab].calls[call.index()];
        self.state.calls[call].waits = true;
    }

    fn settle(&mut self, call: CallId, outcome: Outcome) {
        let (state, tab) = (&mut *self.state, self.tab);
        let call = state.tabs[tab].calls[call.index()];
        let to = &state.calls[call];
        if to.settled || (outcome == Outcome::Response && to.sends == 0) {
            state.breaks("G8: a call settles twice, or without its answer");
        }
        let to = &mut state.calls[call];
        to.settled = true;
        to.waits = false;
        to.id = None;
    }

    fn lock(&mut self, flight: FlightId) {
        let (state, tab) = (&mut *self.state, self.tab);
        if state.tabs[tab].lock.is_some() {
            state.breaks("G1: two flights of one session");
        }
        state.tabs[tab].lock = Some(flight);
        state.locks.push((tab, flight));
        if state.locks.len() == 1 {
            state.send(Message::Granted { tab, flight });
        }
    }

    /// At once; but see [`crate::shell`].
    fn unlock(&mut self, flight: FlightId, _: u64) {
        let (state, tab) = (&mut *self.state, self.tab);
        if state.tabs[tab].lock == Some(flight) {
            state.tabs[tab].lock = None;
            state.leave_lock(tab, Some(flight));
        }
    }

    fn read_mark(&mut self, flight: FlightId, epoch: u32) {
        let (mark, now) = (self.state.marks.get(&epoch).copied(), self.state.now());
        self.engine().handle_mark(flight, mark, now);
    }

    fn mark(&mut self, epoch: u32, generation: u32) {
        let mark = self.state.marks.entry(epoch).or_default();
        *mark = generation.max(*mark);
    }

    fn read(&mut self, flight: Option<FlightId>) {
        let (stored, now) = (self.state.found(self.tab), self.state.now());
        self.engine().handle_read(flight, stored, now);
    }

    fn refresh(&mut self, flight: FlightId, refresh: Tok, _: Reason) {
        self.state.call(self.tab, flight, refresh);
    }

    /// An unknown outcome: the server may rotate, or have rotated.
    fn abort_refresh(&mut self, _: FlightId) {
        self.state.tabs[self.tab].calling = None;
        self.state.lost = true;
    }

    fn write(&mut self, flight: Option<FlightId>, record: Record<Tok>) {
        let (state, tab) = (&mut *self.state, self.tab);
        let now = state.now();
        if state.engine(tab).record().map(|r| r.epoch) != Some(record.epoch) {
            state.breaks("G5: a write for an epoch that is over");
        }
        let theirs = state.seen(tab).map(|r| (r.epoch, r.generation));
        if flight.is_some() && theirs.is_some_and(|(e, g)| e != record.epoch || g >= record.generation) {
            state.breaks("G5: a refresh overwrites another session, or a generation as new as its own");
        }
        let ok = !state.store_full;
        if ok {
            state.put(tab, Stored::Record(record));
        }
        state.engine(tab).handle_written(flight, ok, now);
    }

    fn remove(&mut self) {
        let (state, tab) = (&mut *self.state, self.tab);
        let ours = state.tabs[tab].sent;
        let of = state.seen(tab).map(|r| r.refresh);
        let user = state.tabs[tab].clears > 0;
        if user {
            state.tabs[tab].clears -= 1;
        } else if !state.has_ended(tab)
            && !state.store_full
            && (!state.tabs[tab].ended || of.is_some_and(|r| r != ours))
        {
            state.breaks("G6: a record is removed that was not refused");
        }
        state.put(tab, Stored::Absent);
    }

    fn restore(&mut self, flight: Option<FlightId>, record: Option<Record<Tok>>) {
        let heir = record.map_or_else(|| self.state.tabs[self.tab].heir.clone(), Stored::Record);
        let now = self.state.now();
        if !self.state.store_full || heir == Stored::Absent {
            self.state.put(self.tab, heir.clone());
        }
        self.state.tabs[self.tab].last = heir.clone();
        self.engine().handle_restored(flight, heir, now);
    }

    fn dispatch(&mut self, event: Event) {
        if matches!(event, Event::Expired { .. }) && !self.state.tabs[self.tab].ended {
            self.state.breaks("G6: the session ends without a terminal answer");
        }
    }
}
