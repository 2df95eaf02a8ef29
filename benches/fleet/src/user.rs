//! What users do: when a tab makes API calls, and how many at once.

use rand::Rng;
use rand::rngs::SmallRng;

#[derive(Clone, Copy, Debug)]
pub enum Habit {
    /// A tab that is in use all the time, such as a dashboard: bursts at random, so far apart on average. The worst
    /// case for the auth service: no pause ever spreads the refreshes.
    Always { every_ms: f64 },
    /// A person: visits of some minutes with bursts half a minute apart, and hours between visits.
    Visits { every_ms: f64, visit_ms: f64, pause_ms: f64 },
}

/// The default person: 9 visits of 15 minutes in a day.
pub const PERSON: Habit = Habit::Visits { every_ms: 30_000.0, visit_ms: 900_000.0, pause_ms: 8_700_000.0 };

impl Habit {
    pub fn next_burst_ms(self, now_ms: u64, rng: &mut SmallRng) -> u64 {
        let wait = match self {
            Habit::Always { every_ms } => exponential(every_ms, rng),
            Habit::Visits { every_ms, visit_ms, pause_ms } => {
                let ends = rng.random::<f64>() < every_ms / visit_ms;
                exponential(if ends { pause_ms } else { every_ms }, rng)
            }
        };
        now_ms + 1 + wait as u64
    }

    /// API calls in one burst: one page of an application.
    pub fn calls(rng: &mut SmallRng) -> u32 {
        rng.random_range(1..=6)
    }
}

fn exponential(mean: f64, rng: &mut SmallRng) -> f64 {
    // 1 − u is never 0.
    -(1.0 - rng.random::<f64>()).ln() * mean
}
