//! `cargo xtask release --dry-run`: builds, checks and packs both packages, and says what a person would then publish.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::run::{command, output, root, run, status};
use crate::{size, wasm};

const VERSION: &str = env!("CARGO_PKG_VERSION");

pub fn release(dry_run: bool) -> Result<()> {
    if !dry_run {
        bail!("publishing is a person's act: run this with --dry-run, and then what it prints");
    }
    versions()?;
    crate_files()?;
    let changes = changes(&fs::read_to_string(root().join("CHANGELOG.md"))?)?;
    wasm::build()?;
    size::print(false)?;
    let out = root().join("target/release-packages");
    fs::create_dir_all(&out)?;
    let place = out.to_string_lossy();
    status(&mut command("npm", &["pack", "--pack-destination", &place, "./pkg"]))?;
    // Compiles the packed crate by itself, so that nothing it needs was left out. What is not committed may be tried.
    run("cargo", &["package", "--quiet", "--allow-dirty", "--package", "relatch-engine", "--package", "relatch"])?;
    println!("\nrelatch {VERSION}\n\n{changes}\n\nto publish, after the whole of `cargo xtask test`:");
    println!("  npm publish --access public --provenance target/release-packages/relatch-{VERSION}.tgz");
    println!("  cargo publish --package relatch-engine --package relatch");
    Ok(())
}

/// The crate has its sources, what cargo adds, and nothing that happens to lie around.
pub fn crate_files() -> Result<()> {
    let list = output("cargo", &["package", "--list", "--allow-dirty", "--package", "relatch"])
        .context("cargo cannot list what it would pack")?;
    let known = |file: &str| {
        file.starts_with("src/")
            || matches!(file, "Cargo.toml" | "Cargo.toml.orig" | "Cargo.lock" | ".cargo_vcs_info.json")
            || matches!(file, "README.md" | "CHANGELOG.md" | "LICENSE-MIT" | "LICENSE-APACHE")
    };
    let strangers: Vec<&str> = list.lines().filter(|file| !known(file)).collect();
    if !strangers.is_empty() {
        bail!("the crate would take along {}", strangers.join(", "));
    }
    for file in ["src/lib.rs", "src/web/port.js", "README.md", "LICENSE-MIT", "LICENSE-APACHE"] {
        if !list.lines().any(|packed| packed == file) {
            bail!("the crate would lack {file}");
        }
    }
    Ok(())
}

/// The crates take theirs from the workspace; npm's is written by hand.
fn versions() -> Result<()> {
    let manifest: serde_json::Value = serde_json::from_str(&fs::read_to_string(root().join("pkg/package.json"))?)?;
    let npm = manifest["version"].as_str().context("pkg/package.json has no version")?;
    if npm != VERSION {
        bail!("pkg/package.json is {npm}, Cargo.toml is {VERSION}");
    }
    Ok(())
}

/// What the changelog says of this version; until it is dated, what it says of the unreleased.
fn changes(text: &str) -> Result<String> {
    for title in [format!("## [{VERSION}]"), "## [Unreleased]".to_owned()] {
        let Some((_, rest)) = text.split_once(&title) else { continue };
        let section = rest.split("\n## ").next().unwrap_or_default();
        // The title's own line may go on with a date.
        let body = section.split_once('\n').map_or("", |(_, body)| body).trim();
        if !body.is_empty() {
            return Ok(body.to_owned());
        }
    }
    bail!("CHANGELOG.md says nothing of {VERSION}, nor of what is unreleased")
}

#[cfg(test)]
mod tests {
    use super::{VERSION, changes};

    #[test]
    fn a_dated_section_is_preferred_and_ends_at_the_next() {
        let text =
            format!("## [Unreleased]\n\n- new\n\n## [{VERSION}] - 2026-01-01\n\n- this\n\n## [0.0.1]\n\n- old\n");
        assert_eq!(changes(&text).ok().as_deref(), Some("- this"));
        assert_eq!(changes("## [Unreleased]\n\n- new\n").ok().as_deref(), Some("- new"));
        assert!(changes("## [Unreleased]\n\n## [0.0.1]\n\n- old\n").is_err());
    }
}
