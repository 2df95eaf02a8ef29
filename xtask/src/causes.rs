//! `cargo xtask size --causes`: which part of the default entry costs what, for docs/size.md.
//!
//! The shipped wasm has no names, so the same pipeline runs once more and keeps them. What an optimiser has inlined
//! counts for the function that took it in. "Brotli" is what the whole would save without the part.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use wasmparser::{Parser, Payload};

use crate::run::{output, root};
use crate::size::brotli;
use crate::snip::{functions, plain};
use crate::wasm;

/// Begins of a function's path, and whose bytes those are.
const CRATES: [(&str, &str); 17] = [
    ("relatch_engine", "the engine (`engine/src`)"),
    ("relatch", "the shell (`src/web`)"),
    ("session_", "the shell (`src/web`)"),
    ("__wasm_bindgen_func_elem", "wasm-bindgen"),
    ("wasm_bindgen_futures", "wasm-bindgen-futures"),
    ("wasm_bindgen", "wasm-bindgen"),
    ("__wbindgen", "wasm-bindgen"),
    ("__externref", "wasm-bindgen"),
    ("__wbg", "wasm-bindgen"),
    ("js_sys", "js-sys and web-sys"),
    ("web_sys", "js-sys and web-sys"),
    ("gloo", "gloo-storage"),
    ("serde_wasm_bindgen", "serde and serde-wasm-bindgen"),
    ("serde", "serde and serde-wasm-bindgen"),
    ("lol_alloc", "the allocator (lol_alloc)"),
    ("__rust", "the allocator (lol_alloc)"),
    ("mem", "the standard library"),
];
const REST: &str = "the standard library";
const SECTIONS: &str = "types, tables, exports and data";

struct Part {
    name: String,
    raw: usize,
    brotli: usize,
}

pub fn print() -> Result<()> {
    let wasm = of_wasm()?;
    let js = of_js()?;
    let mut text = String::new();
    for (what, parts) in [("the wasm", &wasm), ("the JavaScript", &js)] {
        text += &format!("\n| {what} | bytes | brotli |\n|---|--:|--:|\n");
        for Part { name, raw, brotli } in parts {
            text += &format!("| {name} | {raw} | {brotli} |\n");
        }
    }
    print!("{text}");
    let path = root().join("docs/size.md");
    let page = fs::read_to_string(&path)?;
    let marks = ["<!-- causes: written by `cargo xtask size --causes` -->\n", "\n<!-- /causes -->"];
    let (before, rest) = page.split_once(marks[0]).context("docs/size.md has no place for the table")?;
    let (_, after) = rest.split_once(marks[1]).context("the table in docs/size.md has no end")?;
    fs::write(&path, format!("{before}{}{text}{}{after}", marks[0], marks[1]))?;
    Ok(())
}

fn of_wasm() -> Result<Vec<Part>> {
    let named = fs::read(wasm::with_names()?)?;
    let (imported, names) = functions(&named)?;
    let names: BTreeMap<u32, String> = names.into_iter().collect();
    let (mut groups, mut bodies) = (BTreeMap::<&str, Vec<Range<usize>>>::new(), 0);
    let mut index = imported;
    let mut without_names = named.len();
    for payload in Parser::new(0).parse_all(&named) {
        match payload? {
            Payload::CodeSectionEntry(body) => {
                let name = names.get(&index).map(|n| plain(n)).unwrap_or_default();
                let range = body.range().start as usize..body.range().end as usize;
                bodies += range.len();
                groups.entry(whose(&name)).or_default().push(range);
                index += 1;
            }
            Payload::CustomSection(section) => {
                without_names -= (section.range().end - section.range().start) as usize;
            }
            _ => {}
        }
    }
    let shipped = fs::read(root().join("pkg/dist/relatch_bg.wasm"))?.len();
    ensure!(
        without_names.abs_diff(shipped) < shipped / 10,
        "with names it is another module: {without_names} B, shipped {shipped} B"
    );
    let whole = brotli(&named);
    let mut parts: Vec<Part> = groups
        .into_iter()
        .map(|(name, ranges)| Part {
            name: name.to_owned(),
            raw: ranges.iter().map(Range::len).sum(),
            brotli: whole.saturating_sub(brotli(&without(&named, &ranges))),
        })
        .collect();
    parts.push(Part { name: SECTIONS.into(), raw: shipped.saturating_sub(bodies), brotli: 0 });
    // What is left of the shipped file once the rest is counted.
    let counted: usize = parts.iter().map(|p| p.brotli).sum();
    if let Some(last) = parts.last_mut() {
        last.brotli = brotli(&fs::read(root().join("pkg/dist/relatch_bg.wasm"))?).saturating_sub(counted);
    }
    parts.sort_by_key(|p| std::cmp::Reverse(p.raw));
    Ok(parts)
}

fn whose(name: &str) -> &'static str {
    CRATES.iter().find(|(start, _)| name.starts_with(start)).map_or(REST, |(_, whose)| whose)
}

fn without(bytes: &[u8], ranges: &[Range<usize>]) -> Vec<u8> {
    bytes.iter().enumerate().filter(|(i, _)| !ranges.iter().any(|r| r.contains(i))).map(|(_, b)| *b).collect()
}

/// The port's modules that every page loads.
fn port() -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(root().join("target/npm/src/web/port"))? {
        let path = entry?.path();
        // Only without Web Locks, outside browsers, when a refresh is due, and for two kinds of store.
        if path.file_name().is_some_and(|name| !LAZY.iter().any(|lazy| name == *lazy)) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Those of the port that few pages load.
#[rustfmt::skip]
const LAZY: [&str; 14] = [
    "lease.js", "hops.js", "late.js", "mark.js", "held.js", "form.js", "retry.js", "kept.js", "described.js",
    "asked.js", "stores.js", "own.js", "tab.js", "gate.js",
];

/// Each module minified by itself, as it goes into the bundle.
fn of_js() -> Result<Vec<Part>> {
    let stage = root().join("target/npm/pkg");
    let one = |file: &str| vec![stage.join(file)];
    let modules: [(&str, Vec<PathBuf>); 8] = [
        ("the facade (`pkg/session.js`)", one("session.js")),
        ("the fast path (`pkg/fast.js`)", one("fast.js")),
        ("the shell's browser calls (`src/web/port`)", port()?),
        (
            "reading and checking options",
            ["options.js", "spec.js", "urls.js", "description.js"].map(|f| stage.join(f)).to_vec(),
        ),
        ("wasm-bindgen's glue", one("dist/relatch.js")),
        ("names, from the engine's enums", one("names.js")),
        ("loading the wasm (`pkg/index.js`)", one("index.js")),
        ("errors (`pkg/error.js`)", one("error.js")),
    ];
    let mut texts = Vec::new();
    for (name, paths) in modules {
        let mut text = String::new();
        for path in paths {
            let path = path.to_string_lossy().into_owned();
            let options = [&*path, "--minify", "--target=es2022", "--define:DEVELOPMENT=false"];
            text += &output("xtask/tools/node_modules/.bin/esbuild", &options)
                .with_context(|| format!("minifying {path}"))?;
        }
        texts.push((name, text));
    }
    let joined = |skip: usize| -> String {
        texts.iter().enumerate().filter(|(i, _)| *i != skip).map(|(_, (_, text))| text.as_str()).collect()
    };
    let whole = brotli(joined(usize::MAX).as_bytes());
    let mut parts: Vec<Part> = texts
        .iter()
        .enumerate()
        .map(|(i, (name, text))| Part {
            name: (*name).to_owned(),
            raw: text.len(),
            brotli: whole.saturating_sub(brotli(joined(i).as_bytes())),
        })
        .collect();
    parts.sort_by_key(|p| std::cmp::Reverse(p.raw));
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_belongs_to_the_crate_that_its_path_begins_with() {
        assert_eq!(whose("relatch_engine::engine::Engine<T>::poll"), "the engine (`engine/src`)");
        assert_eq!(whose("relatch::web::shell::Shell::pump"), "the shell (`src/web`)");
        assert_eq!(whose("wasm_bindgen_futures::queue"), "wasm-bindgen-futures");
        assert_eq!(whose("alloc::vec::Vec"), REST);
    }

    #[test]
    fn cut_ranges_are_gone_and_the_rest_stays() {
        assert_eq!(without(b"abcdef", &[1..3, 5..6]), b"ade");
    }
}
