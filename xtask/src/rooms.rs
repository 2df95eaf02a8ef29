//! The step `rooms`: how long files and lines are, that imports run one way, and which words stand where.

mod circles;
mod code;
mod paths;
mod rust;
mod script;
mod shape;
mod words;

use std::fs;

use anyhow::{Context, Result, bail};

use crate::run::{output, root};
use code::{Language, Texts};

/// What the build bundles of src/web/port: its rooms are looked at there.
const BUNDLED: &str = "src/web/port.js";
/// Where every rule of length holds.
const FOLDERS: [&str; 5] = ["src", "engine", "pkg", "xtask", "www"];
/// Where only the width of lines counts: a test may be as long as its subject. They are counted, and fail nothing yet.
const WIDE: [&str; 3] = ["tests", "benches", "examples"];
/// Crates whose modules import one way.
const CRATES: [&str; 3] = ["src", "engine/src", "xtask/auth-server/src"];
/// Folders whose scripts import one way.
const SCRIPTS: [&str; 3] = ["src/", "engine/", "pkg/"];

/// A tracked file.
struct File {
    path: String,
    text: String,
    /// Without comments and texts.
    code: String,
    /// Without what only tests have, too.
    tested: String,
}

impl File {
    fn new(path: &str, text: &str) -> Self {
        let language = if path.ends_with(".rs") { Language::Rust } else { Language::JavaScript };
        let code = code::code(text, language, Texts::Blank);
        let tested = code::without_tests(&code);
        Self { path: path.to_owned(), text: text.to_owned(), code, tested }
    }

    fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    fn is_script(&self) -> bool {
        self.path.ends_with(".js") || self.path.ends_with(".mjs")
    }

    fn is_in(&self, folders: &[&str]) -> bool {
        folders.iter().any(|folder| self.path.split('/').next() == Some(folder))
    }
}

pub fn check() -> Result<()> {
    let files = tracked()?;
    let rooms: Vec<&File> = files.iter().filter(|file| file.is_in(&FOLDERS)).collect();
    let scripts: Vec<&File> =
        rooms.iter().copied().filter(|f| f.is_script() && SCRIPTS.iter().any(|s| f.path.starts_with(s))).collect();
    let mut wrong: Vec<String> = rooms.iter().filter_map(|file| shape::length(file)).collect();
    wrong.extend(rooms.iter().flat_map(|file| shape::widths(file)));
    let wide = files.iter().filter(|file| file.is_in(&WIDE)).flat_map(shape::widths).count();
    for rule in [words::bare_numbers, words::panics, words::browser_types] {
        wrong.extend(rooms.iter().flat_map(|file| rule(file)));
    }
    wrong.extend(CRATES.iter().flat_map(|folder| circles::circles(&rust::arrows(&rooms, folder))));
    wrong.extend(circles::circles(&script::arrows(&scripts)));
    println!("{} files, {} of them in {}", files.len(), rooms.len(), FOLDERS.join(", "));
    println!("{wide} lines are too long in {}", WIDE.join(", "));
    if !wrong.is_empty() {
        println!("{}", wrong.join("\n"));
        bail!("{} findings", wrong.len());
    }
    Ok(())
}

fn tracked() -> Result<Vec<File>> {
    let mut args = vec!["ls-files", "--"];
    args.extend(FOLDERS.iter().chain(&WIDE));
    let list = output("git", &args).context("git cannot list the files of this checkout")?;
    let ours = |path: &&str| [".rs", ".js", ".mjs", ".ts"].iter().any(|end| path.ends_with(end)) && *path != BUNDLED;
    let mut files = Vec::new();
    for path in list.lines().filter(ours) {
        // A file that is removed, and not yet committed so, is still listed.
        match fs::read_to_string(root().join(path)) {
            Ok(text) => files.push(File::new(path, &text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error).with_context(|| format!("reading {path}")),
        }
    }
    if files.len() < 100 {
        bail!("only {} files were found: the lists of folders are not right any more", files.len());
    }
    Ok(files)
}
