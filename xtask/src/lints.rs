//! Linters.

use anyhow::Result;

use crate::run::run;

pub fn lint() -> Result<()> {
    let clippy = |what: &[&str]| run("cargo", &[&["clippy", "--quiet"], what, &["--", "-D", "warnings"]].concat());
    clippy(&["--workspace", "--all-targets"])?;
    let wasm = ["--package", "relatch", "--target", "wasm32-unknown-unknown"];
    // What the npm package ships, and what Rust frontends use, with its tests.
    clippy(&[&wasm[..], &["--features", "npm"]].concat())?;
    clippy(&[&wasm[..], &["--tests"]].concat())
}
