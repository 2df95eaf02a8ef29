//! Makes a failing schedule small: delta debugging (ddmin) over its steps.

use crate::Rule;
use crate::plan::Plan;
use crate::world::run;

/// The fewest steps found that still break the same invariant.
pub fn shrink(plan: &Plan, rule: Option<Rule>) -> Plan {
    let Err(first) = run(plan, rule, None) else { return plan.clone() };
    let fails = |plan: &Plan| run(plan, rule, None).is_err_and(|v| v.what == first.what);
    let mut best = plan.clone();
    // What comes after the violation has no part in it.
    let cut: Vec<u32> = numbers(&best).into_iter().filter(|n| *n <= first.step).collect();
    let cut = plan.keep(&cut);
    if fails(&cut) {
        best = cut;
    }
    let mut size = best.steps.len().div_ceil(2);
    while size > 0 {
        let mut at = 0;
        while at < best.steps.len() {
            let mut kept = numbers(&best);
            kept.drain(at..(at + size).min(kept.len()));
            let fewer = plan.keep(&kept);
            if fails(&fewer) {
                best = fewer;
            } else {
                at += size;
            }
        }
        size = if size == 1 { 0 } else { size.div_ceil(2) };
    }
    best
}

pub fn numbers(plan: &Plan) -> Vec<u32> {
    plan.steps.iter().map(|t| t.number).collect()
}
