//! The marks: a place beside the store that is linear across tabs, as IndexedDB is. Operations take time, and arrive in
//! any order; a mark is only ever raised.

use relatch_engine::FlightId;
use relatch_engine::policy::ENDED;

use crate::plan::Place;
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

    /// Was the epoch marked as over?
    pub fn has_ended(&self, epoch: Option<u32>) -> bool {
        epoch.and_then(|epoch| self.marks.get(&epoch)) == Some(&ENDED)
    }

    /// Is a mark of this tab on its way?
    pub fn is_marking(&self, tab: usize) -> bool {
        self.tabs[tab].marking > 0
    }
}
