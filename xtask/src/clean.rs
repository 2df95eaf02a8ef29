//! `cargo xtask clean`.

use std::fs;

use anyhow::{Context, Result};

use crate::run::root;

pub fn clean(all: bool) -> Result<()> {
    let root = root();
    let mut gone = vec![
        root.join("pkg/dist"),
        root.join("target/npm"),
        root.join("target/npm-build"),
        root.join("target/wasm32-unknown-unknown"),
    ];
    if all {
        gone.extend([
            root.join("target/tools"),
            root.join("xtask/tools/node_modules"),
            root.join("tests/e2e/node_modules"),
        ]);
    }
    for path in gone.iter().filter(|p| p.exists()) {
        fs::remove_dir_all(path).with_context(|| format!("removing {}", path.display()))?;
        println!("removed {}", path.strip_prefix(&root).unwrap_or(path).display());
    }
    Ok(())
}
