//! Runs a plan on all cores, and reads figures out of what came of it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Instant;

use crate::shard::{Plan, Shard};
use crate::tally::Tally;

/// More than any machine here has cores, and the same everywhere, so that the figures do not depend on the machine.
const SHARDS: u32 = 16;

pub fn run(plan: &Plan) -> Tally {
    let (next, total) = (AtomicU32::new(0), Mutex::new(Tally::default()));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let shard = next.fetch_add(1, Relaxed);
                    if shard >= SHARDS {
                        break;
                    }
                    let users = plan.users / SHARDS + u32::from(shard < plan.users % SHARDS);
                    let tally = Shard::new(plan, users, u64::from(shard)).run();
                    total.lock().expect("no shard panicked").add(&tally);
                }
            });
        }
    });
    total.into_inner().expect("no shard panicked")
}

/// Runs and says how long it took.
pub fn timed(what: &str, plan: &Plan) -> (Tally, f64) {
    let start = Instant::now();
    let tally = run(plan);
    let seconds = start.elapsed().as_secs_f64();
    eprintln!("{what}: {seconds:.1} s, {:.1} M events", tally.events as f64 / 1e6);
    (tally, seconds)
}

/// The largest sum of `width` neighbouring seconds, as a rate.
pub fn peak(load: &[u32], width: usize) -> f64 {
    load.windows(width.max(1)).map(|w| w.iter().sum::<u32>()).max().unwrap_or(0) as f64 / width.max(1) as f64
}

pub fn mean(load: &[u32]) -> f64 {
    load.iter().map(|n| f64::from(*n)).sum::<f64>() / load.len().max(1) as f64
}

/// The busiest second of each cycle over the mean of the whole run after the first refreshes. A cycle is the mean time
/// from one refresh of a user to the next; the first is the one whose refreshes come first after the start.
pub fn peaks_by_cycle(load: &[u32], users: u32, cycles: usize) -> (f64, Vec<f64>) {
    let refreshes: f64 = load.iter().map(|n| f64::from(*n)).sum();
    let (users, seconds) = (f64::from(users), load.len() as f64);
    // The first half cycle has no refreshes in it yet.
    let cycle = seconds / (refreshes / users + 0.5);
    let mean = users / cycle;
    let of = |k: usize| {
        let (from, to) = ((k as f64 + 0.5) * cycle, (k as f64 + 1.5) * cycle);
        let part = load.get(from as usize..(to as usize).min(load.len())).unwrap_or_default();
        peak(part, 1) / mean
    };
    (mean, (0..cycles).map(of).collect())
}
