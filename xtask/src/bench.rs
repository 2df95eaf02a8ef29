//! What is measured: the package beside its peers in Chromium, and the simulated fleet.

use anyhow::{Context, Result};

use crate::run::{command, root, run, status};
use crate::tools;

/// The built package and its peers from npm in one page.
pub fn browser(check: bool, rounds: u32) -> Result<()> {
    let folder = root().join("benches/browser");
    if !folder.join("node_modules").exists() {
        run("npm", &["ci", "--prefix", "benches/browser", "--no-fund", "--no-audit"])?;
    }
    let browser = tools::browser().context("there is no Chromium")?;
    let rounds = format!("--rounds={rounds}");
    let mut args = vec!["benches/browser/run.mjs", &rounds];
    if check {
        args.push("--check");
    }
    status(command("node", &args).env("CHROMIUM", browser))
}

pub fn fleet(engines: u32, only: Option<&str>) -> Result<()> {
    let engines = engines.to_string();
    let mut args = vec!["run", "--quiet", "--profile", "fleet", "--package", "fleet", "--", "--engines", &engines];
    // A part of the figures must not take the place of all.
    args.extend(["--out", if only.is_some() { "target/fleet-part" } else { "docs/fleet" }]);
    if let Some(only) = only {
        args.extend(["--only", only]);
    }
    run("cargo", &args)
}
