//! The marks: a place beside the store that is linear across tabs, as IndexedDB is. Operations take time, and arrive in
//! any order; a mark is only ever raised.

use relatch_engine::policy::ENDED;
use relatch_engine::{FlightId, Guarded, Heir};

use crate::Rule;
use crate::plan::Place;
use crate::store::{Raw, Restore};
use crate::world::{Happening, World};

/// An operation reaches the place, and its answer the tab, within this time each.
const HOP_MS: u64 = 15;

impl World {
    fn has_marks(&self) -> bool {
        self.config.marks && self.config.place == Place::Web
    }

    pub fn mark(&mut self, tab: usize, epoch: u32, generation: u32) {
        if !self.has_marks() {
            return;
        }
        self.log(tab, |_| format!("marks epoch {epoch} with {generation}"));
        self.tabs[tab].marking += 1;
        let ms = self.rng.between(1, HOP_MS);
        self.schedule(ms, tab, Happening::MarkArrives { epoch, generation });
    }

    pub fn mark_arrives(&mut self, tab: usize, epoch: u32, generation: u32) {
        let mark = self.marks.entry(epoch).or_default();
        *mark = generation.max(*mark);
        let ms = self.rng.between(1, HOP_MS);
        self.schedule(ms, tab, Happening::MarkStored);
    }

    /// The tab hears that a mark of its own is stored: what waited for it goes on.
    pub fn mark_stored(&mut self, tab: usize) {
        let slot = &mut self.tabs[tab];
        slot.marking -= 1;
        if slot.marking == 0
            && let Some(flight) = slot.unlocking.take()
        {
            self.leave_lock(tab, Some(flight));
        }
    }

    pub fn read_mark(&mut self, tab: usize, flight: FlightId, epoch: u32) {
        if !self.has_marks() {
            let now = self.now();
            return self.engine(tab).handle_mark(flight, None, now);
        }
        let ms = self.rng.between(1, HOP_MS);
        self.schedule(ms, tab, Happening::MarkAsked { flight, epoch });
    }

    pub fn mark_asked(&mut self, tab: usize, flight: FlightId, epoch: u32) {
        let generation = self.marks.get(&epoch).copied();
        let ms = self.rng.between(1, HOP_MS);
        self.schedule(ms, tab, Happening::Marked { flight, generation });
    }

    /// May this be put back (G5)? `false`: at once.
    pub fn ask_to_restore(&mut self, tab: usize, restore: &Restore) -> bool {
        if self.config.place != Place::Web || self.rule == Some(Rule::G5Ask) {
            return false;
        }
        self.tabs[tab].asks += 1;
        // That there are no marks is not known before the next task.
        let ms = if self.config.marks { self.rng.between(1, HOP_MS) } else { 0 };
        self.schedule(ms, tab, Happening::RestoreAsked(Box::new(restore.clone())));
        true
    }

    pub fn restore_asked(&mut self, tab: usize, restore: Box<Restore>) {
        let mark = |raw: &Raw| raw.epoch().and_then(|epoch| self.marks.get(&epoch)).copied().unwrap_or_default();
        let (heir_mark, found_mark) = (mark(&restore.heir), mark(&restore.found));
        let ms = self.rng.between(1, HOP_MS);
        self.schedule(ms, tab, Happening::RestoreAnswered { restore, heir_mark, found_mark });
    }

    pub fn restore_answered(&mut self, tab: usize, restore: Restore, heir_mark: u32, found_mark: u32) {
        self.tabs[tab].asks -= 1;
        let Restore { own, heir, found } = restore;
        let slot = &mut self.tabs[tab];
        if slot.blocked || slot.view.last != found || slot.area.value != found {
            return;
        }
        let epoch = found.epoch().unwrap_or_default();
        let again = own && slot.view.fought.replace(epoch) == Some(epoch);
        let record = heir.record().map(|r| (r.epoch, r.generation));
        match (Heir { own, record, mark: heir_mark, found: epoch, found_mark, again }).guarded() {
            Guarded::Put => self.put_back(tab, None, heir),
            Guarded::Believe => {
                let now = self.now();
                self.log(tab, |_| format!("takes what it found for the session: {found:?}"));
                self.engine(tab).handle_restored(None, found.parse(), now);
            }
            Guarded::Wait => self.log(tab, |_| format!("does not put back {heir:?}")),
        }
    }

    /// Was the epoch marked as over?
    pub fn has_ended(&self, epoch: Option<u32>) -> bool {
        epoch.and_then(|epoch| self.marks.get(&epoch)) == Some(&ENDED)
    }

    /// Is a mark of this tab on its way?
    pub fn is_marking(&self, tab: usize) -> bool {
        self.tabs[tab].marking > 0
    }
}
