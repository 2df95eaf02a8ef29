//! relatch's developer commands. `cargo xtask demo` and `cargo xtask test` install what they miss.

#![forbid(unsafe_code)]

mod bench;
mod border;
mod bundle;
mod causes;
mod check;
mod clean;
mod demo;
mod docs;
mod entries;
mod example;
mod glue;
mod licences;
mod lints;
mod names;
mod quick;
mod release;
mod rooms;
mod run;
mod size;
mod snip;
mod soak;
mod steps;
mod toolchain;
mod tools;
mod wasm;

use anyhow::Context as _;
use clap::{Parser, Subcommand};

/// Builds, shows and tests relatch.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Installs everything that the other commands need, and skips what is there.
    Setup,
    /// Builds the npm package's generated files into pkg/dist.
    Build,
    /// Builds, starts the auth server and the demo page, and says where.
    Demo {
        /// The page's port.
        #[arg(long, default_value_t = 8080)]
        port: u16,
    },
    /// Runs what is fast: formatting, rooms, docs, lints, types, native tests. For every commit.
    Check,
    /// Runs everything: formatting, lints, native tests, size, tests in browsers.
    Test {
        /// Only the steps whose names contain this.
        #[arg(long)]
        only: Option<String>,
    },
    /// Prints raw, gzip and brotli sizes of all that the default entry loads; fails above the budget.
    Size {
        /// Writes the figures into the README, too.
        #[arg(long)]
        readme: bool,
        /// Says which part of it costs what, and writes that into docs/size.md.
        #[arg(long)]
        causes: bool,
    },
    /// Builds and runs a project for each way to import relatch, from the packed tarball.
    Consumers {
        /// Only these; without a name all.
        names: Vec<String>,
        /// Only those that take seconds.
        #[arg(long)]
        fast: bool,
        /// Write the table into README.md.
        #[arg(long)]
        readme: bool,
    },
    /// Builds, checks and packs the npm package and the crate, and says how they are published.
    Release {
        /// The only way: nothing is published from here.
        #[arg(long)]
        dry_run: bool,
    },
    /// Starts the auth server alone and prints its addresses as JSON.
    Serve {
        #[arg(long, default_value_t = 0)]
        port: u16,
        /// An origin whose pages may call, beside the server's own; `*` for any port. May be given more than once.
        #[arg(long = "guest")]
        guests: Vec<String>,
        /// Stop when standard input is closed, so that no server outlives the test that started it.
        #[arg(long)]
        until_stdin_closes: bool,
    },
    /// Runs the simulator: many tabs, every fault, by seed. `cargo xtask sim --help` says how.
    Sim {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Explores the engine exhaustively in small worlds.
    Model,
    /// Many real tabs over one strictly rotating server, every disturbance at once, by seed.
    Soak(soak::Options),
    /// Measures relatch and its peers in Chromium; writes benches/results.
    Bench {
        /// Only compare the ratios: an error if one is broken, and nothing is written.
        #[arg(long)]
        check: bool,
        /// Rounds in which every peer has its turn; the figures are medians.
        #[arg(long, default_value_t = 31)]
        rounds: u32,
    },
    /// Simulates a million clients against an auth service; writes docs/fleet.
    Fleet {
        #[arg(long, default_value_t = 1_000_000)]
        engines: u32,
        /// Only the scenarios whose names contain this; the figures go into target/fleet-part.
        #[arg(long)]
        only: Option<String>,
    },
    /// Takes the pictures of the README anew, from the demo and the tour in Chromium.
    Screenshots,
    /// Builds the Rust frontend in examples/yew, and serves it beside the auth server.
    Example {
        #[arg(long, default_value_t = 8080)]
        port: u16,
    },
    /// Removes what was built; with --all the installed tools too.
    Clean {
        #[arg(long)]
        all: bool,
    },
}

fn main() -> std::process::ExitCode {
    match execute(Cli::parse().command) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            // One line for a person; a backtrace of this program would help nobody.
            eprintln!("error: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}

fn execute(command: Command) -> anyhow::Result<()> {
    auth_server::repository::find().context("this folder is in no checkout of relatch")?;
    match command {
        Command::Setup => tools::ensure(tools::ALL),
        Command::Build => wasm::build(),
        Command::Demo { port } => demo::demo(port),
        Command::Check => quick::check(),
        Command::Test { only } => check::test(only.as_deref()),
        Command::Size { readme, causes } => {
            wasm::build()?;
            size::print(readme)?;
            if causes { causes::print() } else { Ok(()) }
        }
        Command::Release { dry_run } => release::release(dry_run),
        Command::Consumers { names, fast, readme } => {
            wasm::build()?;
            check::consumers(&demo::running()?, &names, &[("--fast", fast), ("--readme", readme)])
        }
        Command::Serve { port, guests, until_stdin_closes } => demo::serve(port, &guests, until_stdin_closes),
        Command::Sim { args } => check::simulate(&args.iter().map(String::as_str).collect::<Vec<_>>()),
        Command::Model => check::model(),
        Command::Soak(options) => {
            wasm::build()?;
            soak::soak(&options)
        }
        Command::Bench { check, rounds } => {
            wasm::build()?;
            bench::browser(check, rounds)
        }
        Command::Fleet { engines, only } => bench::fleet(engines, only.as_deref()),
        Command::Screenshots => {
            wasm::build()?;
            check::screenshots(&demo::running()?)
        }
        Command::Example { port } => {
            example::build()?;
            demo::show(port, "/examples/yew/dist/index.html", "Sign in, let the access token expire, send.")
        }
        Command::Clean { all } => clean::clean(all),
    }
}
