//! docs/rules.md against the tree: every rule that is cited has its heading there, and every heading is cited.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result, bail};

use crate::run::{output, root};

const PAGE: &str = "docs/rules.md";
/// Where rules are cited: in comments, in the titles and messages of tests, and in the text of documents.
const FOLDERS: [&str; 8] = ["engine", "src", "pkg", "xtask", "tests", "www", "docs", "CONTRIBUTING.md"];
/// A rule with a line that begins so need not be cited.
const NOT_YET: &str = "Not carried out yet.";

/// Gives how many rules there are, and how often they are cited.
pub fn check(wrong: &mut Vec<String>) -> Result<(usize, usize)> {
    let page = fs::read_to_string(root().join(PAGE)).with_context(|| format!("reading {PAGE}"))?;
    let rules = stated(&page);
    let mut known = BTreeSet::new();
    for rule in &rules {
        if !known.insert(rule.id) {
            wrong.push(format!("{PAGE}: {} is stated twice", rule.id));
        }
    }
    let list = output("git", &[&["ls-files", "--"], &FOLDERS[..]].concat())
        .context("git cannot list the files of this checkout")?;
    let (mut cited, mut count) = (BTreeSet::new(), 0);
    for path in list.lines() {
        // A file that is removed, and not yet committed so, is still listed.
        let Ok(text) = fs::read_to_string(root().join(path)) else { continue };
        for (line, id) in citations(path, &text) {
            count += 1;
            if !known.contains(id.as_str()) {
                wrong.push(format!("{path}:{line}: {PAGE} states no rule {id}"));
            }
            if path != PAGE {
                cited.insert(id);
            }
        }
    }
    if count < 100 {
        bail!("only {count} citations of rules were found: the lists of folders are not right any more");
    }
    for rule in rules.iter().filter(|rule| !rule.not_yet && !cited.contains(rule.id)) {
        wrong.push(format!("{PAGE}: {} is cited nowhere", rule.id));
    }
    Ok((rules.len(), count))
}

#[derive(Debug, PartialEq)]
struct Stated<'a> {
    id: &'a str,
    not_yet: bool,
}

/// The rules that the page states: `### S1 A title`, and whether its text says that the code is to come.
fn stated(page: &str) -> Vec<Stated<'_>> {
    let mut rules: Vec<Stated<'_>> = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        if line.starts_with('#') {
            let id = line.strip_prefix("### ").and_then(|title| title.split(' ').next()).filter(|id| is_rule(id));
            inside = id.is_some();
            rules.extend(id.map(|id| Stated { id, not_yet: false }));
        } else if inside
            && line.starts_with(NOT_YET)
            && let Some(rule) = rules.last_mut()
        {
            rule.not_yet = true;
        }
    }
    rules
}

/// The rules that a file cites, each with its line.
fn citations(path: &str, text: &str) -> Vec<(usize, String)> {
    let ends = |ends: &[&str]| ends.iter().any(|end| path.ends_with(end));
    let mut found = Vec::new();
    if ends(&[".md"]) {
        for (line, words) in prose(text) {
            found.extend(rules(&words).map(|id| (line, id.to_owned())));
        }
    } else if ends(&[".rs", ".js", ".mjs", ".ts", ".mts", ".cts"]) {
        let is_test = path.starts_with("tests/");
        let comments = comments(text, ends(&[".rs"]));
        for (at, line) in text.lines().enumerate() {
            let comment = comments.iter().find(|(number, _)| *number == at + 1).map_or("", |(_, comment)| *comment);
            found.extend(rules(if is_test { line } else { comment }).map(|id| (at + 1, id.to_owned())));
            if ends(&[".rs"]) {
                found.extend(named(line).map(|id| (at + 1, id)));
            }
        }
    }
    found
}

/// What a document says outside of code: without fenced blocks, and without what stands in backticks.
fn prose(text: &str) -> Vec<(usize, String)> {
    let (mut fenced, mut lines) = (false, Vec::new());
    for (at, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            lines.push((at + 1, line.split('`').step_by(2).collect::<Vec<_>>().join("``")));
        }
    }
    lines
}

/// The comment of each line that has one.
fn comments(text: &str, is_rust: bool) -> Vec<(usize, &str)> {
    let (mut open, mut found) = (false, Vec::new());
    for (at, line) in text.lines().enumerate() {
        let begin = if open { Some(0) } else { comment(line, is_rust) };
        let Some(begin) = begin else { continue };
        let rest = &line[begin..];
        open = open || rest.starts_with("/*");
        let end = if open { rest.find("*/") } else { None };
        open &= end.is_none();
        found.push((at + 1, &rest[..end.unwrap_or(rest.len())]));
    }
    found
}

/// Where the line's comment begins, which is not in a text. A regular expression may be taken for one: it cites
/// nothing.
fn comment(line: &str, is_rust: bool) -> Option<usize> {
    let mut quote = None;
    let mut chars = line.char_indices();
    while let Some((at, c)) = chars.next() {
        match quote {
            Some(_) if c == '\\' => {
                chars.next();
            }
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if line[at..].starts_with("//") || line[at..].starts_with("/*") => return Some(at),
            // A character, not a lifetime.
            None if is_rust && c == '\'' && line[at..].starts_with("'\"'") => {
                chars.nth(1);
            }
            None if c == '"' || (!is_rust && (c == '\'' || c == '`')) => quote = Some(c),
            None => {}
        }
    }
    None
}

/// `G1` of `Rule::G1Lock`, and of `fn g1_the_lock_…` and `fn …_g1`.
fn named(line: &str) -> impl Iterator<Item = String> {
    let dropped = line.match_indices("Rule::").filter_map(|(at, word)| {
        let name = &line[at + word.len()..];
        let id = &name[..1 + name.get(1..)?.chars().take_while(char::is_ascii_digit).count()];
        is_rule(id).then(|| id.to_owned())
    });
    let function = line.split_once("fn ").and_then(|(_, rest)| rest.split_once('(')).map_or("", |(name, _)| name);
    let parts = function.split('_').filter(|part| part.starts_with(|c: char| c.is_ascii_lowercase()));
    dropped.chain(parts.map(str::to_uppercase).filter(|id| is_rule(id)))
}

/// The rules in a text: a letter and a number that stand by themselves, as in "S1…S9" or "(G3, G7)". What is part of a
/// longer word, of a number, of a path or of an escaped URL is none: `S256`, `A.12`, `%A9`, `/A1`, `A1-b`.
fn rules(text: &str) -> impl Iterator<Item = &str> {
    let joins = |c: char| c.is_alphanumeric() || "_%-/\\#$&+=".contains(c);
    text.match_indices(['S', 'A', 'G']).filter_map(move |(at, _)| {
        let before = text[..at].chars().next_back();
        let digits = text[at + 1..].bytes().take_while(u8::is_ascii_digit).count();
        let mut after = text[at + 1 + digits..].chars();
        let (next, second) = (after.next(), after.next());
        let in_number = matches!(next, Some('.' | ',')) && second.is_some_and(char::is_alphanumeric);
        let alone = !before.is_some_and(|c| joins(c) || c == '.') && !next.is_some_and(joins) && !in_number;
        let id = &text[at..=at + digits];
        (alone && is_rule(id)).then_some(id)
    })
}

fn is_rule(id: &str) -> bool {
    let number = id.strip_prefix(['S', 'A', 'G']).unwrap_or_default();
    matches!(number.len(), 1 | 2) && number.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_text(text: &str) -> Vec<&str> {
        rules(text).collect()
    }

    fn of(path: &str, text: &str) -> Vec<(usize, String)> {
        citations(path, text)
    }

    #[test]
    fn a_rule_stands_by_itself() {
        assert_eq!(
            in_text("S1…S9, (A3, the replay after A4): G10. \"G8: twice\" S2"),
            ["S1", "S9", "A3", "A4", "G10", "G8", "S2"]
        );
        assert_eq!(in_text("the rule is `G5`; G7's own"), ["G5", "G7"]);
    }

    #[test]
    fn what_looks_like_a_rule_and_is_none() {
        for text in [
            "RFC 6749 A.12",
            "S256 and ES256",
            "r%26%C3%A9%3D1 %A9",
            "eyJhbGciOi.A1.G2x",
            "cells A1-B2 at /A1",
            "a1 g2 SA1 G1Lock S1_000 G123 A",
            "A1.5 S1=2",
        ] {
            assert_eq!(in_text(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn in_code_comments_cite_and_texts_do_not() {
        let rust = "let a = \"S3 // S4\"; // S5\nlet q = '\"'; // S6\n/* S7\nS8 */ let b = S9;\n/// A1\nuse A2;";
        let found: Vec<_> = of("src/x.rs", rust).into_iter().map(|(line, id)| format!("{line}{id}")).collect();
        assert_eq!(found, ["1S5", "2S6", "3S7", "4S8", "5A1"]);
        let script = "const a = 'G1 // G2'; // G3\n/** G4 */\nconst b = `https://G5`;";
        assert_eq!(of("pkg/x.js", script), [(1, "G3".to_owned()), (2, "G4".to_owned())]);
        assert!(of("pkg/x.json", "// G3").is_empty());
    }

    #[test]
    fn titles_of_tests_and_names_of_dropped_rules_cite() {
        assert_eq!(of("tests/e2e/x.test.mjs", "test(\"one lock (G1, G3)\", x)").len(), 2);
        assert_eq!(of("tests/core/x.rs", "fn g3_g7_a_refresh_is_over() {"), [(1, "G3".into()), (1, "G7".into())]);
        assert_eq!(of("tests/core/x.rs", "fn a_late_record_is_not_believed_g5() {"), [(1, "G5".into())]);
        assert_eq!(
            of("engine/src/x.rs", "self.drops(Rule::G1Lock) || x(Rule::S4)"),
            [(1, "G1".into()), (1, "S4".into())]
        );
        assert!(of("engine/src/x.rs", "self.drops(Rule::Bound); fn a() {}").is_empty());
    }

    #[test]
    fn in_documents_code_does_not_cite() {
        let text = "A1 and `A2`, A3\n```js\n// S4\n```\nG5";
        assert_eq!(of("docs/x.md", text), [(1, "A1".into()), (1, "A3".into()), (5, "G5".into())]);
    }

    #[test]
    fn a_rule_that_is_to_come_says_so_in_a_line_of_its_own() {
        let page = "## Sending\n### S0 A title\nText.\n\nNot carried out yet.\n### S1 Other\nNot yet.\n## Time\n\
                    Not carried out yet.\n### Bodies\n";
        assert_eq!(stated(page), [Stated { id: "S0", not_yet: true }, Stated { id: "S1", not_yet: false }]);
    }
}
