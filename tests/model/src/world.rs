//! A world to explore: how many tabs and calls, how the token stands, and the one fault that may happen at any time.

use std::collections::BTreeMap;

use relatch_engine::{Answer, Engine, Failure, Grant, Policy, Record, Stored};
use stateright::{Model, Property};

use crate::serve::deliver;
use crate::shell::epoch;
use crate::state::{Family, Message, State, Tab, Tok};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// The API rejects the access token, and nobody knows yet.
    Rejected,
    /// Its life is over.
    Expired,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    /// The token call does not reach the server.
    LostBefore,
    /// The server rotates, and its answer is lost.
    LostAfter,
    /// The server rotates and never answers.
    Hangs,
    Unavailable,
    /// The server ends the session.
    Ends,
    /// A tab dies.
    Death,
    /// A tab freezes, and thaws at any later time.
    Frost,
    /// The store takes no writes from some time on.
    StoreFull,
    /// A waiting call is aborted.
    Abort,
    /// The API stops accepting the newest token as well.
    TokenRejected,
    Logout,
    Login,
}

#[derive(Clone, Copy, Debug)]
pub struct World {
    pub tabs: usize,
    pub calls: u8,
    pub start: Start,
    pub fault: Fault,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Open {
        tab: usize,
    },
    /// The message with this number arrives.
    Deliver(usize),
    /// The world's fault happens to this message, this tab, or this call.
    Fault(usize),
    Thaw {
        tab: usize,
    },
    /// Time goes on to this tab's deadline.
    Deadline {
        tab: usize,
    },
}

const LIFE_MS: u64 = 3_600_000;

pub fn grant(family: u8, generation: u8) -> Grant<Tok> {
    let token = |refresh| Tok { family, generation, refresh };
    Grant { access: token(false), refresh: Some(token(true)), lifetime_ms: Some(LIFE_MS), subject: 0 }
}

pub const UNAVAILABLE: Answer<Tok> = Answer::Failed(Failure { terminal: false, status: 503, retry_after_ms: None });
pub const REFUSED: Answer<Tok> = Answer::Failed(Failure { terminal: true, status: 400, retry_after_ms: None });

impl Model for World {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let now_ms = if self.start == Start::Expired { 2 * LIFE_MS } else { 1_000 };
        let nobody = Family { generation: 0, good_from: 0, revoked: true };
        let Grant { access, refresh, lifetime_ms, subject } = grant(1, 1);
        let record = Record {
            epoch: 7,
            generation: 1,
            access: Some(access),
            refresh,
            obtained_at_ms: 1_700_000_000_000,
            lifetime_ms,
            subject,
        };
        let mut state = State {
            now_ms,
            tabs: vec![],
            calls: vec![],
            store: Stored::Record(record),
            marks: BTreeMap::new(),
            locks: vec![],
            net: vec![],
            families: vec![nobody, Family { generation: 1, good_from: 2, revoked: false }],
            over: vec![],
            faulted: false,
            lost: false,
            store_full: false,
            refreshes: 0,
            replays: 0,
            broken: None,
        };
        for tab in 0..self.tabs {
            let policy = Policy { shared: true, ..Policy::default() };
            state.tabs.push(Tab {
                engine: Some(Engine::new(policy, tab as u64, state.now())),
                frozen: false,
                area: state.store.clone(),
                last: Stored::Absent,
                heir: Stored::Absent,
                fought: None,
                lock: None,
                calling: None,
                calls: vec![],
                opened: 0,
                clears: 0,
                ended: false,
                sent: None,
            });
            state.pump(tab);
        }
        vec![state]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        if state.broken.is_some() {
            return;
        }
        for tab in 0..state.tabs.len() {
            let Some(engine) = &state.tabs[tab].engine else { continue };
            if state.tabs[tab].frozen {
                actions.push(Action::Thaw { tab });
                continue;
            }
            if state.tabs[tab].opened < self.calls {
                actions.push(Action::Open { tab });
            }
            if engine.deadline().is_some() && self.time_may_pass(state, tab) {
                actions.push(Action::Deadline { tab });
            }
        }
        for (number, message) in state.net.iter().enumerate() {
            if receiver(state, message).is_none_or(|tab| state.is_up(tab)) {
                actions.push(Action::Deliver(number));
            }
        }
        if !state.faulted {
            self.faults(state, actions);
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        match action {
            Action::Open { tab } => state.open(tab),
            Action::Deliver(number) => {
                let message = state.net.remove(number);
                deliver(&mut state, message);
            }
            Action::Fault(at) => {
                state.faulted = true;
                self.fault(&mut state, at);
            }
            Action::Thaw { tab } => state.tabs[tab].frozen = false,
            Action::Deadline { tab } => {
                state.now_ms = state.now_ms.max(state.engine(tab).deadline()?);
                let now = state.now();
                state.engine(tab).handle_timeout(now);
                state.pump(tab);
                if state.engine(tab).deadline().is_some_and(|at| at <= now.mono_ms) {
                    state.breaks("G3, S5: a deadline is over and nothing came of it");
                }
            }
        }
        Some(state)
    }

    fn properties(&self) -> Vec<Property<World>> {
        let mut properties = vec![
            Property::always("safety: no step breaks an invariant", |_, state: &State| state.broken.is_none()),
            Property::always(
                "liveness: nothing comes to rest before every call has settled",
                |world: &World, state| !world.is_at_rest(state) || is_settled(state),
            ),
            Property::sometimes("possible: all calls settle", |world: &World, state: &State| {
                world.is_at_rest(state) && state.calls.len() == world.tabs * usize::from(world.calls)
            }),
        ];
        properties.push(Property::always(
            "G5: what is over is not in the store at the end",
            |world: &World, state: &State| {
                let back = epoch(&state.store).is_some_and(|epoch| state.over.contains(&epoch));
                !world.is_at_rest(state) || !back
            },
        ));
        if matches!(self.fault, Fault::None) {
            properties.push(Property::always("one refresh, and every call succeeds", |world: &World, state| {
                !world.is_at_rest(state) || (state.refreshes == 1 && state.calls.iter().all(|c| c.ok))
            }));
        }
        if self.fault != Fault::None {
            properties.push(Property::sometimes("possible: the fault happens", |_, state: &State| state.faulted));
        }
        properties
    }
}

impl World {
    /// A deadline comes when nothing else can happen; and, once the auth server hangs, at any time, so that timers race
    /// with everything.
    fn time_may_pass(&self, state: &State, tab: usize) -> bool {
        let deadline = |t: &Tab| t.engine.as_ref().and_then(Engine::deadline);
        let first = state.tabs.iter().filter(|t| !t.frozen).filter_map(deadline).min();
        // Time does not go past an earlier deadline of a tab that is awake.
        let quiet = !state.net.iter().any(|m| receiver(state, m).is_none_or(|tab| state.is_up(tab)));
        deadline(&state.tabs[tab]) == first && (quiet || (self.races() && state.faulted))
    }

    /// Among calls that were held from the beginning the races are too many to explore in minutes.
    fn races(&self) -> bool {
        self.fault == Fault::Hangs && self.start == Start::Rejected
    }

    fn is_at_rest(&self, state: &State) -> bool {
        let mut actions = Vec::new();
        self.actions(state, &mut actions);
        // A fault that may still happen need not.
        state.broken.is_none() && !actions.iter().any(|a| !matches!(a, Action::Fault(_)))
    }
}

fn is_settled(state: &State) -> bool {
    let calls = state.calls.iter().all(|c| c.settled || state.tabs[c.tab].engine.is_none());
    let engines = state.tabs.iter().filter_map(|t| t.engine.as_ref());
    calls && state.locks.is_empty() && engines.into_iter().all(|e| !e.is_refreshing() && e.live_calls() == 0)
}

/// Who must be awake for the message to arrive; `None`: a server.
fn receiver(state: &State, message: &Message) -> Option<usize> {
    match message {
        Message::Request { .. } | Message::TokenCall { .. } => None,
        Message::Response { call, .. } => Some(state.calls[*call].tab),
        Message::TokenAnswer { tab, .. } | Message::Granted { tab, .. } | Message::StorageEvent { tab, .. } => {
            Some(*tab)
        }
    }
    // What comes for a dead tab is dropped.
    .filter(|tab| state.tabs[*tab].engine.is_some())
}
