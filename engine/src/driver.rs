//! The shape of what drives the engine: one method for each effect.

use crate::engine::Engine;
use crate::event::{Effect, Event, Outcome};
use crate::flight::{FlightId, Reason};
use crate::queue::CallId;
use crate::session::{Record, Stamp, Token};

/// Carries out an engine's effects. The simulator, the model, the fleet and the tests implement it, so that an effect
/// added to [`Effect`] fails to compile in one place, [`Driver::carry_out`], and in each of them. What a method has to
/// do, and which input answers it, is said at the effect.
pub trait Driver<T: Token> {
    /// The engine that is driven.
    fn engine(&mut self) -> &mut Engine<T>;

    /// [`Effect::Send`]
    fn send(&mut self, call: CallId, with: Option<Stamp>);
    /// [`Effect::Wait`]
    fn wait(&mut self, call: CallId);
    /// [`Effect::Settle`]
    fn settle(&mut self, call: CallId, outcome: Outcome);
    /// [`Effect::Lock`]
    fn lock(&mut self, flight: FlightId);
    /// [`Effect::Unlock`]
    fn unlock(&mut self, flight: FlightId, after_ms: u64);
    /// [`Effect::ReadMark`]
    fn read_mark(&mut self, flight: FlightId, epoch: u32);
    /// [`Effect::Mark`]
    fn mark(&mut self, epoch: u32, generation: u32);
    /// [`Effect::Read`]
    fn read(&mut self, flight: Option<FlightId>);
    /// [`Effect::Refresh`]
    fn refresh(&mut self, flight: FlightId, refresh: T, reason: Reason);
    /// [`Effect::AbortRefresh`]
    fn abort_refresh(&mut self, flight: FlightId);
    /// [`Effect::Write`]
    fn write(&mut self, flight: Option<FlightId>, record: Record<T>);
    /// [`Effect::Remove`]
    fn remove(&mut self);
    /// [`Effect::Restore`]
    fn restore(&mut self, flight: Option<FlightId>, record: Option<Record<T>>);
    /// [`Effect::Dispatch`]
    fn dispatch(&mut self, event: Event);

    /// Carries out all that is to do. Call it after every input; a method that gives the engine its answer at once need
    /// not.
    fn pump(&mut self) {
        while let Some(effect) = self.engine().poll() {
            self.carry_out(effect);
        }
    }

    /// Calls the effect's method.
    fn carry_out(&mut self, effect: Effect<T>) {
        match effect {
            Effect::Send { call, with } => self.send(call, with),
            Effect::Wait { call } => self.wait(call),
            Effect::Settle { call, outcome } => self.settle(call, outcome),
            Effect::Lock { flight } => self.lock(flight),
            Effect::Unlock { flight, after_ms } => self.unlock(flight, after_ms),
            Effect::ReadMark { flight, epoch } => self.read_mark(flight, epoch),
            Effect::Mark { epoch, generation } => self.mark(epoch, generation),
            Effect::Read { flight } => self.read(flight),
            Effect::Refresh { flight, refresh, reason } => self.refresh(flight, refresh, reason),
            Effect::AbortRefresh { flight } => self.abort_refresh(flight),
            Effect::Write { flight, record } => self.write(flight, record),
            Effect::Remove => self.remove(),
            Effect::Restore { flight, record } => self.restore(flight, record),
            Effect::Dispatch(event) => self.dispatch(event),
        }
    }
}
