//! A tab's shell: carries out for the engine what `src/web` does in the browser, in the same order.

use relatch_engine::{CallId, Driver, Engine, Event, FlightId, Outcome, Reason, Record, Stamp};

use crate::plan::Place;
use crate::server::Tok;
use crate::store::Raw;
use crate::world::{Happening, World};

/// One tab of the world.
struct Driven<'a> {
    world: &'a mut World,
    tab: usize,
}

impl World {
    pub fn pump(&mut self, tab: usize) {
        if self.tabs[tab].engine.is_none() {
            return;
        }
        let mut driven = Driven { world: self, tab };
        while driven.world.watch.violation.is_none()
            && let Some(effect) = driven.engine().poll()
        {
            driven.carry_out(effect);
        }
        self.check_tab(tab);
        let deadline = self.engine(tab).deadline();
        if self.tabs[tab].armed != deadline {
            self.tabs[tab].armed = deadline;
            self.tabs[tab].timer += 1;
            if let Some(at) = deadline {
                let number = self.tabs[tab].timer;
                self.schedule(at.saturating_sub(self.mono_ms()) + 1, tab, Happening::Timer { number });
            }
        }
    }
}

impl Driver<Tok> for Driven<'_> {
    fn engine(&mut self) -> &mut Engine<Tok> {
        self.world.engine(self.tab)
    }

    fn send(&mut self, call: CallId, with: Option<Stamp>) {
        let (world, tab) = (&mut *self.world, self.tab);
        let req = world.tabs[tab].calls[call.index()];
        world.reqs[req].stamp = with;
        let token = with.and_then(|_| world.engine(tab).access().copied());
        world.send(tab, req, token);
    }

    fn wait(&mut self, call: CallId) {
        let (world, tab) = (&mut *self.world, self.tab);
        let req = world.tabs[tab].calls[call.index()];
        world.log(tab, |_| format!("call {req}: waits"));
        let mono = world.mono_ms();
        if let Some(since) = world.reqs[req].waiting_since_ms.replace(mono) {
            world.reqs[req].held_ms += mono - since;
        }
        world.check_wait(tab, req);
        if world.reqs[req].aborted {
            world.engine(tab).handle_abort(call);
            world.pump(tab);
        }
    }

    fn settle(&mut self, call: CallId, outcome: Outcome) {
        let req = self.world.tabs[self.tab].calls[call.index()];
        self.world.settle(self.tab, req, outcome);
    }

    fn lock(&mut self, flight: FlightId) {
        let (world, tab) = (&mut *self.world, self.tab);
        world.check_start(tab, Some(flight));
        world.tabs[tab].lock = Some(flight);
        world.locks.push_back((tab, world.tabs[tab].life, flight));
        if world.locks.len() == 1 {
            world.grant_lock();
        }
    }

    fn unlock(&mut self, flight: FlightId, after_ms: u64) {
        let (world, tab) = (&mut *self.world, self.tab);
        if world.tabs[tab].lock != Some(flight) {
            return;
        }
        world.tabs[tab].lock = None;
        if after_ms == 0 {
            world.leave_lock(tab, Some(flight));
        } else {
            if world.is_marking(tab) {
                world.tabs[tab].unlocking = Some(flight);
            }
            world.schedule(after_ms, tab, Happening::Release { flight });
        }
    }

    fn read_mark(&mut self, flight: FlightId, epoch: u32) {
        self.world.read_mark(self.tab, flight, epoch);
    }

    fn mark(&mut self, epoch: u32, generation: u32) {
        self.world.mark(self.tab, epoch, generation);
    }

    fn read(&mut self, flight: Option<FlightId>) {
        self.world.read(self.tab, flight);
    }

    fn refresh(&mut self, flight: FlightId, refresh: Tok, reason: Reason) {
        let (world, tab) = (&mut *self.world, self.tab);
        if world.take_late(tab, flight, refresh) {
            return;
        }
        world.log(tab, |_| format!("flight {}: sends refresh token {} ({reason:?})", flight.0, refresh.0));
        world.check_refresh(tab, flight, refresh, reason);
        world.tabs[tab].calling = Some(flight);
        let fault = if world.calm { None } else { world.faults.pop_front() };
        let ms = world.rng.between(5, 100);
        world.schedule(ms, tab, Happening::AuthArrives { flight, refresh, fault });
    }

    fn abort_refresh(&mut self, flight: FlightId) {
        let (world, tab) = (&mut *self.world, self.tab);
        if world.tabs[tab].calling == Some(flight) {
            world.log(tab, |_| format!("flight {}: the token call is aborted", flight.0));
            world.tabs[tab].calling = None;
        }
    }

    fn write(&mut self, flight: Option<FlightId>, record: Record<Tok>) {
        let (world, tab) = (&mut *self.world, self.tab);
        world.log(tab, |_| format!("writes {record:?}"));
        world.check_write(tab, flight, &record);
        if world.config.place == Place::Own {
            world.tabs[tab].view.last = Raw::Record(record.clone());
            return world.own(tab, Happening::OwnWrite { flight, record });
        }
        let mut ok = true;
        if world.config.place == Place::Web {
            ok = !world.tabs[tab].blocked && !world.quota_full;
            if ok {
                world.tabs[tab].view.last = Raw::Record(record.clone());
                let spent = world.watch_stored(tab, flight, &record);
                world.put(tab, Raw::Record(record), spent);
            }
        }
        if !ok {
            world.watch.tab(tab).failed_writes += 1;
        }
        let now = world.now();
        world.engine(tab).handle_written(flight, ok, now);
    }

    fn remove(&mut self) {
        let (world, tab) = (&mut *self.world, self.tab);
        world.log(tab, |_| "removes the record".to_owned());
        world.check_remove(tab);
        // Even if it cannot be removed: that it should be gone is what this tab knows.
        world.tabs[tab].view.last = Raw::Nothing;
        match world.config.place {
            Place::Own => world.own(tab, Happening::OwnRemove),
            Place::Web if !world.tabs[tab].blocked => world.put(tab, Raw::Nothing, None),
            // A blocked store keeps what it should not: nobody can help that.
            Place::Web => world.watch.cannot_remove(),
            Place::Memory => {}
        }
    }

    fn restore(&mut self, flight: Option<FlightId>, record: Option<Record<Tok>>) {
        self.world.restore(self.tab, flight, record);
    }

    fn dispatch(&mut self, event: Event) {
        let (world, tab) = (&mut *self.world, self.tab);
        world.log(tab, |_| format!("tells {event:?}"));
        world.check_event(tab, event);
        // Some apps sign in again from within the listener.
        if matches!(event, Event::Expired { .. }) && !world.calm && world.rng.chance(30) {
            world.login(tab);
        }
    }
}
