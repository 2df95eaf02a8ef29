//! The pages for those who change relatch: the files that they name exist, and decisions are numbered without gaps.

use std::fs;

use anyhow::{Context, Result};

use crate::run::root;

/// Their paths are checked, and those of every decision.
const PAGES: [&str; 4] = ["docs/rules.md", "docs/architecture.md", "docs/changing.md", "CONTRIBUTING.md"];
const DECISIONS: &str = "docs/decisions";
const INDEX: &str = "docs/README.md";
/// A path of the repository begins with one of these.
const TOP: [&str; 9] = ["engine", "src", "pkg", "www", "tests", "docs", "benches", "examples", "xtask"];
/// These exist only after a build.
const BUILT: [&str; 2] = ["pkg/dist", "examples/yew/dist"];
const SECTIONS: [&str; 4] = ["## Context", "## Decision", "## What was measured", "## What would change it"];

/// Gives how many paths were looked for, and how many decisions there are.
pub fn check(wrong: &mut Vec<String>) -> Result<(usize, usize)> {
    let mut pages: Vec<String> = PAGES.map(str::to_owned).into();
    let mut names = Vec::new();
    for entry in fs::read_dir(root().join(DECISIONS)).with_context(|| format!("reading {DECISIONS}"))? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort_unstable();
    wrong.extend(gaps(&names));
    let index = fs::read_to_string(root().join(INDEX)).with_context(|| format!("reading {INDEX}"))?;
    for name in &names {
        let page = format!("{DECISIONS}/{name}");
        let text = fs::read_to_string(root().join(&page)).with_context(|| format!("reading {page}"))?;
        wrong.extend(shape(name, &text).into_iter().map(|what| format!("{page}: {what}")));
        if !index.contains(&format!("(decisions/{name})")) {
            wrong.push(format!("{INDEX} does not list {page}"));
        }
        pages.push(page);
    }
    let mut count = 0;
    for page in &pages {
        let text = fs::read_to_string(root().join(page)).with_context(|| format!("reading {page}"))?;
        for (line, path) in paths(&text) {
            count += 1;
            if !root().join(folder(path)).exists() {
                wrong.push(format!("{page}:{line}: there is no {path}"));
            }
        }
    }
    Ok((count, names.len()))
}

/// What stands in backticks and is a path from the repository's root, each with its line.
fn paths(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("```"));
    lines.flat_map(|(at, line)| {
        let code = line.split('`').skip(1).step_by(2);
        code.filter(|code| is_path(code)).map(move |path| (at + 1, path))
    })
}

fn is_path(code: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-*".contains(c);
    let top = code.split('/').next().unwrap_or_default();
    code.contains('/')
        && code.chars().all(is_plain)
        && TOP.contains(&top)
        && !BUILT.iter().any(|built| code.starts_with(built))
}

/// The path itself, or the folder in which its `*` stands.
fn folder(path: &str) -> &str {
    match path.split_once('*') {
        Some((before, _)) => before.rsplit_once('/').map_or("", |(folder, _)| folder),
        None => path,
    }
}

/// `0001-a-title.md`, `0002-…`: in order and without a gap. The names are sorted.
fn gaps(names: &[String]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, expected) in names.iter().zip(1..) {
        let number = name.strip_suffix(".md").and_then(|name| name.split_once('-')).map(|(number, _)| number);
        if number != Some(&format!("{expected:04}")) {
            wrong.push(format!("{DECISIONS}/{name} is not number {expected:04}"));
        }
    }
    wrong
}

/// A decision says its number, and has its four sections in order.
fn shape(name: &str, text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let number = name.get(..4).unwrap_or_default();
    if !text.starts_with(&format!("# {number} ")) {
        wrong.push(format!("the title does not begin with {number}"));
    }
    let sections: Vec<_> = text.lines().filter(|line| line.starts_with("## ")).collect();
    if sections != SECTIONS {
        wrong.push(format!("its sections are {sections:?}"));
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_backticks_and_begins_with_a_folder_of_ours_is_a_path() {
        let text = "`src/web/wire.rs`, `Engine::poll`, src/none, `src/a b`\n`pkg/dist/x.js` `engine/src/*.rs` `tests`";
        let found: Vec<_> = paths(text).collect();
        assert_eq!(found, [(1, "src/web/wire.rs"), (2, "engine/src/*.rs")]);
        assert_eq!((folder("engine/src/*.rs"), folder("src/lib.rs")), ("engine/src", "src/lib.rs"));
        assert!(!is_path("other/src/lib.rs") && !is_path("text/plain") && !is_path("src/{a,b}.rs"));
    }

    #[test]
    fn a_gap_between_decisions_is_found_and_so_is_a_name_without_number() {
        let names = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert!(gaps(&names(&["0001-a.md", "0002-b-c.md"])).is_empty());
        assert_eq!(gaps(&names(&["0001-a.md", "0003-b.md"])), ["docs/decisions/0003-b.md is not number 0002"]);
        assert_eq!(gaps(&names(&["0001-a.md", "0001-b.md"])).len(), 1);
        assert_eq!(gaps(&names(&["README.md"])).len(), 1);
    }

    #[test]
    fn a_decision_without_a_section_is_found() {
        let whole = format!("# 0001 A title\n\n{}\n", SECTIONS.join("\n\nText.\n\n"));
        assert!(shape("0001-a-title.md", &whole).is_empty());
        assert_eq!(shape("0002-a-title.md", &whole), ["the title does not begin with 0002"]);
        assert_eq!(shape("0001-a.md", &whole.replace("## Decision", "Decision")).len(), 1);
    }
}
