//! The imports of JavaScript modules: static ones, re-exports and `import("./x.js")`.

use std::collections::BTreeSet;

use super::File;
use super::circles::Arrows;
use super::code::{Language, Texts, code};

/// Only relative imports of files that are there lead anywhere. What is built does not count.
pub fn arrows(files: &[&File]) -> Arrows {
    let known: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let mut arrows = Arrows::new();
    for file in files {
        let targets = specifiers(&file.text).into_iter().map(|specifier| resolve(&file.path, &specifier));
        arrows.insert(file.path.clone(), targets.filter(|target| known.contains(target.as_str())).collect());
    }
    arrows
}

/// A comment imports nothing, so the types of JSDoc lead nowhere.
fn specifiers(text: &str) -> Vec<String> {
    let code = code(text, Language::JavaScript, Texts::Keep);
    let mut found = Vec::new();
    for quote in ['"', '\''] {
        for (at, _) in code.match_indices(&format!("{quote}.")) {
            let before = code[..at].trim_end();
            if ["from", "import", "import("].iter().any(|word| before.ends_with(word)) {
                found.extend(code[at + 1..].split(quote).next().map(str::to_owned));
            }
        }
    }
    found
}

fn resolve(from: &str, specifier: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in specifier.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::super::circles::circles;
    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let files: Vec<File> = files.iter().map(|(path, text)| File::new(path, text)).collect();
        circles(&arrows(&files.iter().collect::<Vec<_>>()))
    }

    #[test]
    fn every_kind_of_import_closes_a_circle() {
        for back in ["import { a } from \"../pkg/a.js\";", "export * from '../pkg/a.js'", "import(\"../pkg/a.js\")"] {
            let files = [("pkg/a.js", "import b from \"../web/b.js\";"), ("web/b.js", back)];
            assert_eq!(found(&files), ["a circle of imports: pkg/a.js → web/b.js → pkg/a.js"], "{back}");
        }
    }

    #[test]
    fn a_type_in_a_comment_and_a_built_file_close_none() {
        for back in ["/** @type {import(\"./a.js\").A} */", "import { b } from \"./dist/a.js\"", "load(\"./a.js\")"] {
            assert_eq!(found(&[("pkg/a.js", "import \"./b.js\""), ("pkg/b.js", back)]), [""; 0], "{back}");
        }
    }
}
