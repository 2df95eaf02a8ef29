//! Words that have no place in some rooms: bare numbers at the border, panics, and browser types in the engine.

use super::File;

const OPERATORS: [&str; 4] = ["===", "!==", "==", "&"];
const NUMBERED: [&str; 5] = ["kind", "event", "outcome", "bits", "status_kind"];
const PLACES: [&str; 2] = ["row[", "args["];
const PANICS: [&str; 5] = [".unwrap()", ".expect(", "panic!", "unreachable!", "todo!"];
const BROWSER: [&str; 4] = ["js_sys", "web_sys", "wasm_bindgen", "JsValue"];

/// Numbers without a name where Rust and JavaScript meet. `wire.rs` and `wire.js` are where they get their names.
pub fn bare_numbers(file: &File) -> Vec<String> {
    let name = file.path.rsplit('/').next().unwrap_or_default();
    let shell = file.path.starts_with("src/web/") && (file.is_rust() || file.is_script());
    let facade = file.path.starts_with("pkg/") && file.path.matches('/').count() == 1 && name.ends_with(".js");
    if !(shell || facade) || matches!(name, "wire.rs" | "wire.js") {
        return Vec::new();
    }
    found(file, &file.code, |line| {
        if is_arm(line.trim_start()) {
            return Some("match");
        }
        PLACES
            .iter()
            .find(|place| after(line, place).any(is_number))
            .copied()
            .or_else(|| NUMBERED.iter().find(|word| after(line, word).any(compares)).copied())
    })
    .into_iter()
    .map(|(at, what)| format!("{at}: a number without a name at `{what}`"))
    .collect()
}

/// Panics in what runs in a user's page: a panic there ends in a trap.
pub fn panics(file: &File) -> Vec<String> {
    if !file.is_rust() || !(file.path.starts_with("src/") || file.path.starts_with("engine/src/")) {
        return Vec::new();
    }
    let found = found(file, &file.tested, |line| PANICS.iter().find(|word| line.contains(*word)).copied());
    found.into_iter().map(|(at, what)| format!("{at}: `{what}` can panic")).collect()
}

/// The engine runs, and is tested, natively.
pub fn browser_types(file: &File) -> Vec<String> {
    if !file.is_rust() || !file.path.starts_with("engine/src/") {
        return Vec::new();
    }
    let found = found(file, &file.code, |line| BROWSER.iter().find(|word| line.contains(*word)).copied());
    found.into_iter().map(|(at, what)| format!("{at}: the engine names `{what}`")).collect()
}

/// The place of each line in which the rule finds something, and what.
fn found<'a>(file: &File, code: &str, rule: impl Fn(&str) -> Option<&'a str>) -> Vec<(String, &'a str)> {
    let lines = code.lines().enumerate();
    lines.filter_map(|(at, line)| Some((format!("{}:{}", file.path, at + 1), rule(line)?))).collect()
}

/// What follows each occurrence of the word.
fn after<'a>(line: &'a str, word: &'a str) -> impl Iterator<Item = &'a str> {
    line.match_indices(word).map(move |(at, _)| &line[at + word.len()..])
}

fn is_number(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

/// `3 =>` of a `match`, `case 3:` of a `switch`.
fn is_arm(line: &str) -> bool {
    let pattern = line.split_once("=>").map(|(pattern, _)| pattern.trim_end());
    pattern.is_some_and(|p| is_number(p) && p.chars().all(|c| c.is_ascii_digit() || " |.=".contains(c)))
        || line.strip_prefix("case ").is_some_and(is_number)
}

/// An operator, and then a number.
fn compares(text: &str) -> bool {
    let text = text.trim_start();
    OPERATORS.iter().any(|o| text.strip_prefix(o).is_some_and(|rest| is_number(rest.trim_start())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_at_the_border_needs_a_name() {
        for bad in [
            "if (kind === 3) x;",
            "y = bits & 4;",
            "row[2]",
            "args[0] = 1",
            "outcome == 1",
            "#event!==2",
            "case 3:",
            "  0 | 1 => x,",
        ] {
            assert_eq!(bare_numbers(&File::new("src/web/a.js", bad)).len(), 1, "{bad}");
            assert_eq!(bare_numbers(&File::new("pkg/a.js", bad)).len(), 1, "{bad}");
        }
        for good in ["kind === KIND.GET", "row[ROW.URL]", "// kind === 3", "kinds.length === 3", "kind = 3", "x => 3"] {
            assert_eq!(bare_numbers(&File::new("src/web/a.js", good)), [""; 0], "{good}");
        }
        for elsewhere in ["src/web/wire.js", "src/web/wire.rs", "www/a.js", "pkg/a.d.ts"] {
            assert_eq!(bare_numbers(&File::new(elsewhere, "kind === 3")), [""; 0], "{elsewhere}");
        }
    }

    #[test]
    fn what_is_shipped_does_not_panic() {
        let bad = File::new("src/web/a.rs", "fn a() {\n    b.unwrap();\n    c.expect(\"d\");\n    todo!()\n}");
        assert_eq!(panics(&bad)[0], "src/web/a.rs:2: `.unwrap()` can panic");
        assert_eq!(panics(&bad).len(), 3);
        let good = "/// Never calls panic!\nfn a() { \"todo!\"; b.unwrap_or(1) }\n#[cfg(test)]\nfn c() { d.unwrap() }";
        assert_eq!(panics(&File::new("engine/src/a.rs", good)), [""; 0]);
        assert_eq!(panics(&File::new("xtask/src/a.rs", "a.unwrap()")), [""; 0]);
    }

    #[test]
    fn the_engine_knows_no_browser() {
        let text = "use wasm_bindgen::prelude::*;";
        assert_eq!(
            browser_types(&File::new("engine/src/a.rs", text)),
            ["engine/src/a.rs:1: the engine names `wasm_bindgen`"]
        );
        assert_eq!(browser_types(&File::new("src/web/a.rs", text)), [""; 0]);
        assert_eq!(browser_types(&File::new("engine/src/a.rs", "// a JsValue elsewhere")), [""; 0]);
    }
}
