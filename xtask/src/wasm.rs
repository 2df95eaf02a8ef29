//! Builds the npm package's generated files: the wasm, small, and its glue.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};

use crate::border;
use crate::bundle::{self, bundle, common_js};
use crate::entries::{self, ENTRIES, Kind};
use crate::run::{command, root, run, status};
use crate::snip::snip;
use crate::{glue, names, toolchain, tools};

/// What the compiler emits; `--all-features` would let wasm-opt emit more, which older browsers refuse.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-reference-types",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-multivalue",
];

const SMALLER: [&str; 6] = ["--flatten", "--rereloop", "-Oz", "-Oz", "--converge", "-Oz"];

/// Where the modules are written that are bundled: the npm face, and the shell's JavaScript half.
const MODULES: [&str; 2] = ["pkg", "src/web/port"];

pub fn build() -> Result<()> {
    tools::ensure(tools::BUILD)?;
    border::write()?;
    border::write_crate_file()?;
    names::write()?;
    let dist = root().join("pkg/dist");
    if is_current(&dist)? {
        return Ok(());
    }
    let start = std::time::Instant::now();
    println!("building the wasm (about 30 s the first time) …");
    toolchain::check()?;
    compile()?;
    let work = root().join("target/npm/pkg/dist");
    let snipped = root().join("target/npm/relatch.wasm");
    fs::create_dir_all(&work)?;
    let compiled = root().join("target/npm-build/wasm32-unknown-unknown/release/relatch.wasm");
    fs::write(&snipped, snip(&fs::read(compiled)?)?)?;
    let text = |name: &str| work.join(name).to_string_lossy().into_owned();
    run(
        "wasm-bindgen",
        &[
            "--target",
            "web",
            "--no-typescript",
            "--out-name",
            "relatch",
            "--out-dir",
            &work.to_string_lossy(),
            &snipped.to_string_lossy(),
        ],
    )?;
    let (optimised, small, glue) = (text("optimised.wasm"), text("small.wasm"), text("relatch.js"));
    wasm_opt(&text("relatch_bg.wasm"), &optimised, &[&SMALLER[..], &["--strip-debug", "--strip-producers"]].concat())?;
    // By itself, because under --converge it would rename its own names.
    let renamed =
        wasm_opt(&optimised, &small, &["--minify-imports-and-exports-and-modules", "--strip-target-features"])?;
    let names: serde_json::Value = serde_json::from_str(&renamed).context("reading the names that wasm-opt gave")?;
    let source = fs::read_to_string(&glue)?;
    fs::write(&glue, glue::trim(&source, &names)?)?;
    fs::create_dir_all(&dist)?;
    for folder in MODULES {
        copy_modules(folder, &root().join("target/npm").join(folder))?;
    }
    bundle::begin()?;
    for entry in entries::of(Kind::Bundle).chain(entries::of(Kind::Lazy)) {
        bundle(entry)?;
    }
    let wasm = fs::read(&small)?;
    fs::write(dist.join("relatch_bg.wasm"), &wasm)?;
    let text = inline(&wasm);
    common_js(&text, &work.join("common"))?;
    // The last file: its time says that the build is whole.
    fs::write(dist.join("inline.js"), text)?;
    println!("built pkg/dist in {:.0} s", start.elapsed().as_secs_f64());
    Ok(())
}

/// Copies a folder of modules, so that what is imported from beside `pkg` is there beside the staged one.
fn copy_modules(from: &str, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(root().join(from)).with_context(|| format!("reading {from}"))? {
        let path = entry?.path();
        if let Some(name) = path.file_name().filter(|_| path.extension().is_some_and(|extension| extension == "js")) {
            fs::copy(&path, to.join(name)).with_context(|| format!("copying {}", path.display()))?;
        }
    }
    Ok(())
}

fn compile() -> Result<()> {
    // A target folder of its own, because these flags would make every other build start anew. Paths of this machine
    // have no place in what is shipped.
    let home = std::env::var("CARGO_HOME").or_else(|_| std::env::var("HOME")).unwrap_or_default();
    let flags = format!("--remap-path-prefix={home}=cargo --remap-path-prefix={}=relatch", root().to_string_lossy());
    status(
        command(
            "cargo",
            &[
                "rustc",
                "--quiet",
                "--release",
                "--lib",
                "--package",
                "relatch",
                "--crate-type",
                "cdylib",
                "--target",
                "wasm32-unknown-unknown",
                "--features",
                "npm",
                "--target-dir",
                "target/npm-build",
            ],
        )
        .env("RUSTFLAGS", flags),
    )
}

/// The optimised wasm of the last build once more, with the names of its functions: for `cargo xtask size --causes`.
pub fn with_names() -> Result<std::path::PathBuf> {
    let work = root().join("target/npm/pkg/dist");
    let named = work.join("named.wasm");
    wasm_opt(
        &work.join("relatch_bg.wasm").to_string_lossy(),
        &named.to_string_lossy(),
        &[&SMALLER[..], &["-g"]].concat(),
    )?;
    Ok(named)
}

/// Runs wasm-opt and gives what it prints.
fn wasm_opt(from: &str, to: &str, passes: &[&str]) -> Result<String> {
    let args: Vec<&str> = passes.iter().chain(&FEATURES).copied().chain([from, "-o", to]).collect();
    let output = command("xtask/tools/node_modules/.bin/wasm-opt", &args).output().context("cannot start wasm-opt")?;
    if !output.status.success() {
        bail!("wasm-opt failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The wasm as an ES module's text: one character is one byte, in its low eight bits, so that compression sees the
/// bytes as they are. What a string literal or HTML would not keep is moved up by 256, and 0, the most frequent, is `.
fn inline(wasm: &[u8]) -> String {
    let mut text = String::from("export default\"");
    text.extend(wasm.iter().map(|byte| match byte {
        0 => '`',
        b'`' | b'\n' | b'\r' | b'"' | b'\\' => char::from_u32(u32::from(*byte) + 256).unwrap_or_default(),
        byte => char::from(*byte),
    }));
    text.push('"');
    text
}

/// Is what was built newer than all it is made of?
fn is_current(dist: &Path) -> Result<bool> {
    let Ok(built) = fs::metadata(dist.join("inline.js")).and_then(|m| m.modified()) else {
        return Ok(false);
    };
    let root = root();
    let sources = [
        "src",
        "engine/src",
        "Cargo.toml",
        "Cargo.lock",
        "xtask/src/bundle.rs",
        "xtask/src/entries.rs",
        "xtask/src/wasm.rs",
        "xtask/src/glue.rs",
        "xtask/src/names.rs",
        "xtask/src/snip.rs",
        "xtask/tools/package-lock.json",
    ];
    let common = ENTRIES.iter().filter(|entry| entry.common_js);
    let common = common.flat_map(|e| [e.source.to_owned(), format!("pkg/{}.d.ts", e.stem())]);
    let facade = entries::facade().map(str::to_owned).chain(common).map(|file| root.join(file));
    Ok(newest(sources.iter().map(|s| root.join(s)).chain(facade))? < built)
}

fn newest(paths: impl Iterator<Item = std::path::PathBuf>) -> Result<SystemTime> {
    let mut latest = SystemTime::UNIX_EPOCH;
    for path in paths {
        let meta = fs::metadata(&path).with_context(|| format!("reading {}", path.display()))?;
        if meta.is_dir() {
            let children: Vec<_> =
                fs::read_dir(&path)?.collect::<Result<Vec<_>, _>>()?.into_iter().map(|e| e.path()).collect();
            latest = latest.max(newest(children.into_iter())?);
        } else {
            latest = latest.max(meta.modified()?);
        }
    }
    Ok(latest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_text_gives_back_every_byte() {
        let bytes: Vec<u8> = (0..=255).chain(0..=255).collect();
        let text = inline(&bytes);
        let body = text.strip_prefix("export default\"").and_then(|t| t.strip_suffix('"')).expect("a module");
        assert!(!body.contains(['"', '\\', '\n', '\r', '\0']));
        let back: Vec<u8> = body.chars().map(|c| if c == '`' { 0 } else { (c as u32 & 255) as u8 }).collect();
        assert_eq!(back, bytes);
    }
}
