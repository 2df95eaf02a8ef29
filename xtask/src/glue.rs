//! What wasm-bindgen generates around the wasm, cut down to what this package needs: bytes decide here.

use anyhow::{Context, Result, bail};

/// The glue with the names that wasm-opt gave, without a loader, and without what no browser of this package needs.
pub fn trim(glue: &str, names: &serde_json::Value) -> Result<String> {
    without_spare(&without_loader(&rename(&with_own_port(glue)?, names)?)?)
}

/// wasm-bindgen copies the crate's one file of the port beside the glue; the npm facade imports the modules that it is
/// written of. So does the glue from here on, or the package would have them twice.
fn with_own_port(glue: &str) -> Result<String> {
    const WRITTEN: &str = "/src/web/port.js";
    const MODULES: &str = "../../src/web/port/npm.js";
    let mut found = 0;
    let lines: Vec<String> = glue
        .lines()
        .map(|line| match line.split_once("from './snippets/") {
            Some((names, path)) if line.starts_with("import ") && path.contains(WRITTEN) => {
                found += 1;
                format!("{names}from '{MODULES}';")
            }
            _ => line.to_owned(),
        })
        .collect();
    if found == 0 {
        bail!("the glue does not import the port");
    }
    Ok(lines.join("\n") + "\n")
}

/// Applies the short names that wasm-opt gave imports and exports to the glue.
fn rename(glue: &str, names: &serde_json::Value) -> Result<String> {
    let mut text = glue.to_owned();
    let rows = |kind: &str| names[kind].as_array().cloned().unwrap_or_default();
    for row in rows("imports") {
        let (Some(old), Some(new)) = (row[1].as_str(), row[2].as_str()) else {
            continue;
        };
        text = replace_word(&text, &format!("{old}:"), &format!("\"{new}\":"))
            .with_context(|| format!("the glue has no import {old}: wasm-bindgen's output has changed"))?;
    }
    for row in rows("exports") {
        let (Some(old), Some(new)) = (row[0].as_str(), row[1].as_str()) else {
            continue;
        };
        // Some exports, like the memory, may be unused by the glue.
        for form in [format!("wasm.{old}"), format!("wasmInstance.exports.{old}")] {
            if let Some(replaced) = replace_word(&text, &form, &format!("wasm[\"{new}\"]")) {
                text = replaced;
            }
        }
    }
    replace_word(&text, "\"./relatch_bg.js\"", "\"a\"").context("the glue names no import module")
}

/// Replaces the text where it is not part of a longer name; `None` if it is nowhere.
fn replace_word(text: &str, from: &str, to: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut found = false;
    let in_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
    while let Some(at) = rest.find(from) {
        let (before, after) = (&rest[..at], &rest[at + from.len()..]);
        out.push_str(before);
        let whole = !before.ends_with(in_name) && !after.starts_with(in_name);
        out.push_str(if whole { to } else { from });
        found |= whole;
        rest = after;
    }
    out.push_str(rest);
    found.then_some(out)
}

/// The glue ends with several ways to load the wasm, for every case there is. The facade knows where its wasm comes
/// from, so it only takes the imports and gives back the instance.
fn without_loader(glue: &str) -> Result<String> {
    let end = glue
        .find("let wasmModule, wasmInstance, wasm;")
        .context("the glue's loader is not where it was: wasm-bindgen's output has changed")?;
    let (kept, loader) = glue.split_at(end);
    let start = loader
        .lines()
        .find(|line| line.trim_start().starts_with("wasm[\"") && line.ends_with("();"))
        .context("the glue does not start the wasm any more")?;
    Ok(format!(
        "{kept}let wasm;\nexport function start({{ instance }}) {{\n    wasm = instance.exports;\n{start}\n}}\n\
         export {{ __wbg_get_imports as imports }};\n"
    ))
}

/// The glue is written for browsers that this package's own code (ES2022) does not run in, and for users that free what
/// they made; the facade leaves that to the garbage collector.
fn without_spare(glue: &str) -> Result<String> {
    let mut text = glue.to_owned();
    let begin = "(typeof FinalizationRegistry === 'undefined')";
    while let Some(at) = text.find(begin) {
        let end = text[at..].find("new FinalizationRegistry(").context("the glue registers otherwise than it did")?;
        text.replace_range(at..at + end, "");
    }
    // What the port exports is there: the bundler looks.
    while let Some(at) = text.find(": typeof ") {
        let (ask, name) = (" == 'function' ? ", &text[at + ": typeof ".len()..]);
        let name = name.split_once(ask).context("the glue looks for a function otherwise than it did")?.0.to_owned();
        let end = text[at..].find(",\n").context("the glue's look for a function has no end")?;
        text.replace_range(at..at + end, &format!(": {name}"));
    }
    // Only the wasm calls these, never with `new`; those that catch an error look at their `arguments`.
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for line in lines.iter_mut().filter(|line| line.trim_start().starts_with('"') && !line.contains("handleError")) {
        if let Some((name, rest)) = line.split_once("\": function(")
            && let Some((arguments, rest)) = rest.split_once(") {")
        {
            *line = format!("{name}\": ({arguments}) => {{{rest}");
        }
    }
    text = lines.join("\n") + "\n";
    for (from, to) in [("    __destroy_into_raw() {", "    /**"), ("if (Symbol.dispose)", "\n")] {
        let at = text.find(from).with_context(|| format!("the glue has no `{from}`"))?;
        let end = text[at..].find(to).with_context(|| format!("the glue's `{from}` has no end"))?;
        text.replace_range(at..at + end, "");
    }
    with_plain_closures(&text)
}

/// A closure counts who is inside it, because its owner may drop it meanwhile. Ours is the port's for as long as the
/// port lives: what the collector frees is not running.
fn with_plain_closures(text: &str) -> Result<String> {
    let begin = text.find("function makeClosure(").context("the glue makes closures otherwise than it did")?;
    let end = begin + text[begin..].find("\n}\n").context("the glue's makeClosure has no end")?;
    let made = "function makeClosure(a, b, f) {\n    const real = (...args) => f(a, b, ...args);\n    \
                CLOSURE_DTORS.register(real, { a, b });\n    return real;";
    Ok(format!("{}{made}{}", &text[..begin], &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_names_are_renamed() {
        assert_eq!(replace_word("wasm.a(wasm.ab)", "wasm.a", "x").as_deref(), Some("x(wasm.ab)"));
        assert_eq!(replace_word("wasm.ab", "wasm.a", "x"), None);
    }

    #[test]
    fn the_port_is_imported_from_where_it_is_written() {
        let glue = "import { act } from './snippets/relatch-1f/src/web/port.js';\nlet a;";
        assert_eq!(
            with_own_port(glue).expect("it is there"),
            "import { act } from '../../src/web/port/npm.js';\nlet a;\n"
        );
        assert!(with_own_port("import { Other } from './port.js';").is_err());
    }

    #[test]
    fn what_no_browser_needs_is_cut_out_and_the_rest_stays() {
        let glue = "class A {\n    __destroy_into_raw() {\n        x;\n    }\n    free() {}\n    /** kept */\n\
            \x20   go() {}\n}\n\
            if (Symbol.dispose) A.free;\nconst R = (typeof FinalizationRegistry === 'undefined')\n\
            \x20   ? { register: () => {} }\n    : new FinalizationRegistry(f);\n\
            \"a\": function(arg0, arg1) {\n},\n\
            \"b\": function() { return handleError(function (arg0) {\n}, arguments); },\n\
            function makeClosure(arg0, arg1, f) {\n    counts;\n}\n";
        let kept = "class A {\n/** kept */\n    go() {}\n}\n\nconst R = new FinalizationRegistry(f);\n\
            \"a\": (arg0, arg1) => {\n},\n\
            \"b\": function() { return handleError(function (arg0) {\n}, arguments); },\n";
        let cut = without_spare(glue).expect("it is glue").replace("    /**", "/**");
        let (before, closure) = cut.split_once("function makeClosure").expect("it makes closures");
        assert_eq!(before, kept);
        assert!(
            closure.contains("register(real, { a, b })")
                && !closure.contains("counts")
                && closure.ends_with("real;\n}\n")
        );
        assert!(without_spare("const a = 1;").is_err());
    }
}
