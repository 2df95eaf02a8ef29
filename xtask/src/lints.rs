//! Formatters, linters and type checks of both languages.

use std::path::Path;

use anyhow::{Result, bail};

use crate::border;
use crate::run::{root, run};

const TOOLS: &str = "xtask/tools/node_modules/.bin";

/// Rust by rustfmt, JavaScript and CSS by Biome.
pub fn format() -> Result<()> {
    run("cargo", &["fmt", "--all", "--check"])?;
    tool("biome", &["format", "."])
}

pub fn lint() -> Result<()> {
    // Both languages are looked at, whatever the first one says.
    let scripts = tool("biome", &["lint", "--error-on-warnings", "."]);
    rust().and(scripts)
}

fn rust() -> Result<()> {
    let clippy = |what: &[&str]| run("cargo", &[&["clippy", "--quiet"], what, &["--", "-D", "warnings"]].concat());
    clippy(&["--workspace", "--all-targets"])?;
    let wasm = ["--package", "relatch", "--target", "wasm32-unknown-unknown"];
    // What the npm package ships, and what Rust frontends use, with its tests.
    clippy(&[&wasm[..], &["--features", "npm"]].concat())?;
    clippy(&[&wasm[..], &["--tests"]].concat())
}

/// The types that JSDoc gives our own JavaScript, as strict as TypeScript can be.
pub fn strict() -> Result<()> {
    if !root().join("tsconfig.json").is_file() {
        println!("there is no tsconfig.json, so no types were checked");
        return Ok(());
    }
    tool("tsc", &["-p", "tsconfig.json"])?;
    border::check_crate_file()
}

/// A tool of xtask/tools, which `tools::ensure` installs.
fn tool(name: &str, args: &[&str]) -> Result<()> {
    let path = Path::new(TOOLS).join(name);
    if !root().join(&path).exists() {
        bail!("there is no {}: `cargo xtask setup` installs it", path.display());
    }
    run(&path.to_string_lossy(), args)
}
