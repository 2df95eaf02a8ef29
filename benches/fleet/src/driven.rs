//! A tab as its engine sees it: carries out each effect, most of them at once.

use relatch_engine::{CallId, Driver, Engine, Event, FlightId, Outcome, Reason, Record, Stamp};

use crate::shard::{CHALLENGE, OK, Shard, Tok};

pub struct Driven<'a, 'b> {
    pub shard: &'a mut Shard<'b>,
    pub tab: u32,
}

impl Driven<'_, '_> {
    fn user(&self) -> usize {
        (self.tab / self.shard.plan.tabs) as usize
    }

    fn second(&self) -> usize {
        (self.shard.now_ms / 1000) as usize
    }
}

impl Driver<Tok> for Driven<'_, '_> {
    fn engine(&mut self) -> &mut Engine<Tok> {
        &mut self.shard.tabs[self.tab as usize].engine
    }

    fn send(&mut self, call: CallId, with: Option<Stamp>) {
        let accepted = with.is_some() && self.shard.is_accepted(self.tab);
        // Counted as failed when it settles, unless this or the next try is accepted.
        if accepted {
            let failed = &mut self.shard.tally.failed_calls[(self.shard.now_ms / 1000) as usize];
            *failed = failed.wrapping_sub(1);
        }
        let (reply, now) = (if accepted { OK } else { CHALLENGE }, self.shard.now());
        self.engine().handle_response(call, reply, now);
    }

    fn wait(&mut self, _: CallId) {
        self.shard.tally.held += 1;
    }

    fn settle(&mut self, _: CallId, outcome: Outcome) {
        debug_assert_ne!(outcome, Outcome::Token);
        let second = self.second();
        let failed = &mut self.shard.tally.failed_calls[second];
        *failed = failed.wrapping_add(1);
    }

    fn lock(&mut self, flight: FlightId) {
        let (user, now) = (self.user(), self.shard.now());
        let user = &mut self.shard.users[user];
        if user.lock.is_none() {
            user.lock = Some((self.tab, flight));
            self.engine().handle_lock(flight, true, now);
        } else {
            user.wants_lock.push((self.tab, flight));
            self.shard.arm(self.tab);
        }
    }

    /// At once: here every tab sees every write.
    fn unlock(&mut self, flight: FlightId, _: u64) {
        let user = self.user();
        self.shard.unlock(user, (self.tab, flight));
    }

    /// There is none, for the same reason.
    fn read_mark(&mut self, flight: FlightId, _: u32) {
        let now = self.shard.now();
        self.engine().handle_mark(flight, None, now);
    }

    fn mark(&mut self, _: u32, _: u32) {}

    fn read(&mut self, flight: Option<FlightId>) {
        let (stored, now) = (self.shard.stored(self.user()), self.shard.now());
        self.engine().handle_read(flight, stored, now);
    }

    fn refresh(&mut self, flight: FlightId, refresh: Tok, _: Reason) {
        self.shard.token_call(self.tab, flight, refresh);
    }

    fn abort_refresh(&mut self, _: FlightId) {
        self.shard.tabs[self.tab as usize].pending = None;
    }

    fn write(&mut self, flight: Option<FlightId>, record: Record<Tok>) {
        let (user, now) = (self.user(), self.shard.now());
        self.shard.users[user].store = Some(record);
        self.engine().handle_written(flight, true, now);
        self.shard.tell_others(user, self.tab);
    }

    fn remove(&mut self) {
        let user = self.user();
        self.shard.users[user].store = None;
        self.shard.tell_others(user, self.tab);
    }

    /// Nobody is late here: what is stored is what followed.
    fn restore(&mut self, flight: Option<FlightId>, _: Option<Record<Tok>>) {
        let (stored, now) = (self.shard.stored(self.user()), self.shard.now());
        self.engine().handle_restored(flight, stored, now);
    }

    fn dispatch(&mut self, event: Event) {
        match event {
            Event::Expired { .. } => self.shard.tally.signed_out += 1,
            Event::Adopted { .. } => self.shard.tally.adoptions += 1,
            _ => {}
        }
    }
}
