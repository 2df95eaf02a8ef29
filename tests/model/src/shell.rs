//! What a tab does with the store, the lock and the auth server, and what must not be.
//!
//! Every tab sees every write at once; only the events that tell of it are delayed. A copy of the store in each tab,
//! with writes under way to it, would multiply the states by the orders in which they arrive, and would need a clock
//! for the time that the lock is kept. The simulator has both.

use relatch_engine::{Engine, FlightId, Stored, Want};

use crate::state::{Call, Message, State, Tok};

impl State {
    pub fn engine(&mut self, tab: usize) -> &mut Engine<Tok> {
        self.tabs[tab].engine.as_mut().expect("only tabs that are open are spoken to")
    }

    /// What another tab changed since this tab's last look.
    pub fn look(&mut self, tab: usize, event: bool) {
        if self.tabs[tab].last != self.store {
            let now = self.now();
            let stored = self.found(tab);
            if event {
                // The event's new value is what is there.
                self.tabs[tab].heir = stored.clone();
            }
            self.engine(tab).handle_read(None, stored, now);
            self.pump(tab);
        }
        let theirs = self.stored().map(|r| (r.epoch, r.generation));
        let ours = self.engine(tab).record().map(|r| (r.epoch, r.generation));
        if ours != theirs && !self.store_full {
            self.breaks("a tab that looked into the store goes on with another session, or an older generation");
        }
    }

    /// A look: should this be a slow tab's, what was there before is what followed.
    pub fn found(&mut self, tab: usize) -> Stored<Tok> {
        let to = &mut self.tabs[tab];
        to.heir = std::mem::replace(&mut to.last, self.store.clone());
        self.store.clone()
    }

    pub fn open(&mut self, tab: usize) {
        self.look(tab, false);
        let family = self.engine(tab).access().map_or(0, |t| t.family);
        self.calls.push(Call { tab, id: None, sends: 0, family, waits: false, ok: false, settled: false });
        let (call, now) = (self.calls.len() - 1, self.now());
        if let Some(id) = self.engine(tab).open(Want::Fetch { replayable: true }, now) {
            self.calls[call].id = Some(id);
            let calls = &mut self.tabs[tab].calls;
            calls.resize(calls.len().max(id.index() + 1), usize::MAX);
            calls[id.index()] = call;
        }
        self.tabs[tab].opened += 1;
        self.pump(tab);
    }

    pub fn call(&mut self, tab: usize, flight: FlightId, refresh: Tok) {
        if self.tabs.iter().any(|t| t.calling.is_some()) {
            self.breaks("G1: a second token call at a time");
        }
        if self.locks.first() != Some(&(tab, flight)) {
            self.breaks("G1: the refresh token is sent without the lock");
        }
        let known = self.stored().and_then(|r| r.refresh);
        if !self.store_full && known != Some(refresh) {
            self.breaks("G1: a refresh token is sent that is not the store's");
        }
        let family = self.families[usize::from(refresh.family)];
        if family.generation != refresh.generation && !self.lost {
            self.breaks("a refresh token that is known to be rotated is sent again");
        }
        self.tabs[tab].sent = Some(refresh);
        self.tabs[tab].ended = false;
        self.tabs[tab].calling = Some(flight);
        self.send(Message::TokenCall { tab, flight, refresh });
    }

    pub fn put(&mut self, tab: usize, stored: Stored<Tok>) {
        self.tabs[tab].last = stored.clone();
        if self.store == stored {
            return;
        }
        let (mut before, after) = (epoch(&self.store), epoch(&stored));
        self.store = stored;
        for other in 0..self.tabs.len() {
            if other == tab || self.tabs[other].engine.is_none() {
                continue;
            }
            // Two events that wait tell no more than one: a tab reads what is there when it hears of it.
            let is_its = |m: &Message| matches!(m, Message::StorageEvent { tab, .. } if *tab == other);
            if let Some(at) = self.net.iter().position(is_its)
                && let Message::StorageEvent { before: first, .. } = self.net.remove(at)
            {
                before = first;
            }
            self.send(Message::StorageEvent { tab: other, before, after });
        }
    }

    pub fn leave_lock(&mut self, tab: usize, flight: Option<FlightId>) {
        let holder = self.locks.first().copied();
        self.locks.retain(|(t, f)| *t != tab || flight.is_some_and(|flight| flight != *f));
        // What was granted to one who is gone is not delivered.
        self.net.retain(
            |m| !matches!(m, Message::Granted { tab: t, flight: f } if *t == tab && flight.is_none_or(|x| x == *f)),
        );
        if let Some((tab, flight)) = self.locks.first().copied()
            && Some((tab, flight)) != holder
        {
            self.send(Message::Granted { tab, flight });
        }
    }
}

pub fn epoch(stored: &Stored<Tok>) -> Option<u32> {
    match stored {
        Stored::Record(record) => Some(record.epoch),
        _ => None,
    }
}
