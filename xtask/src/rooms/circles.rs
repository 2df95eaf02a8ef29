//! Which file takes something from which, and the circles among them.

use std::collections::{BTreeMap, BTreeSet};

/// The arrows that leave each file.
pub type Arrows = BTreeMap<String, BTreeSet<String>>;

/// One circle for each group of files that reach each other, written as a way from a file back to itself.
pub fn circles(arrows: &Arrows) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut circles = Vec::new();
    for start in arrows.keys() {
        if seen.contains(start) {
            continue;
        }
        if let Some(way) = way_back(arrows, start) {
            seen.extend(reached(arrows, start).into_iter().filter(|file| reached(arrows, file).contains(start)));
            circles.push(format!("a circle of imports: {}", way.join(" → ")));
        }
    }
    circles
}

/// The shortest way from the file to itself.
fn way_back<'a>(arrows: &'a Arrows, start: &'a str) -> Option<Vec<&'a str>> {
    let mut ways = vec![vec![start]];
    let mut seen = BTreeSet::new();
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for way in ways {
            for to in way.last().and_then(|last| arrows.get(*last)).into_iter().flatten() {
                let next = [&way[..], &[to.as_str()]].concat();
                if to == start {
                    return Some(next);
                }
                if seen.insert(to) {
                    longer.push(next);
                }
            }
        }
        ways = longer;
    }
    None
}

fn reached(arrows: &Arrows, start: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let mut open = vec![start.to_owned()];
    while let Some(file) = open.pop() {
        for to in arrows.get(&file).into_iter().flatten() {
            if all.insert(to.clone()) {
                open.push(to.clone());
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrows(pairs: &[(&str, &str)]) -> Arrows {
        let mut arrows = Arrows::new();
        for (from, to) in pairs {
            arrows.entry((*from).to_owned()).or_default().insert((*to).to_owned());
        }
        arrows
    }

    #[test]
    fn a_circle_is_named_once_by_its_shortest_way() {
        let found = circles(&arrows(&[("a", "b"), ("b", "c"), ("c", "a"), ("b", "a"), ("d", "a"), ("e", "e")]));
        assert_eq!(found, ["a circle of imports: a → b → a", "a circle of imports: e → e"]);
    }

    #[test]
    fn two_ways_to_one_file_are_no_circle() {
        assert!(circles(&arrows(&[("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")])).is_empty());
    }
}
