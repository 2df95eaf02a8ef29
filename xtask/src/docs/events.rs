//! docs/observing.md has a row for each event, and for no other. (That each has its type is a test of the border.)

use std::fs;

use anyhow::{Context, Result};

use crate::border;
use crate::run::root;

const PAGE: &str = "docs/observing.md";

pub fn check(wrong: &mut Vec<String>) -> Result<()> {
    let page = fs::read_to_string(root().join(PAGE)).with_context(|| format!("reading {PAGE}"))?;
    let (found, known) = (rows(&page), border::events());
    wrong.extend(known.iter().filter(|name| !found.contains(name)).map(|name| format!("{PAGE}: no event {name}")));
    let strange = found.iter().filter(|name| !known.contains(name));
    wrong.extend(strange.map(|name| format!("{PAGE}: there is no event {name}")));
    Ok(())
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
    fn events_are_the_first_cells_of_their_table_alone() {
        let page = "| other |\n|---|\n| `x` |\n\n\
                    | event | its detail |\n|---|---|\n| `held` | `call` |\n| `failed` | x |\n\n| `y` |";
        assert_eq!(rows(page), ["held", "failed"]);
        assert_eq!(rows("no table"), [""; 0]);
    }
}
