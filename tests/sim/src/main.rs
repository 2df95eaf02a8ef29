//! `cargo xtask sim`.

use std::process::ExitCode;

use clap::Parser;
use relatch_sim::{Case, Rule, VISIBILITY_MS, broken, hunt, run, shrink};

/// Runs the engine on schedules made of seeds, and checks every invariant at every step.
#[derive(Parser)]
#[command(bin_name = "cargo xtask sim", name = "cargo xtask sim")]
struct Cli {
    /// How many seeds.
    #[arg(long, default_value_t = 100_000)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value = "0x0", value_parser = hex)]
    first: u64,
    /// Threads.
    #[arg(long, default_value_t = 1)]
    jobs: usize,
    /// Only this seed, with …
    #[arg(long, value_parser = hex)]
    seed: Option<u64>,
    /// … only these of its steps (`none`: the end alone), …
    #[arg(long, value_delimiter = ',')]
    keep: Option<Vec<String>>,
    /// … and all that happens.
    #[arg(long)]
    trace: bool,
    /// A write of another tab is seen after twice this time at the latest. Above the default the lock promises nothing.
    #[arg(long, default_value_t = VISIBILITY_MS)]
    visibility_ms: u64,
    /// Drops one rule of the engine after the other, and shows how soon each is noticed.
    #[arg(long)]
    broken: bool,
    /// Drops this rule (see engine/src/sabotage.rs).
    #[arg(long, value_parser = rule)]
    dropping: Option<Rule>,
}

fn hex(text: &str) -> Result<u64, String> {
    match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => text.parse(),
    }
    .map_err(|error| error.to_string())
}

fn rule(text: &str) -> Result<Rule, String> {
    let names = || Rule::ALL.map(|r| format!("{r:?}")).join(", ");
    Rule::ALL
        .into_iter()
        .find(|r| format!("{r:?}").eq_ignore_ascii_case(text))
        .ok_or_else(|| format!("one of {}", names()))
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    if cli.broken {
        return table();
    }
    if let Some(seed) = cli.seed {
        let keep = cli.keep.as_ref().map(|steps| steps.iter().filter_map(|n| n.parse().ok()).collect());
        return one(&Case { seed, keep }, cli.visibility_ms, cli.dropping, cli.trace);
    }
    match hunt(cli.first, cli.seeds, cli.jobs, cli.dropping, cli.visibility_ms) {
        Ok(sum) => {
            let seconds = sum.took.as_secs_f64();
            println!(
                "{} schedules, no violation: {} steps, {} calls, {} refreshes, {} reuses of lost rotations, in {seconds:.1} s: \
                 {:.0} schedules/s on {} thread(s)",
                sum.schedules,
                sum.steps,
                sum.calls,
                sum.refreshes,
                sum.reuses,
                sum.schedules as f64 / seconds,
                cli.jobs,
            );
            ExitCode::SUCCESS
        }
        Err(found) => {
            let (case, _) = *found;
            println!("seed {:#x} breaks an invariant; shrunk:", case.seed);
            one(&case, cli.visibility_ms, cli.dropping, true);
            let store = match cli.visibility_ms {
                VISIBILITY_MS => String::new(),
                ms => format!(" --visibility-ms {ms}"),
            };
            println!("again:    cargo xtask sim --seed {:#x} --keep {}{store} --trace", case.seed, keep(&case));
            println!("whole:    cargo xtask sim --seed {:#x}{store} --trace", case.seed);
            println!("corpus:   {case}");
            ExitCode::FAILURE
        }
    }
}

fn keep(case: &Case) -> String {
    match &case.keep {
        Some(steps) if !steps.is_empty() => steps.iter().map(u32::to_string).collect::<Vec<_>>().join(","),
        _ => "none".to_owned(),
    }
}

fn one(case: &Case, visibility_ms: u64, rule: Option<Rule>, traced: bool) -> ExitCode {
    let plan = case.plan().visible_within(visibility_ms);
    let mut trace = Vec::new();
    let result = run(&plan, rule, traced.then_some(&mut trace));
    if traced {
        println!("{:?}", plan.config);
        trace.iter().for_each(|line| println!("{line}"));
    }
    match result {
        Ok(ran) => {
            println!("no violation: {ran:?}");
            ExitCode::SUCCESS
        }
        Err(violation) => {
            println!("{} (tab {}, after step {})", violation.what, violation.tab, violation.step);
            if case.keep.is_none() {
                let small = shrink(&plan, rule);
                let numbers: Vec<String> = small.steps.iter().map(|t| t.number.to_string()).collect();
                println!("shrunk to {} steps: --keep {}", numbers.len(), numbers.join(","));
            }
            ExitCode::FAILURE
        }
    }
}

fn table() -> ExitCode {
    const BOUND: u64 = 200_000;
    println!("{:<14}{:>20}  noticed by", "rule dropped", "seeds until caught");
    let mut missed = 0;
    for (rule, caught) in broken(BOUND) {
        match caught {
            Some((seeds, violation)) => println!("{:<14}{seeds:>20}  {}", format!("{rule:?}"), violation.what),
            None => {
                missed += 1;
                println!("{:<14}{:>20}  NOTHING", format!("{rule:?}"), format!("> {BOUND}"));
            }
        }
    }
    println!("{} rules dropped one at a time, {missed} not noticed", Rule::ALL.len());
    if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
