//! The paths inside a crate that a file of Rust names.

use std::collections::BTreeSet;

use super::code::is_word;

/// A path from the crate's root.
#[derive(Debug, PartialEq)]
pub struct Found {
    pub path: Vec<String>,
    /// What it is called here; `*` for all that is there.
    pub name: String,
    /// Passed on (`pub use`), not used.
    pub exported: bool,
}

/// All paths in code without comments and texts. `modules` are those of the crate that have a file.
pub fn paths(code: &str, module: &[String], modules: &BTreeSet<Vec<String>>) -> Vec<Found> {
    let mut reader = Reader { tokens: tokens(code), at: 0, module: module.to_vec(), modules, found: Vec::new() };
    reader.read();
    reader.found
}

struct Reader<'a> {
    tokens: Vec<&'a str>,
    at: usize,
    /// The module that is being read, be it one inside the file.
    module: Vec<String>,
    modules: &'a BTreeSet<Vec<String>>,
    found: Vec<Found>,
}

impl<'a> Reader<'a> {
    fn read(&mut self) {
        // At which depth of braces each inner module began.
        let (mut depth, mut inner) = (0, Vec::new());
        while let Some(token) = self.tokens.get(self.at).copied() {
            let next = self.tokens.get(self.at + 1).copied().unwrap_or_default();
            match token {
                "mod" if self.tokens.get(self.at + 2) == Some(&"{") => {
                    inner.push(depth);
                    self.module.push(next.to_owned());
                    self.at += 2;
                    continue;
                }
                "{" => depth += 1,
                "}" => {
                    depth -= 1;
                    if inner.last() == Some(&depth) {
                        inner.pop();
                        self.module.pop();
                    }
                }
                // Not `impl Trait + use<'a>`.
                "use" if next != "<" => {
                    // `pub use`, `pub(crate) use`.
                    let exported = self.at > 0 && matches!(self.tokens[self.at - 1], "pub" | ")");
                    self.at += 1;
                    self.tree(&[], exported);
                    continue;
                }
                _ if next == "::" && (self.at == 0 || !matches!(self.tokens[self.at - 1], "::" | ".")) => {
                    self.plain();
                    continue;
                }
                _ => {}
            }
            self.at += 1;
        }
    }

    /// One branch of a `use`, and those in its braces.
    fn tree(&mut self, begin: &[&'a str], exported: bool) {
        let mut parts = begin.to_vec();
        while let Some(token) = self.tokens.get(self.at).copied() {
            self.at += 1;
            match token {
                "::" => {}
                "{" => {
                    while !matches!(self.tokens.get(self.at), None | Some(&("}" | ";"))) {
                        self.tree(&parts, exported);
                        self.at += usize::from(self.tokens.get(self.at) == Some(&","));
                    }
                    self.at += 1;
                    return;
                }
                "as" => {
                    let name = self.tokens.get(self.at).copied().unwrap_or_default();
                    self.at += 1;
                    return self.add(&parts, Some(name), exported);
                }
                "," | "}" | ";" => {
                    self.at -= 1;
                    return self.add(&parts, None, exported);
                }
                part => parts.push(part),
            }
        }
    }

    /// A path in the code itself.
    fn plain(&mut self) {
        let mut parts = vec![self.tokens[self.at]];
        self.at += 1;
        while self.tokens.get(self.at) == Some(&"::") {
            match self.tokens.get(self.at + 1) {
                Some(part) if part.starts_with(is_word) => parts.push(part),
                _ => break,
            }
            self.at += 2;
        }
        self.at += usize::from(self.tokens.get(self.at) == Some(&"::"));
        self.add(&parts, None, false);
    }

    fn add(&mut self, parts: &[&str], name: Option<&str>, exported: bool) {
        let parts: Vec<&str> = parts.iter().copied().filter(|part| *part != "self").collect();
        let name = name.or(parts.last().copied()).unwrap_or_default().to_owned();
        if let Some(mut path) = self.absolute(&parts) {
            if name == "*" {
                path.pop();
            }
            self.found.push(Found { path, name, exported });
        }
    }

    /// From the crate's root; `None` for what is of another crate, or only a type's own name.
    fn absolute(&self, parts: &[&str]) -> Option<Vec<String>> {
        let first = *parts.first()?;
        let above = parts.iter().take_while(|part| **part == "super").count();
        let (begin, rest) = if first == "crate" {
            (&[][..], &parts[1..])
        } else if above > 0 {
            (&self.module[..self.module.len().checked_sub(above)?], &parts[above..])
        } else if self.modules.contains(&[&self.module[..], &[first.to_owned()]].concat()) {
            (&self.module[..], parts)
        } else {
            return None;
        };
        Some(begin.iter().cloned().chain(rest.iter().map(|part| (*part).to_owned())).collect())
    }
}

/// Names, `::`, and every other character by itself.
fn tokens(code: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = code.trim_start();
    while !rest.is_empty() {
        let word = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let end = match word {
            0 if rest.starts_with("::") => 2,
            0 => rest.chars().next().map_or(1, char::len_utf8),
            word => word,
        };
        tokens.push(&rest[..end]);
        rest = rest[end..].trim_start();
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(code: &str) -> Vec<String> {
        let modules = [vec!["a".to_owned()], vec!["a".to_owned(), "b".to_owned()]].into_iter().collect();
        let found = paths(code, &["a".to_owned()], &modules);
        found
            .iter()
            .map(|f| format!("{} {}{}", f.path.join("::"), f.name, if f.exported { " out" } else { "" }))
            .collect()
    }

    #[test]
    fn trees_aliases_and_stars_are_read() {
        let code = "use super::{c::{D, self}, e as f}; pub(crate) use b::*; use std::fmt;";
        assert_eq!(named(code), ["c::D D", "c c", "e f", "a::b * out"]);
    }

    #[test]
    fn paths_in_the_code_are_read_and_those_of_types_are_not() {
        let code = "fn f() { b::g(); crate::c::D::new::<u8>(); Self::h(); x.b; mod i { super::j::k } }";
        assert_eq!(named(code), ["a::b::g g", "c::D::new new", "a::j::k k"]);
        assert_eq!(named("fn f() -> A + use<'_> { ; } use super::b;"), ["b b"]);
    }
}
