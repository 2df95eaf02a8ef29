//! `cargo xtask model`: explores the real engine exhaustively in small worlds, with the model checker stateright.
//!
//! Safety: an invariant broken in a step is kept in the state, and no reachable state has one. Liveness is checked as
//! safety, too: no state in which nothing can happen any more has a call that is not settled. That is sound here
//! because every run is finite: each action uses up a message, a deadline or one of the world's few calls and faults,
//! so each run ends in such a state. (stateright's own `eventually` overlooks runs that meet a state seen before.)
#![forbid(unsafe_code)]

mod driven;
mod fault;
mod serve;
mod shell;
mod state;
mod world;

use std::time::Instant;

use stateright::{Checker, Model};

use crate::world::{Fault, Start, World};

const FAULTS: [Fault; 13] = [
    Fault::None,
    Fault::LostBefore,
    Fault::LostAfter,
    Fault::Hangs,
    Fault::Unavailable,
    Fault::Ends,
    Fault::Death,
    Fault::Frost,
    Fault::StoreFull,
    Fault::Abort,
    Fault::TokenRejected,
    Fault::Logout,
    Fault::Login,
];

fn main() -> std::process::ExitCode {
    // Only the worlds whose line contains this, such as "3×1" or "Login".
    let only = std::env::args().nth(1).unwrap_or_default();
    let start = Instant::now();
    let (mut worlds, mut states, mut found) = (0, 0, 0);
    println!("{:<10}{:<14}{:<12}{:>12}{:>8}{:>9}", "tabs×calls", "fault", "token", "states", "depth", "s");
    for (tabs, calls, starts, faults) in [
        (2, 2, &[Start::Rejected, Start::Expired][..], &FAULTS[..]),
        (3, 1, &[Start::Rejected, Start::Expired][..], &FAULTS[..]),
    ] {
        for begin in starts {
            for fault in faults {
                if !format!("{tabs}×{calls} {fault:?} {begin:?}").contains(&only) {
                    continue;
                }
                let at = Instant::now();
                let world = World { tabs, calls, start: *begin, fault: *fault };
                let checker = world.checker().threads(2).spawn_bfs().join();
                println!(
                    "{:<10}{:<14}{:<12}{:>12}{:>8}{:>9.1}",
                    format!("{tabs}×{calls}"),
                    format!("{fault:?}"),
                    format!("{begin:?}"),
                    checker.unique_state_count(),
                    checker.max_depth(),
                    at.elapsed().as_secs_f64()
                );
                worlds += 1;
                states += checker.unique_state_count();
                for (name, path) in checker.discoveries() {
                    // What should be possible somewhere, and is, is a discovery as well.
                    if !name.starts_with("possible") {
                        found += 1;
                        println!("COUNTEREXAMPLE to “{name}”: {:?}", path.last_state().broken);
                        path.into_actions().iter().for_each(|action| println!("    {action:?}"));
                    }
                }
                for property in world.properties() {
                    if property.name.starts_with("possible") && checker.discovery(property.name).is_none() {
                        found += 1;
                        println!("NEVER “{}”: the world shows nothing", property.name);
                    }
                }
            }
        }
    }
    println!(
        "{worlds} worlds, {states} unique states, {found} counterexamples, {:.1} s",
        start.elapsed().as_secs_f64()
    );
    if found == 0 { std::process::ExitCode::SUCCESS } else { std::process::ExitCode::FAILURE }
}
