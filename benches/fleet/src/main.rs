//! One million of relatch's engines in one process against a simulated auth service (`cargo xtask fleet`).

mod driven;
mod memory;
mod report;
mod run;
mod scenarios;
mod service;
mod shard;
mod tally;
mod user;
mod wheel;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use crate::report::Report;

#[global_allocator]
static ALLOCATOR: memory::Counting = memory::Counting;

#[derive(Parser)]
struct Cli {
    #[arg(long, default_value_t = 1_000_000)]
    engines: u32,
    /// Where README.md, fleet.json and the charts go.
    #[arg(long, default_value = "docs/fleet")]
    out: PathBuf,
    /// Only the scenarios whose names contain this.
    #[arg(long)]
    only: Option<String>,
}

type Scenario = fn(&mut Report, u32);

const SCENARIOS: &[(&str, Scenario)] = &[
    ("steady", scenarios::steady),
    ("sign-in", scenarios::synchronised),
    ("window", scenarios::windows),
    ("outage", scenarios::outage),
    ("key-change", scenarios::key_change),
    ("tabs", scenarios::tabs),
    ("day", scenarios::day),
    ("memory", |report, _| scenarios::memory(report)),
];

fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut report = Report { engines: cli.engines, ..Report::default() };
    for (name, scenario) in SCENARIOS {
        if cli.only.as_ref().is_none_or(|only| name.contains(only.as_str())) {
            scenario(&mut report, cli.engines);
        }
    }
    match report.write(&cli.out) {
        Ok(text) => println!("{text}"),
        Err(error) => {
            eprintln!("error: writing into {}: {error}", cli.out.display());
            return ExitCode::FAILURE;
        }
    }
    if report.broken().is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
