//! What is measured: the simulated fleet.

use anyhow::Result;

use crate::run::run;

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
