//! The engine's names, limits and words for JavaScript: `pkg/names.js`, written by the build.

use std::fs;

use anyhow::{Context, Result};
use relatch_engine::limits;
use relatch_engine::{Change, Code, Reason, Status};
use serde_json::{Value, json};

use crate::border;
use crate::run::root;

/// Brings `pkg/names.js` up to date.
pub fn write() -> Result<()> {
    let (file, text) = (root().join("pkg/names.js"), javascript());
    if fs::read_to_string(&file).ok().as_ref() != Some(&text) {
        fs::write(&file, &text).context("writing pkg/names.js")?;
    }
    Ok(())
}

/// Each is a constant of its own, so that an entry carries only what it uses, and numbers and sentences are put where
/// they are used. As the formatter writes it.
fn javascript() -> String {
    let numbers_of = |codes: &[Code]| -> Vec<_> {
        codes.iter().filter_map(|code| Code::ALL.iter().position(|known| known == code)).collect()
    };
    let sections = [
        constant(
            "What the engine's numbers are called.",
            "names",
            &json!({
                "codes": Code::ALL.map(Code::as_str),
                "reasons": Reason::ALL.map(Reason::as_str),
                "changes": Change::ALL.map(Change::as_str),
                "statuses": Status::ALL.map(Status::as_str),
            }),
        ),
        constant("The codes' errors, in full.", "MESSAGES", &json!(Code::ALL.map(Code::message))),
        constant(
            "The errors that carry what the refresh failed with, by number.",
            "WITH_CAUSE",
            &json!(numbers_of(&limits::CODES_WITH_CAUSE)),
        ),
        bounds("REFRESH_TIMEOUT", *limits::REFRESH_TIMEOUT_MS.start(), *limits::REFRESH_TIMEOUT_MS.end(), "_MS"),
        bounds("MAX_WAIT", *limits::MAX_WAIT_MS.start(), *limits::MAX_WAIT_MS.end(), "_MS"),
        bounds("MAX_REPLAYS", (*limits::MAX_REPLAYS.start()).into(), (*limits::MAX_REPLAYS.end()).into(), ""),
        constant("", "MAX_REPLAYS_DEFAULT", &json!(limits::MAX_REPLAYS_DEFAULT)),
        constant("", "HEADER_DEFAULT", &json!(limits::HEADER_DEFAULT)),
        constant("", "SCHEME_DEFAULT", &json!(limits::SCHEME_DEFAULT)),
        constant("", "KEY_DEFAULT", &json!(limits::KEY_DEFAULT)),
        constant("Access token, refresh token, lifetime.", "JSON_FIELDS", &json!(limits::JSON_FIELDS)),
        constant("", "FORM_FIELDS", &json!(limits::FORM_FIELDS)),
        word(),
        local_host(),
        constant("An option must be …", "MUST_BE_URL", &json!(limits::MUST_BE_URL)),
        constant("", "MUST_BE_ABSOLUTE_URL", &json!(limits::MUST_BE_ABSOLUTE_URL)),
        constant("", "MUST_BE_SAFE", &json!(limits::MUST_BE_SAFE)),
        constant("", "MUST_BE_ORIGIN", &json!(limits::MUST_BE_ORIGIN)),
        constant("", "MUST_BE_HEADER", &json!(limits::MUST_BE_HEADER)),
        constant("", "MUST_BE_SCHEME", &json!(limits::MUST_BE_SCHEME)),
        constant("", "MUST_BE_FETCH", &json!(limits::MUST_BE_FETCH)),
        constant("All events.", "EVENTS", &json!(border::events())),
        constant(
            "Each status in words.",
            "STATUS_WORDS",
            &Value::Object(Status::ALL.iter().map(|s| (s.as_str().to_owned(), json!(limits::words(*s)))).collect()),
        ),
    ];
    format!(
        "// Written by `cargo xtask build` from the engine: change engine/src/limits.rs instead.\n\n{}",
        sections.concat()
    )
}

fn constant(comment: &str, name: &str, value: &Value) -> String {
    let head = format!("export const {name} = ");
    let comment = if comment.is_empty() { String::new() } else { format!("/** {comment} */\n") };
    format!("{comment}{head}{};\n", literal(value, 0, head.len()))
}

fn bounds(name: &str, min: u32, max: u32, unit: &str) -> String {
    [("MIN", min), ("MAX", max)].map(|(end, n)| constant("", &format!("{name}_{end}{unit}"), &json!(n))).concat()
}

/// Letters, digits and `_` are `\w`; `-` is the last, where it means itself.
fn word() -> String {
    let marks: String = limits::WORD_MARKS.chars().filter(|c| !"_-".contains(*c)).collect();
    format!(
        "/** The characters of header names and auth schemes (RFC 9110 §5.6.2). */\n\
         export const WORD = /^[\\w{marks}-]*$/;\n"
    )
}

fn local_host() -> String {
    let escaped = |host: &str| -> String {
        host.chars().flat_map(|c| if ".[]".contains(c) { vec!['\\', c] } else { vec![c] }).collect()
    };
    let addresses = limits::LOCAL_ADDRESSES.map(escaped).join("|");
    format!(
        "/** The hosts that are this machine, where http is safe. */\n\
         export const LOCAL_HOST = /^((.+\\.)?{}|{addresses})$/;\n",
        escaped(limits::LOCAL_DOMAIN)
    )
}

const WIDTH: usize = 120;

/// `indent`: of the line that it begins in; `before`: how many characters stand before it there.
fn literal(value: &Value, indent: usize, before: usize) -> String {
    let (inner, end) = (" ".repeat(indent + 2), " ".repeat(indent));
    match value {
        Value::Array(items) => {
            let flat = items.iter().map(|item| literal(item, 0, 0)).collect::<Vec<_>>().join(", ");
            // The brackets, and what ends the line.
            if before + flat.chars().count() + 3 <= WIDTH {
                return format!("[{flat}]");
            }
            let lines: String =
                items.iter().map(|item| format!("{inner}{},\n", literal(item, indent + 2, indent + 2))).collect();
            format!("[\n{lines}{end}]")
        }
        Value::Object(members) => {
            let lines: String = members
                .iter()
                .map(|(name, value)| {
                    let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric());
                    let name = if is_plain { name.clone() } else { quoted(name) };
                    let head = format!("{inner}{name}: ");
                    format!("{head}{},\n", literal(value, indent + 2, head.chars().count()))
                })
                .collect();
            format!("{{\n{lines}{end}}}")
        }
        Value::String(text) => {
            let whole = quoted(text);
            if before + whole.chars().count() < WIDTH {
                return whole;
            }
            let room = WIDTH - before - 5;
            let cut = text.char_indices().rfind(|(at, c)| *c == ' ' && *at < room).map_or(text.len(), |(at, _)| at + 1);
            format!("{} +\n{inner}{}", quoted(&text[..cut]), literal(&json!(text[cut..]), indent, indent + 2))
        }
        other => other.to_string(),
    }
}

fn quoted(text: &str) -> String {
    if text.contains('"') { format!("'{text}'") } else { format!("\"{text}\"") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_the_tree_is_current() {
        let text = fs::read_to_string(root().join("pkg/names.js")).expect("pkg/names.js");
        assert!(text == javascript(), "pkg/names.js is not what the engine says: run `cargo xtask build`");
    }
}
