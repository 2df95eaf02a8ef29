//! The simulator's own test: the corpus, ten thousand seeds, and proof that it sees and that it repeats itself.
#![cfg(not(target_arch = "wasm32"))]

use relatch_sim::{Case, Plan, Rule, VISIBILITY_MS, broken, corpus, hunt, run, shrink};

#[test]
fn every_seed_that_once_failed_passes() {
    for case in corpus() {
        if let Err(violation) = run(&case.plan(), None, None) {
            panic!("{case}: {violation:?}");
        }
    }
}

#[test]
fn ten_thousand_seeds_hold_every_invariant() {
    if let Err(found) = hunt(0, 10_000, 2, None, VISIBILITY_MS) {
        let (case, violation) = *found;
        panic!("{violation:?}\nagain: cargo xtask sim --seed {:#x} --trace\ncorpus: {case}", case.seed);
    }
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    for seed in [1, 2, 0xdead_beef] {
        let (mut first, mut second) = (Vec::new(), Vec::new());
        let plan = Plan::new(seed);
        assert_eq!(run(&plan, None, Some(&mut first)), run(&Plan::new(seed), None, Some(&mut second)));
        assert_eq!(first, second);
        assert!(first.len() > 100, "there is something to see: {} lines", first.len());
    }
}

#[test]
fn every_rule_that_is_dropped_is_noticed() {
    for (rule, caught) in broken(60_000) {
        assert!(caught.is_some(), "{rule:?} can be dropped and nobody notices");
    }
}

#[test]
fn a_failing_schedule_shrinks_to_a_few_steps_that_fail_in_the_same_way() {
    let found = hunt(0, 1_000, 1, Some(Rule::G1Read), VISIBILITY_MS).expect_err("a dropped rule is found");
    let (case, violation) = *found;
    let small = case.plan();
    assert!(small.steps.len() <= 12, "{} steps are left", small.steps.len());
    assert_eq!(run(&small, Some(Rule::G1Read), None).map_err(|v| v.what), Err(violation.what));
    assert_eq!(Case::parse(&case.to_string()), Some(case.clone()));
    assert_eq!(shrink(&small, Some(Rule::G1Read)).steps.len(), small.steps.len(), "small already");
}

/// Nothing orders localStorage with Web Locks. Here several tabs wake from eight hours of sleep. The first refreshes;
/// the second gets the lock, and does not see the new record yet. What keeps it from sending the spent refresh token is
/// the mark (G1).
///
/// `cargo run -p relatch-sim -- --seed 0x2 --keep none --dropping G1Mark --trace`
#[test]
fn without_the_mark_the_next_holder_of_the_lock_sends_a_spent_refresh_token() {
    let plan = Plan::new(0x2).keep(&[]);
    assert_eq!(run(&plan, None, None).err(), None);
    for rule in [Rule::G1Mark, Rule::G1Marks] {
        let found = run(&plan, Some(rule), None).expect_err("the next holder of the lock read the old record");
        assert_eq!(found.what, "a refresh token that is known to be rotated is sent again", "{rule:?}");
    }
}
