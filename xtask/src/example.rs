//! The Rust frontend in `examples/yew`, and what of the crate only such frontends use.

use std::fs;

use anyhow::{Context, Result};

use crate::release;
use crate::run::{command, root, run, status};
use crate::tools::{self, Tool};

const MANIFEST: &str = "examples/yew/Cargo.toml";
/// A folder for what is built of it, because it is a workspace of its own.
const TARGET: &str = "target/examples";
/// Trunk's line in the page, which Trunk replaces in the same way.
const TRUNK: &str = "<link data-trunk rel=\"rust\">";
const SCRIPT: &str = "<script type=\"module\">import init from \"./relatch-yew.js\"; await init();</script>";

/// Builds the example into `examples/yew/dist`, where Trunk would.
pub fn build() -> Result<()> {
    tools::ensure(&[Tool::WasmTarget, Tool::WasmBindgen])?;
    cargo("build", &["--release"])?;
    let dist = root().join("examples/yew/dist");
    if dist.exists() {
        fs::remove_dir_all(&dist).context("removing examples/yew/dist")?;
    }
    let wasm = format!("{TARGET}/wasm32-unknown-unknown/release/relatch-yew.wasm");
    let out = dist.to_string_lossy();
    run("wasm-bindgen", &["--target", "web", "--no-typescript", "--out-dir", &out, &wasm])?;
    let page = fs::read_to_string(root().join("examples/yew/index.html"))?;
    let (head, tail) = page.split_once(TRUNK).context("examples/yew/index.html has lost Trunk's line")?;
    fs::write(dist.join("index.html"), format!("{head}{SCRIPT}{tail}")).context("writing the page")
}

/// The crate is packed as it should be, and the example is formatted. Neither the example nor the crate's documents
/// have a warning, for servers and for browsers.
pub fn check() -> Result<()> {
    release::crate_files()?;
    run("cargo", &["fmt", "--check", "--manifest-path", MANIFEST])?;
    cargo("clippy", &["--", "-D", "warnings"])?;
    for target in [&[][..], &["--target", "wasm32-unknown-unknown"]] {
        let args = [&["doc", "--quiet", "--package", "relatch", "--no-deps"], target].concat();
        status(command("cargo", &args).env("RUSTDOCFLAGS", "-D warnings"))?;
    }
    Ok(())
}

fn cargo(verb: &str, more: &[&str]) -> Result<()> {
    let args = ["--quiet", "--locked", "--manifest-path", MANIFEST, "--target", "wasm32-unknown-unknown"];
    run("cargo", &[&[verb], &args[..], &["--target-dir", TARGET], more].concat())
}
