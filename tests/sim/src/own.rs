//! The caller's own store, and what `src/web/port/own.js` makes of it (G10).

use relatch_engine::Stored;

use crate::server::Tok;
use crate::store::Raw;
use crate::world::{Happening, World};

impl Happening {
    pub fn is_own_write(&self) -> bool {
        matches!(self, Self::OwnWrite { .. } | Self::OwnRemove | Self::OwnRestore { .. })
    }
}

impl World {
    /// An operation is done, or was given up.
    pub fn own_done(&mut self, tab: usize, what: Happening) {
        let now = self.now();
        if what.is_own_write() {
            self.tabs[tab].own.pending -= 1;
        }
        match what {
            Happening::OwnRead { flight } => {
                let stored = self.own_found(tab);
                self.engine(tab).handle_read(flight, stored, now);
            }
            Happening::OwnSeek { kind, want, quirk } => {
                let stored = self.own_found(tab);
                self.engine(tab).handle_read(None, stored, now);
                self.pump(tab);
                self.open_now(tab, kind, want, quirk);
            }
            Happening::OwnWrite { flight, record } => {
                let ok = self.own_put(tab, Raw::Record(record.clone()));
                if ok {
                    self.watch_stored(tab, flight, &record);
                } else {
                    self.watch.tab(tab).failed_writes += 1;
                }
                self.engine(tab).handle_written(flight, ok, now);
            }
            Happening::OwnRemove if self.own_put(tab, Raw::Nothing) => {}
            Happening::OwnRemove => self.watch.cannot_remove(),
            Happening::OwnRestore { flight, heir } => {
                self.own_put(tab, heir.clone());
                self.engine(tab).handle_restored(flight, heir.parse(), now);
            }
            Happening::OwnHung { what } => self.own_hung(tab, *what),
            Happening::OwnLate { raw, over } => {
                self.log(tab, |_| format!("what hung arrives: {raw:?}"));
                if self.store == over {
                    self.put(tab, raw.clone(), None);
                }
                let own = &mut self.tabs[tab].own;
                if raw != own.wanted {
                    own.is_owed = true;
                    own.bases.push(raw);
                }
                self.read(tab, None);
            }
            _ => {}
        }
    }

    /// A look, which makes a write good that hung.
    fn own_found(&mut self, tab: usize) -> Stored<Tok> {
        if self.tabs[tab].blocked {
            return Stored::Unavailable;
        }
        let mut raw = self.store.clone();
        let own = &mut self.tabs[tab].own;
        if std::mem::take(&mut own.is_owed) {
            let bases = std::mem::take(&mut own.bases);
            if raw != own.wanted && bases.contains(&raw) {
                raw = own.wanted.clone();
                self.log(tab, |_| format!("makes good {raw:?}"));
                self.put(tab, raw.clone(), None);
            }
        }
        self.tabs[tab].own.seen = raw.clone();
        // Somebody signed in or out here meanwhile: what this look found is old.
        if self.tabs[tab].own.pending > 0 {
            raw = self.tabs[tab].view.last.clone();
        }
        self.found(tab, raw)
    }

    fn own_put(&mut self, tab: usize, raw: Raw) -> bool {
        if self.tabs[tab].blocked || (self.quota_full && raw != Raw::Nothing) {
            return false;
        }
        let own = &mut self.tabs[tab].own;
        own.wanted = raw.clone();
        own.seen = raw.clone();
        own.is_owed = false;
        self.put(tab, raw, None);
        true
    }

    /// What hung counts as done if it was a write, and is made good by the next look.
    fn own_hung(&mut self, tab: usize, what: Happening) {
        let now = self.now();
        if what.is_own_write() {
            self.tabs[tab].own.pending -= 1;
        }
        let raw = match &what {
            Happening::OwnRead { flight } => {
                return self.engine(tab).handle_read(*flight, Stored::Unavailable, now);
            }
            &Happening::OwnSeek { kind, want, quirk } => {
                self.engine(tab).handle_read(None, Stored::Unavailable, now);
                self.pump(tab);
                self.open_now(tab, kind, want, quirk);
                return;
            }
            Happening::OwnWrite { record, .. } => Raw::Record(record.clone()),
            Happening::OwnRestore { heir, .. } => heir.clone(),
            _ => Raw::Nothing,
        };
        let own = &mut self.tabs[tab].own;
        own.wanted = raw.clone();
        own.is_owed = true;
        own.bases.push(own.seen.clone());
        if self.rng.chance(50) {
            let ms = self.rng.between(1, 60_000);
            let over = self.store.clone();
            self.schedule(ms, tab, Happening::OwnLate { raw, over });
        }
        self.read(tab, None);
        match what {
            Happening::OwnWrite { flight, .. } => self.engine(tab).handle_written(flight, true, now),
            Happening::OwnRestore { flight, heir } => self.engine(tab).handle_restored(flight, heir.parse(), now),
            _ => {}
        }
    }
}
