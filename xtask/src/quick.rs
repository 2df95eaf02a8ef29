//! `cargo xtask check`: what every commit should pass. Under a minute when everything is compiled.

use anyhow::Result;

use crate::run::run;
use crate::tools::{self, Tool};
use crate::{docs, lints, rooms, steps};

type Step = (&'static str, fn() -> Result<()>);

/// Those that `cargo xtask test` has too are the same functions.
const STEPS: [Step; 6] = [
    ("format", lints::format),
    ("rooms", rooms::check),
    ("docs", docs::check),
    ("lint", lints::lint),
    ("strict", lints::strict),
    ("native", native),
];

pub fn check() -> Result<()> {
    tools::ensure(&[Tool::WasmTarget, Tool::BuildTools])?;
    steps::run_all(STEPS.iter().map(|(name, step)| (*name, Box::new(step) as Box<_>)))
}

/// The native tests but the slow ones: the simulator's, and the engine's property test. `cargo xtask test` runs those.
fn native() -> Result<()> {
    let fast =
        ["--package", "relatch", "--package", "relatch-engine", "--package", "xtask", "--package", "auth-server"];
    run("cargo", &[&["test", "--quiet"], &fast[..], &["--", "--skip", "chaos::"]].concat())
}
