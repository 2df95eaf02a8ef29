//! The stores at work: localStorage with its service between the tabs, and the caller's own, whose operations take
//! time.

use relatch_engine::{FlightId, Record, Stored};

use crate::plan::Place;
use crate::server::Tok;
use crate::store::{Raw, Restore, Seen};
use crate::world::{Happening, World};

/// What an operation of the own store takes at most.
const OWN_LIMIT_MS: u64 = 5_000;

impl World {
    pub fn read(&mut self, tab: usize, flight: Option<FlightId>) {
        if flight.is_some() && !self.policy.shared {
            self.check_start(tab, flight);
        }
        let stored = match self.config.place {
            Place::Own => return self.own(tab, Happening::OwnRead { flight }),
            Place::Memory if flight.is_none() => Stored::Absent,
            Place::Memory => Stored::Unavailable,
            Place::Web if self.tabs[tab].blocked => Stored::Unavailable,
            Place::Web => {
                let raw = self.tabs[tab].area.value.clone();
                self.found(tab, raw)
            }
        };
        let now = self.now();
        self.engine(tab).handle_read(flight, stored, now);
    }

    /// A look without an event: should this be a slow tab's, what was there before is what followed.
    pub fn found(&mut self, tab: usize, raw: Raw) -> Stored<Tok> {
        let stored = raw.parse();
        let view = &mut self.tabs[tab].view;
        if view.last != raw {
            view.heir = std::mem::replace(&mut view.last, raw);
        }
        stored
    }

    /// The shell looks whether another tab changed the store since its last look. `throttled`: once in this
    /// millisecond. `event`: the new value of the `storage` event that makes it look.
    pub fn look(&mut self, tab: usize, throttled: bool, event: Option<Raw>) {
        if self.config.place != Place::Web {
            return;
        }
        let wall = self.wall_ms();
        let blocked = self.tabs[tab].blocked;
        let slot = &mut self.tabs[tab];
        if throttled && std::mem::replace(&mut slot.view.looked_at_ms, wall) == wall {
            return;
        }
        if blocked {
            return;
        }
        let raw = slot.area.value.clone();
        // What this tab wrote itself is news if the event says that something else should be there.
        if raw != slot.view.last || event.as_ref().is_some_and(|new| *new != raw) {
            let stored = self.found(tab, raw);
            if let Some(new) = event {
                self.tabs[tab].view.heir = new;
            }
            let now = self.now();
            self.log(tab, |_| format!("finds in the store {stored:?}"));
            self.engine(tab).handle_read(None, stored, now);
            self.pump(tab);
        }
        self.check_look(tab);
    }

    /// G5: puts back what followed a record of a session that is over.
    pub fn restore(&mut self, tab: usize, flight: Option<FlightId>, record: Option<Record<Tok>>) {
        let own = record.is_some();
        let heir = record.map_or_else(|| self.tabs[tab].view.heir.clone(), Raw::Record);
        let found = self.tabs[tab].view.last.clone();
        let restore = Restore { own, heir, found };
        if flight.is_some() || !self.ask_to_restore(tab, &restore) {
            self.put_back(tab, flight, restore.heir);
        }
    }

    pub fn put_back(&mut self, tab: usize, flight: Option<FlightId>, heir: Raw) {
        self.log(tab, |_| format!("puts back {heir:?}"));
        if self.tabs[tab].was_blocked {
            // It could not look when it was told: what it knows to have followed may be old.
            self.watch.cannot_remove();
        }
        self.tabs[tab].view.last = heir.clone();
        if self.config.place == Place::Own {
            return self.own(tab, Happening::OwnRestore { flight, heir });
        }
        if !self.tabs[tab].blocked && (!self.quota_full || heir == Raw::Nothing) {
            self.put(tab, heir.clone(), None);
        }
        let now = self.now();
        self.engine(tab).handle_restored(flight, heir.parse(), now);
    }

    /// One operation of the own store, after the one before. One that hangs is given up, and the next goes on (G10).
    pub fn own(&mut self, tab: usize, mut what: Happening) {
        if what.is_own_write() {
            self.tabs[tab].own.pending += 1;
        }
        let mut takes_ms = self.rng.between(1, 20);
        if !self.calm && self.rng.below(400) == 0 {
            self.log(tab, |_| "an operation of the own store hangs".to_owned());
            self.tabs[tab].own_hung = true;
            takes_ms = OWN_LIMIT_MS;
            what = Happening::OwnHung { what: Box::new(what) };
        }
        let after = self.tabs[tab].own_busy_until_ms.saturating_sub(self.now_ms) + takes_ms;
        self.tabs[tab].own_busy_until_ms = self.now_ms + after;
        self.schedule(after, tab, what);
    }

    fn hop_ms(&mut self) -> u64 {
        let bound = self.config.visibility_ms;
        self.rng.between(0, bound)
    }

    /// Is a write on its way to a tab?
    pub fn is_spreading(&self) -> bool {
        self.due.iter().any(|due| matches!(due.0.what, Happening::Ordered { .. } | Happening::Seen(_)))
    }

    /// Is a login or a logout on its way to a tab?
    pub fn is_changing(&self) -> bool {
        self.due.iter().any(|due| match &due.0.what {
            Happening::Ordered { raw, .. } => raw.epoch() != self.store.epoch(),
            Happening::Seen(seen) => seen.old.epoch() != seen.new.epoch(),
            _ => false,
        })
    }

    /// Changes the store; this tab sees it at once, the others later.
    pub fn put(&mut self, tab: usize, raw: Raw, spent: Option<Tok>) {
        if self.config.place != Place::Web {
            self.store = raw;
            return;
        }
        let hop_ms = self.hop_ms();
        let now_ms = self.now_ms;
        let area = &mut self.tabs[tab].area;
        if area.value == raw {
            return;
        }
        area.value = raw.clone();
        area.pending += 1;
        area.out_until_ms = area.out_until_ms.max(now_ms + hop_ms);
        let after_ms = area.out_until_ms - now_ms;
        self.schedule(after_ms, tab, Happening::Ordered { raw, spent });
    }

    /// A write arrives at the storage service, which tells all tabs. `by`: the tab and its life; `None`: developer
    /// tools.
    pub fn ordered(&mut self, by: Option<(usize, u32)>, raw: Raw, spent: Option<Tok>) {
        let old = std::mem::replace(&mut self.store, raw.clone());
        self.watch_ordered(by, &old, &raw);
        for tab in 0..self.tabs.len() {
            if self.tabs[tab].engine.is_none() {
                continue;
            }
            let own = by == Some((tab, self.tabs[tab].life));
            let hop_ms = self.hop_ms();
            let now_ms = self.now_ms;
            let area = &mut self.tabs[tab].area;
            area.in_until_ms = area.in_until_ms.max(now_ms + hop_ms);
            let after_ms = area.in_until_ms - now_ms;
            let seen = Box::new(Seen { old: old.clone(), new: raw.clone(), own, spent });
            self.schedule(after_ms, tab, Happening::Seen(seen));
        }
    }

    /// The service's word about a write: the tab's copy follows, and the `storage` event fires.
    pub fn seen(&mut self, tab: usize, seen: Seen) {
        let Seen { old, new, own, spent } = seen;
        let area = &mut self.tabs[tab].area;
        if own {
            area.pending = area.pending.saturating_sub(1);
            return;
        }
        if area.pending == 0 {
            area.value = new.clone();
            self.watch_seen(tab, spent);
        }
        // A session object that was closed listens no more.
        if old != new && !self.tabs[tab].closed {
            let (before, after) = (old.epoch(), new.epoch());
            self.engine(tab).handle_replaced(before, after);
            self.look(tab, false, Some(new));
        }
    }
}
