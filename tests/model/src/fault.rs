//! The one fault of a world: where it may happen, and what it does.

use crate::serve::serve;
use crate::state::{Family, Message, State};
use crate::world::{Action, Fault, REFUSED, UNAVAILABLE, World, grant};

impl World {
    pub fn faults(&self, state: &State, actions: &mut Vec<Action>) {
        let ups = (0..state.tabs.len()).filter(|tab| state.is_up(*tab)).map(Action::Fault);
        match self.fault {
            Fault::None => {}
            Fault::LostBefore | Fault::LostAfter | Fault::Hangs | Fault::Unavailable | Fault::Ends => {
                let is_call = |m: &Message| matches!(m, Message::TokenCall { .. });
                actions.extend(state.net.iter().position(is_call).map(Action::Fault));
            }
            Fault::Death | Fault::Frost | Fault::Logout | Fault::Login => actions.extend(ups),
            Fault::StoreFull | Fault::TokenRejected => actions.push(Action::Fault(0)),
            Fault::Abort => {
                let waiting = |i: &usize| state.calls[*i].waits && state.is_up(state.calls[*i].tab);
                actions.extend((0..state.calls.len()).filter(waiting).map(Action::Fault));
            }
        }
    }

    pub fn fault(&self, state: &mut State, at: usize) {
        let now = state.now();
        match self.fault {
            Fault::None => {}
            Fault::LostBefore | Fault::LostAfter | Fault::Hangs | Fault::Unavailable | Fault::Ends => {
                let Message::TokenCall { tab, flight, refresh } = state.net.remove(at) else { return };
                let answer = match self.fault {
                    Fault::Ends => {
                        state.families[usize::from(refresh.family)].revoked = true;
                        REFUSED
                    }
                    Fault::LostAfter | Fault::Hangs => {
                        serve(state, refresh);
                        state.lost = true;
                        UNAVAILABLE
                    }
                    _ => UNAVAILABLE,
                };
                if self.fault != Fault::Hangs {
                    state.send(Message::TokenAnswer { tab, flight, answer });
                }
            }
            Fault::Death => {
                // The lock is free at once: who has it next may not have heard of what the dead tab wrote.
                state.tabs[at].engine = None;
                state.tabs[at].lock = None;
                // Its token call goes on without it, and the answer reaches nobody.
                state.lost |= state.tabs[at].calling.take().is_some();
                state.leave_lock(at, None);
            }
            Fault::Frost => state.tabs[at].frozen = true,
            Fault::StoreFull => state.store_full = true,
            Fault::TokenRejected => {
                for family in &mut state.families {
                    family.good_from = family.generation + 1;
                }
            }
            Fault::Abort => {
                let (tab, id) = (state.calls[at].tab, state.calls[at].id);
                if let Some(id) = id {
                    state.engine(tab).handle_abort(id);
                    state.pump(tab);
                }
            }
            Fault::Logout => {
                state.tabs[at].clears += 1;
                state.engine(at).clear(now);
                state.pump(at);
            }
            Fault::Login => {
                let family = state.families.len() as u8;
                state.families.push(Family { generation: 1, good_from: 1, revoked: false });
                state.engine(at).set_tokens(grant(family, 1), now);
                state.pump(at);
            }
        }
    }
}
