//! What others' licences allow: every crate of the lock file and every npm package of the tools and tests, against a
//! list.
//!
//! Known holes are another question, which needs a database from outside: `cargo audit` and `npm audit` ask for it.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::run::{output, root};

/// Permissive ones, and data licences of the Unicode tables. MPL-2.0 covers its own files only, and nothing under it is
/// shipped.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "BlueOak-1.0.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Python-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];
/// Workspaces.
const MANIFESTS: &[&str] = &["Cargo.toml", "examples/yew/Cargo.toml"];
/// npm folders with a lock file of their own.
const LOCKS: &[&str] = &["tests/clients", "tests/e2e", "tests/servers", "xtask/tools"];

pub fn check() -> Result<()> {
    let mut found = Vec::new();
    for manifest in MANIFESTS {
        found.extend(crates(manifest)?);
    }
    for folder in LOCKS {
        found.extend(packages(folder)?);
    }
    let mut counts = BTreeMap::new();
    let mut refused = Vec::new();
    for (name, licence) in &found {
        *counts.entry(licence.as_str()).or_insert(0) += 1;
        if !is_allowed(licence) {
            refused.push(format!("{name}: {licence}"));
        }
    }
    for (licence, count) in counts {
        println!("{count:>5}  {licence}");
    }
    if found.len() < 50 {
        bail!("only {} packages were found: the lists are not read any more", found.len());
    }
    if !refused.is_empty() {
        bail!("licences that are not on the list: {}", refused.join("; "));
    }
    Ok(())
}

fn crates(manifest: &str) -> Result<Vec<(String, String)>> {
    let args = ["metadata", "--format-version", "1", "--locked", "--manifest-path", manifest];
    let json = output("cargo", &args).with_context(|| format!("cargo metadata failed for {manifest}"))?;
    let metadata: Value = serde_json::from_str(&json)?;
    let list = metadata["packages"].as_array().context("cargo metadata names no packages")?;
    Ok(list.iter().map(|p| row("crate", &p["name"], &p["license"])).collect())
}

/// npm's lock file keeps each package's licence.
fn packages(folder: &str) -> Result<Vec<(String, String)>> {
    let path = root().join(folder).join("package-lock.json");
    let text = std::fs::read_to_string(&path).with_context(|| format!("reading {folder}/package-lock.json"))?;
    let lock: Value = serde_json::from_str(&text)?;
    let list = lock["packages"].as_object().with_context(|| format!("{folder}: the lock file names no packages"))?;
    // The empty name is the folder itself.
    let others = list.iter().filter(|(name, _)| !name.is_empty());
    Ok(others.map(|(name, package)| row(folder, &Value::from(name.as_str()), &package["license"])).collect())
}

fn row(from: &str, name: &Value, licence: &Value) -> (String, String) {
    let text = |value: &Value| value.as_str().unwrap_or("none").to_owned();
    (format!("{from} {}", text(name)), text(licence))
}

/// SPDX expressions as they occur: one side of an `OR` is enough, both of an `AND` are needed.
fn is_allowed(licence: &str) -> bool {
    let plain = licence.replace(['(', ')'], " ").replace('/', " OR ");
    if licence.contains('(') && plain.contains(" AND ") && plain.contains(" OR ") {
        // `(A OR B) AND C`: each bracket by itself.
        return licence.split(" AND ").all(|part| is_allowed(part.trim_matches(['(', ')'])));
    }
    plain.split(" OR ").any(|choice| choice.split(" AND ").all(|one| ALLOWED.contains(&one.trim())))
}

#[cfg(test)]
mod tests {
    use super::is_allowed;

    #[test]
    fn expressions_are_read_as_spdx_means_them() {
        for (licence, allowed) in [
            ("MIT", true),
            ("MIT OR Apache-2.0", true),
            ("MIT/Apache-2.0", true),
            ("GPL-3.0 OR MIT", true),
            ("GPL-3.0 AND MIT", false),
            ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
            ("(MIT OR Apache-2.0) AND GPL-3.0", false),
            ("Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT", true),
            ("GPL-3.0", false),
            ("none", false),
        ] {
            assert_eq!(is_allowed(licence), allowed, "{licence}");
        }
    }
}
