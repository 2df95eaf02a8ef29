//! What the default entry costs a visitor, against the budget of the design.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::entries::{self, ENTRIES, Kind};
use crate::run::root;

/// The design's budget, in bytes after brotli.
const BUDGET: Limit = Limit { total: 21_504, wasm: 13_312, why: "" };
/// What has been reached, the oldest first. A change that makes the package smaller adds a row without a reason. A
/// change that makes it larger adds a row with its reason.
const REACHED: &[Limit] = &[
    Limit { total: 20_378, wasm: 12_185, why: "" },
    Limit {
        total: 20_980,
        wasm: 12_530,
        why: "the store's decisions in the engine, one table of option rules, S0 at a 401",
    },
    Limit { total: 19_463, wasm: 11_149, why: "" },
    Limit {
        total: 21_028,
        wasm: 12_224,
        why: "the mark (G1), refunds (G2), routes (A6), one time for all holds (S5), redirects by hand (S9)",
    },
    Limit { total: 20_521, wasm: 12_224, why: "" },
    Limit {
        total: 20_914,
        wasm: 12_276,
        why: "options read strictly, described refreshes, a challenge of any scheme (A1)",
    },
    Limit { total: 20_728, wasm: 12_183, why: "" },
    Limit {
        total: 21_077,
        wasm: 12_183,
        why: "an init read as WebIDL does, absolute URLs (S0), held 401s (A7), header names as written",
    },
    Limit {
        total: 21_341,
        wasm: 12_183,
        why: "another user's tokens (G9), late answers (G7), other stores as a chunk (G10)",
    },
    Limit { total: 21_391, wasm: 12_115, why: "the application's word on a challenge wins and may take time (A1)" },
];
/// A patch release of the compiler or of a tool may move a few bytes.
const PLAY: usize = 256;

struct Limit {
    total: usize,
    wasm: usize,
    /// Why it is more than before.
    why: &'static str,
}

/// Does the row say why it is above the one before it?
fn is_justified([before, row]: [&Limit; 2]) -> bool {
    (row.total <= before.total && row.wasm <= before.wasm) || !row.why.is_empty()
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
    println!("room: {}", measured.room(&BUDGET));
    Ok(())
}

/// The step of `cargo xtask test`: an error above the budget, and also if the package has grown.
pub fn check() -> Result<()> {
    let measured = measure()?;
    if !REACHED.windows(2).all(|rows| is_justified([&rows[0], &rows[1]])) {
        bail!("REACHED in xtask/src/size.rs is raised without a reason");
    }
    let reached = REACHED.last().unwrap_or(&BUDGET);
    let over = [measured.over(&BUDGET, 0), measured.over(reached, PLAY)].concat();
    if !over.is_empty() {
        bail!("too large: {}. What has been reached is raised in xtask/src/size.rs, with a reason", over.join("; "));
    }
    for (what, limit) in [("the budget", &BUDGET), ("what has been reached", reached)] {
        println!("room below {what}: {}", measured.room(limit));
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

    /// Negative within [`PLAY`].
    fn room(&self, limit: &Limit) -> String {
        let room = |limit: usize, row: &Row| limit.cast_signed() - row.brotli.cast_signed();
        format!("{} B in all, {} B of wasm", room(limit.total, &self.total), room(limit.wasm, &self.wasm))
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
    use super::*;

    #[test]
    fn what_has_been_reached_is_raised_with_a_reason_only() {
        let row = |total, wasm, why| Limit { total, wasm, why };
        assert!(is_justified([&row(9, 9, ""), &row(8, 9, "")]));
        assert!(!is_justified([&row(9, 9, ""), &row(10, 8, "")]));
        assert!(!is_justified([&row(9, 9, "a"), &row(8, 10, "")]));
        assert!(is_justified([&row(9, 9, ""), &row(10, 9, "the event log")]));
        assert!(REACHED.last().is_some_and(|row| row.total <= BUDGET.total && row.wasm <= BUDGET.wasm));
    }

    #[test]
    fn the_room_that_is_left_is_told() {
        let row = |brotli| Row { name: String::new(), raw: 0, gzip: 0, brotli };
        let measured = Measured { files: Vec::new(), total: row(90), wasm: row(51) };
        let limit = Limit { total: 100, wasm: 50, why: "" };
        assert_eq!(measured.room(&limit), "10 B in all, -1 B of wasm");
        assert_eq!((measured.over(&limit, 0).len(), measured.over(&limit, 1).len()), (1, 0));
    }

    #[test]
    fn every_kind_of_import_is_followed() {
        let text = r#"import { a } from "./a.js"; export { b } from"./b.js";
            const c = import("./c/d.js"); import x from "other";"#;
        assert_eq!(imports(text), ["./a.js", "./b.js", "./c/d.js"]);
    }
}
