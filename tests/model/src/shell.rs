//! What a tab does with the store, the lock and the auth server, and what must not be.
//!
//! A write is in its place in the store at once, but each tab sees it only when it hears of it, which may be late: that
//! the way to the store takes time, too, would multiply the states by the orders in which writes arrive. The simulator
//! has both ways. The lock goes on at once, also to a tab that has not heard of what was refreshed under it: that it
//! sends nothing is up to the mark (G1), which all tabs see in one order.

use relatch_engine::policy::ENDED;
use relatch_engine::{Engine, FlightId, Stored, Want};

use crate::state::{Call, Message, State, Tok};

impl State {
    pub fn engine(&mut self, tab: usize) -> &mut Engine<Tok> {
        self.tabs[tab].engine.as_mut().expect("only tabs that are open are spoken to")
    }

    /// What another tab changed since this tab's last look. `event`: the new value of the event that makes it look.
    pub fn look(&mut self, tab: usize, event: Option<Stored<Tok>>) {
        let to = &self.tabs[tab];
        if to.last != to.area || event.as_ref().is_some_and(|new| *new != to.area) {
            let now = self.now();
            let stored = self.found(tab);
            if let Some(new) = event {
                self.tabs[tab].heir = new;
            }
            self.engine(tab).handle_read(None, stored, now);
            self.pump(tab);
        }
        let theirs = self.seen(tab).map(|r| (r.epoch, r.generation));
        let ours = self.engine(tab).record().map(|r| (r.epoch, r.generation));
        // It may know from the mark that this one is over, before the store shows what followed.
        let knows_better = ours.is_none() && self.has_ended(tab);
        if ours != theirs && !self.store_full && !knows_better {
            self.breaks("a tab that looked into the store goes on with another session, or an older generation");
        }
    }

    /// Is what the tab's copy of the store holds marked as over?
    pub fn has_ended(&self, tab: usize) -> bool {
        self.seen(tab).and_then(|r| self.marks.get(&r.epoch)) == Some(&ENDED)
    }

    /// A look: should this be a slow tab's, what was there before is what followed.
    pub fn found(&mut self, tab: usize) -> Stored<Tok> {
        let to = &mut self.tabs[tab];
        to.heir = std::mem::replace(&mut to.last, to.area.clone());
        to.area.clone()
    }

    pub fn open(&mut self, tab: usize) {
        self.look(tab, None);
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
        let known = self.seen(tab).and_then(|r| r.refresh);
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

    /// This tab sees it at once, the others when they hear of it.
    pub fn put(&mut self, tab: usize, stored: Stored<Tok>) {
        self.tabs[tab].last = stored.clone();
        if self.tabs[tab].area == stored {
            return;
        }
        self.tabs[tab].area = stored.clone();
        let old = std::mem::replace(&mut self.store, stored.clone());
        let (before, after) = (epoch(&old), epoch(&stored));
        if before != after && after.is_none_or(|after| !self.over.contains(&after)) {
            self.over.extend(before);
        }
        for other in 0..self.tabs.len() {
            if other == tab || self.tabs[other].engine.is_none() {
                continue;
            }
            let mut before = before;
            // Two writes that are on their way are one, from what was before the first to the last.
            let is_its = |m: &Message| matches!(m, Message::StorageEvent { tab, .. } if *tab == other);
            if let Some(at) = self.net.iter().position(is_its)
                && let Message::StorageEvent { before: first, .. } = self.net.remove(at)
            {
                before = first;
            }
            self.send(Message::StorageEvent { tab: other, before, new: stored.clone() });
        }
    }

    /// The tab hears of others' writes, in the order that they have. A write of its own that came after them stays.
    pub fn hear(&mut self, tab: usize, before: Option<u32>, new: Stored<Tok>) {
        self.tabs[tab].area = self.store.clone();
        self.engine(tab).handle_replaced(before, epoch(&new));
        self.look(tab, Some(new));
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
