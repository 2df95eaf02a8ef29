//! Many seeds; the corpus of those that once failed; and the proof that each rule dropped is noticed.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::Rule;
use crate::plan::Plan;
use crate::shrink::{numbers, shrink};
use crate::watch::Violation;
use crate::world::run;

/// A schedule: a seed, and, if it was shrunk, the steps that are left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    pub seed: u64,
    pub keep: Option<Vec<u32>>,
}

impl Case {
    pub fn plan(&self) -> Plan {
        let plan = Plan::new(self.seed);
        match &self.keep {
            Some(keep) => plan.keep(keep),
            None => plan,
        }
    }

    /// `0xSEED`, `0xSEED keep 3,17,20`, or `0xSEED none` for the end alone; what follows a `#` is a comment.
    pub fn parse(line: &str) -> Option<Case> {
        let line = line.split('#').next().unwrap_or_default();
        let mut words = line.split_whitespace();
        let seed = words.next()?;
        let seed = u64::from_str_radix(seed.strip_prefix("0x")?, 16).ok()?;
        let keep = match words.next() {
            None => None,
            Some("none") => Some(Vec::new()),
            Some("keep") => Some(words.next()?.split(',').map(str::parse).collect::<Result<_, _>>().ok()?),
            Some(_) => return None,
        };
        Some(Case { seed, keep })
    }
}

impl std::fmt::Display for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:#x}", self.seed)?;
        if let Some(keep) = &self.keep {
            let keep: Vec<String> = keep.iter().map(u32::to_string).collect();
            if keep.is_empty() {
                f.write_str(" none")?;
            } else {
                write!(f, " keep {}", keep.join(","))?;
            }
        }
        Ok(())
    }
}

/// The committed seeds that once failed, and some that show each kind of trouble. Panics on a line that is none.
pub fn corpus() -> Vec<Case> {
    let text = include_str!("../corpus.txt");
    let lines = text.lines().filter(|l| !l.trim().is_empty() && !l.starts_with('#'));
    lines.map(|l| Case::parse(l).unwrap_or_else(|| panic!("corpus.txt: not a case: {l}"))).collect()
}

#[derive(Clone, Debug, Default)]
pub struct Figures {
    pub schedules: u64,
    pub steps: u64,
    pub calls: u64,
    pub refreshes: u64,
    pub reuses: u64,
    pub took: Duration,
}

/// Runs this many seeds from the first on. `Err`: the failing case of the lowest seed found, shrunk.
pub fn hunt(
    first: u64,
    count: u64,
    jobs: usize,
    rule: Option<Rule>,
    visibility_ms: u64,
) -> Result<Figures, Box<(Case, Violation)>> {
    let start = Instant::now();
    let (next, lowest) = (AtomicU64::new(0), AtomicU64::new(u64::MAX));
    let sum = Mutex::new(Figures::default());
    std::thread::scope(|scope| {
        for _ in 0..jobs.max(1) {
            scope.spawn(|| {
                let mut own = Figures::default();
                loop {
                    let from = next.fetch_add(64, Ordering::Relaxed);
                    if from >= count || from > lowest.load(Ordering::Relaxed) {
                        break;
                    }
                    for at in from..(from + 64).min(count) {
                        let plan = Plan::new(first.wrapping_add(at)).visible_within(visibility_ms);
                        own.schedules += 1;
                        own.steps += plan.steps.len() as u64;
                        match run(&plan, rule, None) {
                            Ok(ran) => {
                                own.calls += ran.calls;
                                own.refreshes += ran.refreshes;
                                own.reuses += ran.reuses;
                            }
                            Err(_) => {
                                lowest.fetch_min(at, Ordering::Relaxed);
                                break;
                            }
                        }
                    }
                }
                let mut sum = sum.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                sum.schedules += own.schedules;
                sum.steps += own.steps;
                sum.calls += own.calls;
                sum.refreshes += own.refreshes;
                sum.reuses += own.reuses;
            });
        }
    });
    let lowest = lowest.load(Ordering::Relaxed);
    if lowest != u64::MAX {
        let seed = first.wrapping_add(lowest);
        let small = shrink(&Plan::new(seed).visible_within(visibility_ms), rule);
        if let Err(violation) = run(&small, rule, None) {
            return Err(Box::new((Case { seed, keep: Some(numbers(&small)) }, violation)));
        }
    }
    let mut sum = sum.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    sum.took = start.elapsed();
    Ok(sum)
}

/// How many seeds it takes until each dropped rule is noticed, and by which invariant; `None`: not within the bound.
pub fn broken(bound: u64) -> Vec<(Rule, Option<(u64, Violation)>)> {
    let caught = |rule| {
        (0..bound).find_map(|seed| run(&Plan::new(seed), Some(rule), None).err().map(|violation| (seed + 1, violation)))
    };
    Rule::ALL.iter().map(|rule| (*rule, caught(*rule))).collect()
}
