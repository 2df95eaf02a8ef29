//! The imports among the modules of one crate.
//!
//! A module takes what its paths name: `use crate::a::B`, `super::b::C`, and `c::d` of a child. A re-export (`pub use`)
//! only passes a name on: whoever imports that name takes it from where it is written. Declaring a child takes nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::File;
use super::circles::Arrows;
use super::paths::{Found, paths};

type Module = Vec<String>;

struct Crate<'a> {
    files: BTreeMap<Module, &'a File>,
    /// What each module passes on: the name, or `*`, and where it is written.
    exports: BTreeMap<Module, Vec<(String, Module)>>,
}

/// `folder` holds the crate's `lib.rs`.
pub fn arrows(files: &[&File], folder: &str) -> Arrows {
    let mut krate = Crate { files: BTreeMap::new(), exports: BTreeMap::new() };
    for file in files.iter().filter(|file| file.is_rust()) {
        if let Some(module) = file.path.strip_prefix(folder).and_then(module_of) {
            krate.files.insert(module, file);
        }
    }
    let children: BTreeSet<Module> = krate.files.keys().cloned().collect();
    let mut taken = BTreeMap::new();
    for (module, file) in &krate.files {
        let found = paths(&file.tested, module, &children);
        for Found { path, name, exported } in &found {
            if *exported {
                krate.exports.entry(module.clone()).or_default().push((name.clone(), path.clone()));
            }
        }
        taken.insert(module.clone(), found);
    }
    let mut arrows = Arrows::new();
    for (module, found) in taken {
        let from = &krate.files[&module].path;
        let targets = found.iter().filter(|found| !found.exported).map(|found| krate.written(&found.path, 0));
        let others = targets.filter_map(|target| Some(krate.files.get(&target)?.path.clone())).filter(|to| to != from);
        arrows.insert(from.clone(), others.collect());
    }
    arrows
}

/// `/a/b.rs` and `/a/b/mod.rs` are the module a::b. A `main.rs` is a crate of its own.
fn module_of(path: &str) -> Option<Module> {
    let path = path.strip_prefix('/')?.strip_suffix(".rs")?;
    let mut parts: Module = path.split('/').map(str::to_owned).collect();
    match parts.last()?.as_str() {
        "main" => return None,
        "lib" | "mod" => drop(parts.pop()),
        _ => {}
    }
    Some(parts)
}

impl Crate<'_> {
    /// The module in whose file the path's last name is written.
    fn written(&self, path: &[String], depth: usize) -> Module {
        let length = (0..=path.len()).rev().find(|n| self.files.contains_key(&path[..*n])).unwrap_or_default();
        let (module, rest) = path.split_at(length);
        // A name that is passed on in a circle is an error of the compiler's.
        if let (Some(name), true) = (rest.first(), depth < 8) {
            let exports = self.exports.get(module).into_iter().flatten();
            for (exported, target) in exports {
                if exported == name {
                    return self.written(&[target, &rest[1..]].concat(), depth + 1);
                }
                if exported == "*" {
                    let there = self.written(&[&target[..], rest].concat(), depth + 1);
                    if self.files.get(&there).is_some_and(|file| defines(&file.tested, name)) {
                        return there;
                    }
                }
            }
        }
        module.to_vec()
    }
}

fn defines(code: &str, name: &str) -> bool {
    ["struct", "enum", "trait", "type", "fn", "const", "static", "union"].iter().any(|kind| {
        code.match_indices(&format!("{kind} {name}"))
            .any(|(at, found)| !code[at + found.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    })
}

#[cfg(test)]
mod tests {
    use super::super::circles::circles;
    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let files: Vec<File> = files.iter().map(|(path, text)| File::new(path, text)).collect();
        circles(&arrows(&files.iter().collect::<Vec<_>>(), "src"))
    }

    #[test]
    fn two_modules_that_take_from_each_other_are_a_circle() {
        for back in ["use crate::a::A;", "use super::{c::C, a::{self, A}};", "fn f() { crate::a::f() }"] {
            let files = [("src/lib.rs", "mod a; mod b; mod c;"), ("src/a.rs", "use super::b::B;"), ("src/b.rs", back)];
            assert_eq!(found(&files), ["a circle of imports: src/a.rs → src/b.rs → src/a.rs"], "{back}");
        }
    }

    #[test]
    fn a_child_and_its_parent_are_a_circle_if_both_take() {
        let child = ("src/a/b.rs", "use super::A;");
        let both = [("src/a/mod.rs", "mod b; struct A; fn f() { b::g() }"), child];
        assert_eq!(found(&both), ["a circle of imports: src/a/b.rs → src/a/mod.rs → src/a/b.rs"]);
        assert_eq!(found(&[("src/a/mod.rs", "mod b; pub use b::B; struct A;"), child]), [""; 0]);
    }

    #[test]
    fn a_name_is_taken_from_where_it_is_written() {
        let lib = ("src/lib.rs", "mod a; mod b; pub use a::A; pub use b::*;");
        assert_eq!(found(&[lib, ("src/a.rs", "use crate::B;"), ("src/b.rs", "pub struct B;")]), [""; 0]);
        let circle = [lib, ("src/a.rs", "use crate::B;"), ("src/b.rs", "use crate::A; pub struct B;")];
        assert_eq!(found(&circle), ["a circle of imports: src/a.rs → src/b.rs → src/a.rs"]);
    }

    #[test]
    fn tests_comments_and_inner_modules_do_not_count() {
        let files = [
            ("src/lib.rs", "mod a; mod b; use a::A;"),
            ("src/a.rs", "mod inner { use super::X; } // crate::b::B\n#[cfg(test)]\nmod tests { use crate::b::B; }"),
            ("src/b.rs", "use crate::a::A;"),
        ];
        assert_eq!(found(&files), [""; 0]);
    }
}
