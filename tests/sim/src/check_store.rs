//! The invariants of the store: no spent refresh token is sent again, and what is over does not come back.

use relatch_engine::{FlightId, Record};

use crate::plan::{Place, VISIBILITY_IDLE_MS};
use crate::server::Tok;
use crate::store::Raw;
use crate::watch::{EVERYBODY, has_a_copy, knows_itself};
use crate::world::{Happening, Tab, World};

impl World {
    /// A write was done. The refresh token that was spent for it, and that nobody may send from now on.
    pub fn watch_stored(&mut self, tab: usize, flight: Option<FlightId>, record: &Record<Tok>) -> Option<Tok> {
        let sent = self.watch.tabs[tab].sent;
        self.watch.stored(record);
        let spent = flight.is_some() && record.refresh != Some(sent);
        spent.then(|| {
            self.watch.knows_rotated(sent, EVERYBODY);
            sent
        })
    }

    /// A tab's copy of the store has it.
    pub fn watch_seen(&mut self, tab: usize, spent: Option<Tok>) {
        if let Some(spent) = spent {
            self.watch.knows_rotated(spent, has_a_copy(tab));
        }
    }

    /// The storage service has put a write in its place.
    pub fn watch_ordered(&mut self, by: Option<(usize, u32)>, old: &Raw, new: &Raw) {
        let (before, after) = (old.epoch(), new.epoch());
        if before == after {
            return;
        }
        let over = self.watch.over.iter().find(|(epoch, _)| Some(*epoch) == after).copied();
        if let Some((_, over_ms)) = over {
            // A slow tab's: it does not end the session that it follows.
            let marks = self.config.marks;
            let deaf = |(tab, life): (usize, u32)| {
                let tab = &self.tabs[tab];
                // Who was opened later found a slow tab's record, and defends it. Without marks nothing says that it was
                // over long ago.
                let ignorant = !marks && tab.opened_ms >= over_ms;
                tab.life != life || tab.closed || tab.engine.is_none() || ignorant
            };
            self.watch.unburied |= by.is_some_and(deaf);
        } else if let Some(before) = before {
            self.watch.over.push((before, self.now_ms));
        }
    }

    /// The tab hears nothing of the store any more.
    pub fn watch_silence(&mut self, tab: usize) {
        self.watch.unburied |= self.tabs[tab].area.pending > 0;
    }

    /// The lock is free at once when its tab dies: what that tab wrote may still be on its way to the next holder.
    pub fn watch_death(&mut self, tab: usize) {
        self.watch_silence(tab);
        let backlogs = self.tabs.iter().flat_map(|t| &t.backlog);
        for due in self.due.iter().map(|due| &due.0).chain(backlogs) {
            let spent = match &due.what {
                Happening::Ordered { spent, .. } => *spent,
                Happening::Seen(seen) => seen.spent,
                _ => None,
            };
            if let Some(knows) = spent.and_then(|t| self.watch.rotated.get_mut(t.0 as usize)) {
                *knows &= !EVERYBODY;
            }
        }
    }

    /// Does the tab send a refresh token that it can know to be spent?
    pub fn is_known_rotated(&self, tab: usize, refresh: Tok) -> bool {
        self.is_rotated_for(tab, refresh, knows_itself(tab), has_a_copy(tab) | EVERYBODY)
    }

    /// Was the refresh token spent for a record that was stored, and nothing lost?
    pub fn is_spent(&self, tab: usize, refresh: Tok) -> bool {
        !self.config.store_fails && self.is_rotated_for(tab, refresh, 0, EVERYBODY)
    }

    fn is_rotated_for(&self, tab: usize, refresh: Tok, itself: u16, stored: u16) -> bool {
        let knows = self.watch.rotated.get(refresh.0 as usize).copied().unwrap_or(0);
        let sees = match self.config.place {
            // Between its look and the token call a storage may be blocked no more.
            Place::Web => !self.tabs[tab].was_blocked,
            // After a thaw a deadline may come before the store's answer, and the engine goes on without the store.
            Place::Own => {
                let Tab { blocked, own_hung, has_frozen, .. } = self.tabs[tab];
                !blocked && !own_hung && !has_frozen
            }
            Place::Memory => false,
        };
        !self.watch.undead && (knows & itself != 0 || (knows & stored != 0 && sees))
    }

    /// After everything has come to rest.
    pub fn check_buried(&mut self) {
        // Of two logins at once neither is marked as over: the greater number stays.
        let at_once = self.config.marks && self.config.visibility_ms <= VISIBILITY_IDLE_MS;
        let undecided = at_once && !self.has_ended(self.store.epoch());
        let excused = self.config.store_fails || self.watch.unburied || self.config.place != Place::Web || undecided;
        if !excused && self.watch.over.iter().any(|(epoch, _)| Some(*epoch) == self.store.epoch()) {
            self.breach(0, "G5: a session that is over is in the store again, and stays there");
        }
    }
}
