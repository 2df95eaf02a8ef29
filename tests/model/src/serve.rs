//! Messages arrive: at the servers, and at the tabs.

use relatch_engine::{Answer, Reply};

use crate::state::{Message, State, Tok};
use crate::world::{REFUSED, grant};

/// The auth server: rotation, reuse detection, no grace.
pub fn serve(state: &mut State, refresh: Tok) -> Answer<Tok> {
    let family = &mut state.families[usize::from(refresh.family)];
    if family.revoked || family.generation != refresh.generation {
        family.revoked = true;
        return REFUSED;
    }
    family.generation += 1;
    state.refreshes += 1;
    Answer::Tokens(grant(refresh.family, family.generation))
}

pub fn deliver(state: &mut State, message: Message) {
    let now = state.now();
    match message {
        Message::Request { call, token } => {
            let ok = token.is_some_and(|t| t.generation >= state.families[usize::from(t.family)].good_from);
            state.send(Message::Response { call, ok });
        }
        Message::Response { call, ok } => {
            let (tab, id) = (state.calls[call].tab, state.calls[call].id);
            if let (Some(id), true) = (id, state.tabs[tab].engine.is_some()) {
                state.calls[call].ok = ok;
                state.engine(tab).handle_response(id, Reply { challenge: !ok, ..Reply::default() }, now);
                state.pump(tab);
            }
        }
        Message::TokenCall { tab, flight, refresh } => {
            let answer = serve(state, refresh);
            // Nobody waits for it any more: what it brings is lost.
            if state.tabs[tab].calling == Some(flight) {
                state.send(Message::TokenAnswer { tab, flight, answer });
            } else {
                state.lost = true;
            }
        }
        Message::TokenAnswer { tab, flight, answer } => {
            if state.tabs[tab].engine.is_none() {
                return;
            }
            if state.tabs[tab].calling != Some(flight) {
                state.lost = true;
                return;
            }
            state.tabs[tab].calling = None;
            state.tabs[tab].ended = answer == REFUSED;
            state.engine(tab).handle_answer(flight, answer, now);
            state.pump(tab);
        }
        Message::Granted { tab, flight } => {
            if state.tabs[tab].lock == Some(flight) {
                state.engine(tab).handle_lock(flight, true, now);
                state.pump(tab);
            }
        }
        Message::StorageEvent { tab, before, new } => {
            if state.tabs[tab].engine.is_some() {
                state.hear(tab, before, new);
            }
        }
    }
}
