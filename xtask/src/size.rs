//! What the default entry costs a visitor, against the budget of the design.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::entries::{self, ENTRIES, Kind};
use crate::run::root;

/// The design's budget, in bytes after brotli.
const BUDGET: Limit = Limit { total: 20_480, wasm: 15_360 };
/// What has been reached so far. It may only go down: a change that makes the package smaller lowers it here.
const REACHED: Limit = Limit { total: 20_378, wasm: 12_185 };
/// Another patch release of the compiler or of a tool may move a few bytes.
const PLAY: usize = 256;

struct Limit {
    total: usize,
    wasm: usize,
}

struct Row {
    name: String,
    raw: usize,
    gzip: usize,
    brotli: usize,
}

/// `cargo xtask size`: the table, and an error above the budget. `in_readme`: the README's table is written anew.
pub fn print(in_readme: bool) -> Result<()> {
    let measured = measure()?;
    if in_readme {
        write_table(MARKS, &measured.table())?;
        write_table(OTHER_MARKS, &others()?)?;
    }
    let over = measured.over(&BUDGET, 0);
    if !over.is_empty() {
        bail!("over the size budget: {}", over.join("; "));
    }
    println!("within the budgets of {} B in all and {} B of wasm, brotli", BUDGET.total, BUDGET.wasm);
    Ok(())
}

/// The step of `cargo xtask test`: an error above the budget, and also if the package has grown.
pub fn check() -> Result<()> {
    let measured = measure()?;
    let over = [measured.over(&BUDGET, 0), measured.over(&REACHED, PLAY)].concat();
    if !over.is_empty() {
        bail!("too large: {}", over.join("; "));
    }
    Ok(())
}

/// The README's tables stand between these.
const MARKS: [&str; 2] = ["<!-- size: written by `cargo xtask size --readme` -->\n", "<!-- /size -->"];
const OTHER_MARKS: [&str; 2] = ["<!-- entries: written by `cargo xtask size --readme` -->\n", "<!-- /entries -->"];

fn others() -> Result<String> {
    let mut table = String::from("\n| only if it is used | | minified | brotli |\n|---|---|--:|--:|\n");
    for entry in &ENTRIES {
        let Some(what) = entry.what else { continue };
        let name = if entry.name.contains(' ') { entry.name.to_owned() } else { format!("`{}`", entry.name) };
        let path = root().join("pkg").join(entry.minified());
        let bytes = fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
        table += &format!("| {name} | {what} | {} B | {} B |\n", bytes.len(), brotli(&bytes));
    }
    Ok(table)
}

fn write_table([open, close]: [&str; 2], table: &str) -> Result<()> {
    let path = root().join("README.md");
    let text = fs::read_to_string(&path)?;
    let (before, rest) = text.split_once(open).with_context(|| format!("the README has no {}", open.trim()))?;
    let (_, after) = rest.split_once(close).with_context(|| format!("the README has no {close}"))?;
    fs::write(&path, format!("{before}{open}{table}\n{close}{after}"))?;
    Ok(())
}

struct Measured {
    files: Vec<Row>,
    total: Row,
    wasm: Row,
}

impl Measured {
    fn table(&self) -> String {
        let mut table = String::from("\n| loaded by the default entry | raw | gzip | brotli |\n|---|--:|--:|--:|\n");
        for Row { name, raw, gzip, brotli } in self.files.iter().chain([&self.total, &self.wasm]) {
            table += &format!("| {name} | {raw} B | {gzip} B | {brotli} B |\n");
        }
        table
    }

    fn over(&self, limit: &Limit, play: usize) -> Vec<String> {
        [(&self.total, limit.total), (&self.wasm, limit.wasm)]
            .into_iter()
            .filter(|(row, limit)| row.brotli > limit + play)
            .map(|(row, limit)| {
                format!("{}: {} B brotli, {} B above {limit}", row.name, row.brotli, row.brotli - limit)
            })
            .collect()
    }
}

fn measure() -> Result<Measured> {
    let pkg = root().join("pkg");
    let mut files = BTreeSet::new();
    follow(&pkg.join("dist/index.js"), &mut files)?;
    let rows = files
        .iter()
        .map(|path| Ok(row(path.strip_prefix(&pkg).unwrap_or(path).display().to_string(), &fs::read(path)?)))
        .collect::<Result<Vec<Row>>>()?;
    let sum = |of: fn(&Row) -> usize| rows.iter().map(of).sum();
    let total = Row { name: "all of it".into(), raw: sum(|r| r.raw), gzip: sum(|r| r.gzip), brotli: sum(|r| r.brotli) };
    let wasm = row("the wasm by itself".into(), &fs::read(pkg.join("dist/relatch_bg.wasm"))?);
    println!("{:<28}{:>10}{:>10}{:>10}", "loaded by the default entry", "raw", "gzip", "brotli");
    for row in rows.iter().chain([&total, &wasm]) {
        println!("{:<28}{:>10}{:>10}{:>10}", row.name, row.raw, row.gzip, row.brotli);
    }
    Ok(Measured { files: rows, total, wasm })
}

fn row(name: String, bytes: &[u8]) -> Row {
    Row { name, raw: bytes.len(), gzip: gzip(bytes), brotli: brotli(bytes) }
}

fn gzip(bytes: &[u8]) -> usize {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    // Writing into memory does not fail.
    encoder.write_all(bytes).and_then(|()| encoder.finish()).map_or(bytes.len(), |out| out.len())
}

pub fn brotli(bytes: &[u8]) -> usize {
    let mut out = Vec::new();
    let params = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    brotli::BrotliCompress(&mut &bytes[..], &mut out, &params).unwrap_or(bytes.len())
}

/// The module and everything it imports from the package, so that no file can be forgotten.
fn follow(module: &Path, seen: &mut BTreeSet<PathBuf>) -> Result<()> {
    if !seen.insert(module.to_path_buf()) {
        return Ok(());
    }
    let text = fs::read_to_string(module).with_context(|| format!("reading {}", module.display()))?;
    let folder = module.parent().context("a module is in a folder")?;
    let is_lazy = |specifier: &str| entries::of(Kind::Lazy).any(|entry| specifier == format!("./{}", entry.file()));
    for specifier in imports(&text).into_iter().filter(|specifier| !is_lazy(specifier)) {
        follow(&folder.join(specifier.trim_start_matches("./")), seen)?;
    }
    Ok(())
}

/// The relative specifiers of static and dynamic imports and of re-exports.
fn imports(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for opening in ["from \"./", "from\"./", "import(\"./", "import \"./"] {
        for (at, _) in text.match_indices(opening) {
            let rest = &text[at + opening.len() - 2..];
            if let Some(end) = rest.find('"') {
                found.push(rest[..end].to_owned());
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::imports;

    #[test]
    fn every_kind_of_import_is_followed() {
        let text = r#"import { a } from "./a.js"; export { b } from"./b.js";
            const c = import("./c/d.js"); import x from "other";"#;
        assert_eq!(imports(text), ["./a.js", "./b.js", "./c/d.js"]);
    }
}
