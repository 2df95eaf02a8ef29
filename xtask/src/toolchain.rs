//! The compiler is the one that rust-toolchain.toml names. rustup sees to that; other ways to have Rust do not.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::run::{output, root};

/// Before the wasm is built: another compiler's standard library panics with other names and sentences.
pub fn check() -> Result<()> {
    let file = fs::read_to_string(root().join("rust-toolchain.toml")).context("reading rust-toolchain.toml")?;
    let wanted = channel(&file).context("rust-toolchain.toml names no channel")?;
    let found = output("rustc", &["--version"]).context("there is no rustc: install Rust with rustup")?;
    if !is_release(&found, wanted) {
        bail!(
            "the wasm is built with Rust {wanted}, and this is {found}: run `rustup toolchain install {wanted}`, and \
             call cargo without `+toolchain` and RUSTUP_TOOLCHAIN"
        );
    }
    Ok(())
}

fn channel(file: &str) -> Option<&str> {
    file.lines().find_map(|line| line.strip_prefix("channel = \"")?.strip_suffix('"'))
}

/// Patch releases mend bugs and keep the standard library's words.
fn is_release(printed: &str, wanted: &str) -> bool {
    let minor = wanted.rsplit_once('.').map_or(wanted, |(minor, _)| minor);
    let version = printed.split_whitespace().nth(1).unwrap_or_default();
    version.rsplit_once('.').is_some_and(|(release, _)| release == minor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pin_is_a_version_and_this_compiler_is_it() {
        let file = fs::read_to_string(root().join("rust-toolchain.toml")).expect("it is there");
        let wanted = channel(&file).expect("it names one");
        assert_eq!(wanted.split('.').filter(|part| part.parse::<u32>().is_ok()).count(), 3, "{wanted}");
        assert!(check().is_ok());
    }

    #[test]
    fn another_release_is_refused_and_a_patch_is_not() {
        for (printed, same) in [
            ("rustc 1.95.0 (59807616e 2026-04-14)", true),
            ("rustc 1.95.2 (0 2026-06-01)", true),
            ("rustc 1.96.0 (0 2026-06-01)", false),
            ("rustc 1.9.0", false),
            ("rustc 1.96.0-nightly (0 2026-05-01)", false),
            ("", false),
        ] {
            assert_eq!(is_release(printed, "1.95.0"), same, "{printed}");
        }
    }
}
