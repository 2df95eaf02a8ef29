//! The documents: no cell of a table is empty, every test that is named exists, every link leads somewhere, and the
//! pages about events, about rules and about changing relatch are true to the tree.

mod events;
mod pages;
mod rules;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::run::root;

/// Their tables, and the tests that they name.
const PAGES: &[&str] = &["docs/standards.md", "docs/security.md", "docs/rules.md"];

pub fn check() -> Result<()> {
    let mut wrong = Vec::new();
    let (mut rows, mut named) = (0, 0);
    for page in PAGES {
        let text = fs::read_to_string(root().join(page)).with_context(|| format!("reading {page}"))?;
        for (number, line) in text.lines().enumerate().filter(|(_, line)| line.starts_with('|')) {
            let cells = cells(line);
            if cells.iter().all(|cell| cell.chars().all(|c| c == '-')) {
                continue;
            }
            rows += 1;
            let mut say = |what: &str| wrong.push(format!("{page}:{}: {what}", number + 1));
            if cells.iter().any(|cell| cell.is_empty()) {
                say("an empty cell");
            }
            let last = cells.last().copied().unwrap_or_default();
            let answered = test_names(last).next().is_some()
                || ["Does not apply:", "Not done:", "how it is met"].iter().any(|known| last.starts_with(known));
            if page.ends_with("standards.md") && !answered {
                say("no test, and no reason why there is none");
            }
        }
        for name in test_names(&text) {
            named += 1;
            if !exists(name)? {
                wrong.push(format!("{page}: there is no test {name}"));
            }
        }
    }
    let (pages, links) = follow_links(&mut wrong)?;
    println!("{rows} rows, {named} tests named in {}; {links} links in {pages} pages", PAGES.join(", "));
    events::check(&mut wrong)?;
    let (stated, cited) = rules::check(&mut wrong)?;
    let (paths, decisions) = pages::check(&mut wrong)?;
    println!("{stated} rules, cited {cited} times; {decisions} decisions; {paths} paths of files");
    if !wrong.is_empty() {
        bail!("{}", wrong.join("; "));
    }
    Ok(())
}

/// Every link to another file of the repository leads there, and to a heading that is there.
fn follow_links(wrong: &mut Vec<String>) -> Result<(usize, usize)> {
    let mut pages: Vec<PathBuf> = Vec::new();
    for folder in ["", "docs", "docs/decisions", "docs/fleet", "benches/results", "pkg"] {
        for entry in fs::read_dir(root().join(folder)).with_context(|| format!("reading {folder}"))? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(path);
            }
        }
    }
    let mut links = 0;
    for page in &pages {
        let text = fs::read_to_string(page)?;
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if target.contains("://") {
                continue;
            }
            links += 1;
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let to = if file.is_empty() { page.clone() } else { page.parent().unwrap_or(page).join(file) };
            let leads =
                to.exists() && (heading.is_empty() || headings(&fs::read_to_string(&to)?).any(|h| h == heading));
            if !leads {
                wrong.push(format!("{}: {target} leads nowhere", page.strip_prefix(root()).unwrap_or(page).display()));
            }
        }
    }
    Ok((pages.len(), links))
}

/// The anchors that a page's headings get.
fn headings(text: &str) -> impl Iterator<Item = String> {
    text.lines().filter(|line| line.starts_with('#')).map(|line| {
        let title = line.trim_start_matches('#').trim().to_lowercase();
        title
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | ' '))
            .collect::<String>()
            .replace(' ', "-")
    })
}

fn cells(row: &str) -> Vec<&str> {
    let row = row.trim();
    let inner = row.strip_prefix('|').unwrap_or(row);
    inner.strip_suffix('|').unwrap_or(inner).split('|').map(str::trim).collect()
}

/// What stands in backticks and begins with a place of tests.
fn test_names(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2).filter(|code| {
        code.split_once(": ").is_some_and(|(place, name)| {
            (matches!(place, "core" | "web" | "types" | "sim" | "model" | "dropped")
                || place.starts_with("e2e/")
                || place.starts_with("servers/"))
                && !matches!(name, "name" | "words")
        })
    })
}

fn exists(test: &str) -> Result<bool> {
    let Some((place, name)) = test.split_once(": ") else {
        return Ok(false);
    };
    let read = |path: &str| fs::read_to_string(root().join(path)).unwrap_or_default();
    Ok(match place {
        "core" | "web" => {
            let mut found = false;
            for entry in fs::read_dir(root().join("tests").join(place))? {
                found |= fs::read_to_string(entry?.path())?.contains(&format!("fn {name}("));
            }
            found
        }
        "types" => read("tests/types/api.mts").contains(name),
        // What the simulator says when it finds the rule broken.
        "sim" => {
            let mut found = false;
            for entry in fs::read_dir(root().join("tests/sim/src"))? {
                found |= fs::read_to_string(entry?.path())?.contains(&format!("\"{name}\""));
            }
            found
        }
        // The fault that happens in the model checker's world.
        "model" => is_variant(&read("tests/model/src/world.rs"), "Fault", name),
        // The rule, or the part of one, that the simulator is run without.
        "dropped" => is_variant(&read("engine/src/sabotage.rs"), "Rule", name),
        _ => {
            let path = match place.split_once('/') {
                Some(("servers", file)) => format!("tests/e2e/servers/{file}.test.mjs"),
                _ => format!("tests/{place}.test.mjs"),
            };
            is_called(&read(&path), name)
        }
    })
}

/// Has the enum a variant of this name?
fn is_variant(text: &str, list: &str, name: &str) -> bool {
    let body = text.split_once(&format!("pub enum {list} {{\n")).and_then(|(_, rest)| rest.split_once("\n}"));
    body.is_some_and(|(body, _)| body.lines().any(|line| line.trim() == format!("{name},")))
}

/// Is there a `test(` with this name, on its line or, as the formatter breaks it, on the next?
fn is_called(text: &str, name: &str) -> bool {
    let mut opened = false;
    text.lines().any(|line| {
        let line = line.trim_start();
        let here = (opened || line.starts_with("test(")) && line.contains(name);
        opened = line == "test(";
        here
    })
}

#[cfg(test)]
mod tests {
    use super::{cells, exists, is_called, is_variant, test_names};

    #[test]
    fn a_row_is_cut_into_its_cells() {
        assert_eq!(cells("| a | `b: c` ||"), ["a", "`b: c`", ""]);
        assert_eq!(cells("| a |  | c |"), ["a", "", "c"]);
    }

    #[test]
    fn only_what_names_a_test_is_taken_for_one() {
        let text = "`core: some_test` and `redirect: \"error\"`, `core: name`, `e2e/storm: a 403`";
        assert_eq!(test_names(text).collect::<Vec<_>>(), ["core: some_test", "e2e/storm: a 403"]);
    }

    #[test]
    fn a_name_on_the_line_after_its_test_is_found() {
        assert!(is_called("  test(\n    \"one, two\",\n    async () => {}", "one, two"));
        assert!(!is_called("  test(\n    async () => {\n \"one, two\"", "one, two"));
    }

    #[test]
    fn a_test_that_is_not_there_is_missed() {
        assert!(exists("core: a2_a_401_of_another_epoch_is_returned_and_clears_nothing").expect("readable"));
        assert!(!exists("core: a2_a_401").expect("readable"));
        assert!(!exists("e2e/storm: nobody wrote this").expect("readable"));
        assert!(!exists("e2e/nowhere: a 403").expect("readable"));
        assert!(exists("model: Frost").expect("readable") && !exists("model: Fro").expect("readable"));
        assert!(exists("dropped: G1Lock").expect("readable") && !exists("dropped: G1").expect("readable"));
        assert!(!exists("sim: nobody wrote this").expect("readable"));
    }

    #[test]
    fn a_variant_is_a_line_of_its_enum() {
        let text = "pub enum Rule {\n    /// S4.\n    S4,\n    G1Lock,\n}\npub enum Other {\n    S5,\n}\n";
        assert!(is_variant(text, "Rule", "S4") && is_variant(text, "Rule", "G1Lock"));
        assert!(!is_variant(text, "Rule", "S5") && !is_variant(text, "Rule", "G1") && !is_variant(text, "None", "S4"));
    }
}
