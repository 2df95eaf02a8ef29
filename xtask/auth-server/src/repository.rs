//! Where the repository is: looked for when the program runs, because a copied `target` serves another checkout.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// The checkout that this program was started for.
///
/// Cargo names the package that it runs, also when it was called from elsewhere. A program that was started by itself
/// looks from its working directory.
pub fn find() -> Option<PathBuf> {
    let named = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    named.into_iter().chain(env::current_dir()).find_map(|start| above(&start))
}

/// The folder itself, or the first one above it, with the `Cargo.toml` of this workspace.
fn above(start: &Path) -> Option<PathBuf> {
    start.ancestors().find(|folder| is_root(folder)).map(Path::to_path_buf)
}

/// A workspace with the member `xtask`.
fn is_root(folder: &Path) -> bool {
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    manifest.lines().any(|line| line.trim() == "[workspace]") && manifest.contains("\"xtask\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_the_workspace_above_and_no_package_on_the_way() -> std::io::Result<()> {
        let place = env::temp_dir().join(format!("relatch-root-{}", std::process::id()));
        let (root, inner) = (place.join("checkout"), place.join("checkout/xtask/auth-server"));
        fs::create_dir_all(&inner)?;
        fs::write(root.join("Cargo.toml"), "[workspace]\nmembers = [\"engine\", \"xtask\"]\n")?;
        fs::write(inner.join("Cargo.toml"), "[package]\nname = \"auth-server\"\n")?;
        // A workspace of somebody else, which holds the checkout.
        fs::write(place.join("Cargo.toml"), "[workspace]\nmembers = [\"app\"]\n")?;
        let found = [&root, &inner, &place].map(|start| above(start));
        fs::remove_dir_all(&place)?;
        assert_eq!(found, [Some(root.clone()), Some(root), None]);
        Ok(())
    }

    #[test]
    fn this_test_runs_in_a_checkout() {
        assert!(find().is_some_and(|root| root.join("xtask/auth-server/src/repository.rs").is_file()));
    }
}
