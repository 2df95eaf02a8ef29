//! `src/web/port/wire.js`: the border's names and numbers for JavaScript, written from `src/web/wire.rs`.

use std::fs;

use anyhow::{Context, Result, bail};
use relatch_engine::{Code, limits};

use crate::run::{output, root};

#[path = "../../src/web/wire.rs"]
#[allow(dead_code)] // the shell uses the rest
mod wire;

const FILE: &str = "src/web/port/wire.js";
const HEAD: &str =
    "// Written by `cargo xtask build` from src/web/wire.rs, where each name is explained. Do not edit.\n";

/// Writes the file where it is not current.
pub fn write() -> Result<()> {
    let path = root().join(FILE);
    let text = text();
    if fs::read_to_string(&path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    fs::write(&path, text).with_context(|| format!("writing {FILE}"))
}

/// The port as the one file that the crate takes along, bundled from its modules.
const CRATE_FILE: &str = "src/web/port.js";
const CRATE_HEAD: &str = "\
// Written by `cargo xtask build` from src/web/port, where each function is explained. Do not edit.
// One file, as long as all of those: a page that asks for so many modules at once may wait for them for ever.
";

fn crate_text() -> Result<String> {
    // Rust frontends have the words of the engine, and none for the port.
    let define = "--define:DEVELOPMENT=false";
    let options =
        ["src/web/port/crate.js", "--bundle", "--format=esm", "--target=es2022", "--log-level=warning", define];
    let bundled = output("xtask/tools/node_modules/.bin/esbuild", &options);
    Ok(format!("{CRATE_HEAD}{}\n", bundled.context("esbuild cannot bundle src/web/port/crate.js")?))
}

/// Writes the crate's file where it is not current.
pub fn write_crate_file() -> Result<()> {
    let (path, text) = (root().join(CRATE_FILE), crate_text()?);
    if fs::read_to_string(&path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    fs::write(&path, text).with_context(|| format!("writing {CRATE_FILE}"))
}

/// An error where the tracked file is not what the build would write.
pub fn check_crate_file() -> Result<()> {
    if fs::read_to_string(root().join(CRATE_FILE)).with_context(|| format!("reading {CRATE_FILE}"))? != crate_text()? {
        bail!("{CRATE_FILE} is not current: `cargo xtask build` writes it from src/web/port");
    }
    Ok(())
}

/// An error where the tracked file is not what the build would write.
#[cfg(test)]
pub fn check() -> Result<()> {
    if fs::read_to_string(root().join(FILE)).with_context(|| format!("reading {FILE}"))? != text() {
        bail!("{FILE} is not current: `cargo xtask build` writes it from src/web/wire.rs");
    }
    Ok(())
}

/// The events, by name.
pub fn events() -> &'static [&'static str] {
    wire::EventKind::NAMES
}

fn text() -> String {
    let mut text = HEAD.to_owned();
    let mut list = |name: &str, words: &[&str]| {
        text.push('\n');
        for (number, word) in words.iter().enumerate() {
            text += &format!("export const {name}_{} = {number};\n", constant(word));
        }
    };
    list("INPUT", wire::Input::NAMES);
    list("EFFECT", wire::Effect::NAMES);
    list("OUTCOME", wire::Outcome::NAMES);
    list("FOUND", wire::Found::NAMES);
    list("GRANT", wire::Grant::NAMES);
    list("RECORD", wire::Record::NAMES);
    list("REPLACED", wire::Replaced::NAMES);
    list("EVENT", wire::EventKind::NAMES);
    list("CODE", &Code::ALL.map(Code::as_str));
    for (name, bits) in [("REPLY", &wire::reply::NAMES[..]), ("ANSWER", &wire::answer::NAMES[..])] {
        text.push('\n');
        for (word, bit) in bits {
            text += &format!("export const {name}_{word} = {bit};\n");
        }
    }
    text += &format!(
        "\nexport const FULL = {};\nexport const BARE = {};\nexport const SLOW = {};\nexport const ROUTE = {};\n\
         export const PLACE = {};\n",
        wire::FULL,
        wire::BARE,
        wire::SLOW,
        wire::ROUTE,
        wire::PLACE
    );
    text += &format!(
        "\nexport const TOKEN_MAX = {};\nexport const REFRESH_TIMEOUT_DEFAULT_MS = {};\n",
        limits::TOKEN_MAX,
        limits::REFRESH_TIMEOUT_DEFAULT_MS
    );
    text += "\n/** Each event: its kind, and the names of its figures in order. */\nexport const EVENTS = [\n";
    for (kind, figures) in wire::EVENTS {
        let row: Vec<String> = std::iter::once(kind).chain(*figures).map(|word| format!("\"{word}\"")).collect();
        text += &format!("  [{}],\n", row.join(", "));
    }
    text + "];\n"
}

/// A word as the name of a constant.
fn constant(word: &str) -> String {
    word.to_uppercase().replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_javascript_side_of_the_border_is_current() {
        check().expect("written by the build");
    }

    #[test]
    fn every_list_is_numbered_in_its_order_and_knows_no_other_number() {
        for (number, input) in wire::Input::ALL.iter().enumerate() {
            assert_eq!(*input as usize, number);
            assert_eq!(wire::Input::from_number(number as u32), Some(*input));
        }
        assert_eq!(wire::Input::from_number(wire::Input::ALL.len() as u32), None);
        let named: Vec<&str> = wire::EVENTS.iter().map(|(kind, _)| *kind).collect();
        assert_eq!(named, wire::EventKind::NAMES);
    }
}
