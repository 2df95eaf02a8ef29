//! Takes the panic messages out of a wasm module. The standard library comes compiled with code that formats what a
//! panic says. In the browser nobody reads it, for a panic ends in a trap either way. The bodies of the functions that
//! only lead there are replaced by the trap itself, and what they alone used falls away in wasm-opt.

use std::collections::HashSet;

use anyhow::{Context as _, Result, bail};
use wasm_encoder::reencode::{Reencode, utils};
use wasm_encoder::{CodeSection, Function, Module};
use wasmparser::{FunctionBody, KnownCustom, Name, Parser, Payload, TypeRef};

/// Functions that never return: what follows a call of theirs is a trap today, too.
const DIVERGING: [&str; 12] = [
    "core::panicking::",
    "core::cell::panic_already",
    "core::cell::lazy::panic_poisoned",
    "core::option::expect_failed",
    "core::option::unwrap_failed",
    "core::result::unwrap_failed",
    "std::panicking::",
    "alloc::alloc::handle_alloc_error",
    "alloc::raw_vec::handle_error",
    "alloc::raw_vec::capacity_overflow",
    "wasm_bindgen::throw_str",
    "wasm_bindgen::__wbindgen_throw",
];
/// What those alone call, through tables that no optimiser sees through.
const FORMATTING: [&str; 1] = ["core::fmt::"];

/// Tasks of futures, which Rust frontends alone have: the linker keeps their table of functions.
const TASKS: [&str; 3] =
    ["js_sys::futures::", "<js_sys::futures::", "core::ptr::drop_in_place<alloc::rc::Rc<js_sys::futures::"];

/// Where the paths of source files begin that a panic would name; they end in `.rs`.
const PATHS: [&str; 4] = ["/rustc/", "cargo/registry/src/", "src/web/", "engine/src/"];
/// What a panic would say.
const MESSAGES: [&str; 20] = [
    "finish: callbacks should be Some",
    "finish: result should be None",
    "attempted to take ownership of Rust value while it was borrowed",
    "recursive use of an object detected which would lead to unsafe aliasing in rust",
    "FnOnce called more than once",
    "capacity overflow",
    "LazyCell instance has previously been poisoned",
    "`async fn` resumed after completion",
    "RefCell already mutably borrowed",
    "RefCell already borrowed",
    "no window",
    "failed to get local_storage",
    "no local storage",
    "failed to get session_storage",
    "no session storage",
    "closure invoked recursively or after being dropped",
    "internal error: entered unreachable code",
    "null pointer passed to rust",
    "Tried to shrink to a larger capacity",
    "index out of bounds: the len is ",
];

/// Gives the module with those bodies replaced.
pub fn snip(wasm: &[u8]) -> Result<Vec<u8>> {
    let (imported, named) = functions(wasm)?;
    let named: Vec<(u32, String)> = named.into_iter().map(|(index, name)| (index, plain(&name))).collect();
    for (what, starts) in [("panics", &DIVERGING[..]), ("formats", &FORMATTING[..])] {
        if !named.iter().any(|(_, name)| begins(name, starts)) {
            bail!(
                "the module names no function that {what}: has it been stripped of names, or is the standard library \
                 another one? See {} in xtask/src/snip.rs",
                if what == "panics" { "DIVERGING" } else { "FORMATTING" }
            );
        }
    }
    let snipped: HashSet<u32> = named
        .into_iter()
        .filter(|(_, name)| is_cut(name))
        .filter_map(|(index, _)| index.checked_sub(imported))
        .collect();
    let mut module = Module::new();
    let mut snipper = Snipper { snipped, next: 0, blanked: 0 };
    snipper.parse_core_module(&mut module, Parser::new(0), wasm).context("reading the module")?;
    if snipper.blanked == 0 {
        bail!(
            "the module has no sentence of a panic: is the standard library another one? See MESSAGES in \
             xtask/src/snip.rs"
        );
    }
    Ok(module.finish())
}

fn is_cut(name: &str) -> bool {
    begins(name, &DIVERGING) || begins(name, &FORMATTING) || begins(name, &TASKS)
}

fn begins(name: &str, starts: &[&str]) -> bool {
    starts.iter().any(|start| name.starts_with(start))
}

/// The path without what stands around it: `<core[1f]::fmt::Formatter as …>::pad` begins with `core::fmt::Formatter`.
pub fn plain(name: &str) -> String {
    let name = rustc_demangle::demangle(name).to_string();
    let mut path = String::new();
    let mut depth = 0;
    for c in name.trim_start_matches('<').chars() {
        match c {
            '[' => depth += 1,
            ']' => depth -= 1,
            c if depth == 0 => path.push(c),
            _ => {}
        }
    }
    path
}

/// How many functions are imported, and all names of functions.
pub fn functions(wasm: &[u8]) -> Result<(u32, Vec<(u32, String)>)> {
    let (mut imported, mut named) = (0, Vec::new());
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CustomSection(section) => {
                let KnownCustom::Name(names) = section.as_known() else { continue };
                for subsection in names {
                    let Name::Function(map) = subsection? else { continue };
                    for naming in map {
                        let naming = naming?;
                        named.push((naming.index, naming.name.to_owned()));
                    }
                }
            }
            _ => {}
        }
    }
    Ok((imported, named))
}

struct Snipper {
    /// By their place in the code section.
    snipped: HashSet<u32>,
    next: u32,
    /// How many sentences were found.
    blanked: usize,
}

impl Reencode for Snipper {
    type Error = std::convert::Infallible;

    fn parse_data(
        &mut self,
        all: &mut wasm_encoder::DataSection,
        data: wasmparser::Data<'_>,
    ) -> Result<(), wasm_encoder::reencode::Error<Self::Error>> {
        let mut bytes = data.data.to_vec();
        self.blanked += blank(&mut bytes);
        utils::parse_data(self, all, wasmparser::Data { data: &bytes, ..data })
    }

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: FunctionBody<'_>,
    ) -> Result<(), wasm_encoder::reencode::Error<Self::Error>> {
        let index = self.next;
        self.next += 1;
        if !self.snipped.contains(&index) {
            return utils::parse_function_body(self, code, body);
        }
        let mut trap = Function::new([]);
        trap.instructions().unreachable().end();
        code.function(&trap);
        Ok(())
    }
}

/// Blanks the texts that only a panic would use: zeros cost next to nothing once compressed. Gives how
/// many sentences there were.
fn blank(data: &mut [u8]) -> usize {
    let mut messages = 0;
    for message in MESSAGES {
        while let Some(at) = find(data, message.as_bytes()) {
            data[at..at + message.len()].fill(0);
            messages += 1;
        }
    }
    for start in PATHS {
        while let Some(at) = find(data, start.as_bytes()) {
            let path = &mut data[at..];
            let end = find(path, b".rs").map_or(start.len(), |end| end + 3);
            path[..end].fill(0);
        }
    }
    messages
}

fn find(data: &[u8], text: &[u8]) -> Option<usize> {
    data.windows(text.len()).position(|window| window == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_by_where_they_live() {
        for (name, expected) in [
            ("_ZN4core9panicking9panic_fmt17h0123456789abcdefE", true),
            ("<core[c5930c85a12de822]::fmt::Formatter>::pad", true),
            ("std[a543996e6e7dbf1e]::panicking::panic_with_hook", true),
            ("relatch_engine::panicking::x", false),
            ("core::ptr::drop_in_place<core::fmt::Error>", false),
        ] {
            assert_eq!(is_cut(&plain(name)), expected, "{name}");
        }
    }

    /// A module with one function of this name, and these data.
    fn module(name: &str, data: &str) -> Vec<u8> {
        let mut module = Module::new();
        let mut types = wasm_encoder::TypeSection::new();
        types.ty().function([], []);
        let mut functions = wasm_encoder::FunctionSection::new();
        functions.function(0).function(0);
        let mut memories = wasm_encoder::MemorySection::new();
        memories.memory(wasm_encoder::MemoryType {
            minimum: 1,
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
        let mut codes = CodeSection::new();
        for _ in 0..2 {
            let mut body = Function::new([]);
            body.instructions().end();
            codes.function(&body);
        }
        let mut all = wasm_encoder::DataSection::new();
        all.active(0, &wasm_encoder::ConstExpr::i32_const(0), data.bytes());
        let (mut names, mut map) = (wasm_encoder::NameSection::new(), wasm_encoder::NameMap::new());
        map.append(0, name);
        map.append(1, "core::fmt::write");
        names.functions(&map);
        module.section(&types).section(&functions).section(&memories).section(&codes).section(&all).section(&names);
        module.finish()
    }

    #[test]
    fn a_standard_library_with_other_words_fails_the_build() {
        assert!(snip(&module("core::panicking::panic_fmt", "capacity overflow")).is_ok());
        let error = |name, data| snip(&module(name, data)).expect_err("it is another library").to_string();
        assert!(error("core::panics::panic_fmt", "capacity overflow").contains("DIVERGING"));
        assert!(error("core::panicking::panic_fmt", "overflow of capacity").contains("MESSAGES"));
    }

    #[test]
    fn only_what_a_panic_would_say_is_blanked() {
        let mut data = b"error/rustc/0a1b/library/core/src/cell.rsacr_valuesno windowmax_age".to_vec();
        assert_eq!(blank(&mut data), 1);
        let left: Vec<&[u8]> = data.split(|b| *b == 0).filter(|run| !run.is_empty()).collect();
        assert_eq!(left, [&b"error"[..], b"acr_values", b"max_age"]);
    }
}
