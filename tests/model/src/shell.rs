//! A tab's shell: carries out the engine's effects on the state, as `src/web` does, and notices what must not be.

use relatch_engine::{Effect, Engine, Event, FlightId, Outcome, Stored, Want};

use crate::state::{Call, Message, State, Tok};

impl State {
    pub fn engine(&mut self, tab: usize) -> &mut Engine<Tok> {
        self.tabs[tab].engine.as_mut().expect("only tabs that are open are spoken to")
    }

    /// What another tab changed since the tab's last look.
    pub fn look(&mut self, tab: usize) {
        if self.tabs[tab].last != self.store {
            self.tabs[tab].heir = std::mem::replace(&mut self.tabs[tab].last, self.store.clone());
            let (stored, now) = (self.store.clone(), self.now());
            self.engine(tab).handle_read(None, stored, now);
            self.pump(tab);
        }
        let theirs = self.stored().map(|r| (r.epoch, r.generation));
        let ours = self.engine(tab).record().map(|r| (r.epoch, r.generation));
        if ours != theirs && !self.store_full {
            self.breaks("a tab that looked into the store goes on with another session, or an older generation");
        }
    }

    pub fn open(&mut self, tab: usize) {
        self.look(tab);
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

    pub fn pump(&mut self, tab: usize) {
        while let Some(effect) = self.engine(tab).poll() {
            self.carry_out(tab, effect);
        }
        let engine = self.engine(tab);
        let (waiting, flies) = (engine.waiting_calls(), engine.is_refreshing());
        if waiting > 0 && !flies {
            self.breaks("G8: calls wait, and there is nothing to wait for");
        }
        if !flies && self.tabs[tab].lock.is_some() {
            self.breaks("G1: the lock is kept without a flight");
        }
    }

    fn carry_out(&mut self, tab: usize, effect: Effect<Tok>) {
        let now = self.now();
        match effect {
            Effect::Send { call, with } => {
                let call = self.tabs[tab].calls[call.index()];
                let token = with.and_then(|_| self.engine(tab).access().copied());
                let to = &mut self.calls[call];
                to.sends += 1;
                to.waits = false;
                let (sends, family, settled) = (to.sends, to.family, to.settled);
                self.replays += u8::from(sends > 1);
                if sends > 2 || settled {
                    self.breaks("A5: a request is sent too often");
                }
                if token.is_some_and(|t| t.family != family) {
                    self.breaks("A2: a request of one session carries the token of another");
                }
                self.send(Message::Request { call, token });
            }
            Effect::Wait { call } => {
                let call = self.tabs[tab].calls[call.index()];
                self.calls[call].waits = true;
            }
            Effect::Settle { call, outcome } => {
                let call = self.tabs[tab].calls[call.index()];
                let to = &mut self.calls[call];
                if to.settled || (outcome == Outcome::Response && to.sends == 0) {
                    self.breaks("G8: a call settles twice, or without its answer");
                }
                let to = &mut self.calls[call];
                to.settled = true;
                to.waits = false;
                to.id = None;
            }
            Effect::Lock { flight } => {
                if self.tabs[tab].lock.is_some() {
                    self.breaks("G1: two flights of one session");
                }
                self.tabs[tab].lock = Some(flight);
                self.locks.push((tab, flight));
                if self.locks.len() == 1 {
                    self.send(Message::Granted { tab, flight });
                }
            }
            Effect::Unlock { flight, .. } => {
                if self.tabs[tab].lock == Some(flight) {
                    self.tabs[tab].lock = None;
                    self.leave_lock(tab, Some(flight));
                }
            }
            Effect::Read { flight } => {
                let stored = self.store.clone();
                self.tabs[tab].heir = std::mem::replace(&mut self.tabs[tab].last, stored.clone());
                self.engine(tab).handle_read(flight, stored, now);
            }
            Effect::Refresh { flight, refresh, .. } => self.call(tab, flight, refresh),
            Effect::AbortRefresh { .. } => {
                // An unknown outcome: the server may rotate, or have rotated.
                self.tabs[tab].calling = None;
                self.lost = true;
            }
            Effect::Write { flight, record } => {
                if self.over.contains(&record.epoch) {
                    self.breaks("G5: a write for an epoch that is over");
                }
                let theirs = self.stored().map(|r| (r.epoch, r.generation));
                if flight.is_some() && theirs.is_some_and(|(e, g)| e != record.epoch || g >= record.generation) {
                    self.breaks("G5: a refresh overwrites another session, or a generation as new as its own");
                }
                let ok = !self.store_full;
                if ok {
                    if let Some((epoch, _)) = theirs
                        && epoch != record.epoch
                    {
                        self.over.push(epoch);
                    }
                    self.put(tab, Stored::Record(record));
                }
                self.engine(tab).handle_written(flight, ok, now);
            }
            Effect::Restore { flight } => {
                let heir = self.tabs[tab].heir.clone();
                self.put(tab, heir.clone());
                self.engine(tab).handle_restored(flight, heir, now);
            }
            Effect::Remove => {
                let ours = self.tabs[tab].sent;
                let of = self.stored().map(|r| (r.epoch, r.refresh));
                if self.tabs[tab].clears > 0 {
                    self.tabs[tab].clears -= 1;
                } else if !self.store_full && (!self.tabs[tab].ended || of.is_some_and(|(_, r)| r != ours)) {
                    self.breaks("G6: a record is removed that was not refused");
                }
                if let Some((epoch, _)) = of
                    && !self.store_full
                {
                    self.over.push(epoch);
                }
                self.put(tab, Stored::Absent);
            }
            Effect::Dispatch(Event::Expired { .. }) if !self.tabs[tab].ended => {
                self.breaks("G6: the session ends without a terminal answer");
            }
            Effect::Dispatch(_) => {}
        }
    }

    fn call(&mut self, tab: usize, flight: FlightId, refresh: Tok) {
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

    fn put(&mut self, tab: usize, stored: Stored<Tok>) {
        self.tabs[tab].last = stored.clone();
        if self.store == stored {
            return;
        }
        self.store = stored;
        for other in 0..self.tabs.len() {
            let event = Message::StorageEvent { tab: other };
            // Two events that wait tell no more than one: a tab reads what is there when it hears of it.
            if other != tab && self.tabs[other].engine.is_some() && !self.net.contains(&event) {
                self.send(event);
            }
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
