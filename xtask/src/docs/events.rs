//! Each event that the engine dispatches has its type in pkg/index.d.ts and its row in docs/observing.md, and no other has.

use std::fs;

use anyhow::{Context, Result};
use relatch_engine::limits::EventName;

use crate::run::root;

const TYPES: &str = "pkg/index.d.ts";
const PAGE: &str = "docs/observing.md";

pub fn check(wrong: &mut Vec<String>) -> Result<()> {
    let read = |path: &str| fs::read_to_string(root().join(path)).with_context(|| format!("reading {path}"));
    let (types, page) = (read(TYPES)?, read(PAGE)?);
    for (place, found) in [(TYPES, typed(&types)), (PAGE, rows(&page))] {
        let known = EventName::ALL.map(EventName::as_str);
        wrong.extend(known.iter().filter(|name| !found.contains(name)).map(|name| format!("{place}: no event {name}")));
        let strange = found.iter().filter(|name| !known.contains(name));
        wrong.extend(strange.map(|name| format!("{place}: the engine has no event {name}")));
    }
    Ok(())
}

/// The members of the map of events.
fn typed(text: &str) -> Vec<&str> {
    let body = text.split_once("export interface SessionEventMap {").and_then(|(_, rest)| rest.split_once("\n}"));
    let members = body.map_or("", |(body, _)| body).lines().filter_map(|line| line.split_once(": CustomEvent<"));
    members.map(|(name, _)| name.trim().trim_matches('"')).collect()
}

/// The first cells of the table of events.
fn rows(text: &str) -> Vec<&str> {
    let table = text.lines().skip_while(|line| !line.starts_with("| event |")).skip(2);
    let rows = table.take_while(|line| line.starts_with('|'));
    rows.filter_map(|line| line.split('`').nth(1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_from_the_types_and_from_the_table() {
        let types = "interface A {\n  x: CustomEvent<{}>;\n}\nexport interface SessionEventMap {\n  /** One. */\n  \
                     held: CustomEvent<{ a: 1 }>;\n  \"step-up\": CustomEvent<StepUp>;\n}\n";
        assert_eq!(typed(types), ["held", "step-up"]);
        let page = "| other |\n|---|\n| `x` |\n\n| event | says |\n|---|---|\n| `held` | `call` |\n| `failed` | x |\n\n| `y` |";
        assert_eq!(rows(page), ["held", "failed"]);
        assert_eq!(typed("nothing"), [""; 0]);
    }
}
