//! How long a file and a line may be.

use super::File;

const LINES: usize = 300;
const COLUMNS: usize = 120;
/// The types of the package are one file, because editors show them as one.
const LONG: &str = "pkg/index.d.ts";

pub fn length(file: &File) -> Option<String> {
    let lines = file.text.lines().count();
    (lines > LINES && file.path != LONG).then(|| format!("{}: {lines} lines, {LINES} at most", file.path))
}

pub fn widths(file: &File) -> Vec<String> {
    let wide = |line: &str| Some(line.chars().count()).filter(|columns| *columns > COLUMNS);
    let lines = file.text.lines().enumerate();
    lines
        .filter_map(|(at, line)| Some(format!("{}:{}: {} columns, {COLUMNS} at most", file.path, at + 1, wide(line)?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_may_have_300_lines_and_no_more() {
        let file = |path: &str, lines: usize| File::new(path, &"x\n".repeat(lines));
        assert_eq!(length(&file("src/a.rs", 300)), None);
        assert_eq!(length(&file("src/a.rs", 301)).as_deref(), Some("src/a.rs: 301 lines, 300 at most"));
        assert_eq!(length(&file(LONG, 301)), None);
    }

    #[test]
    fn a_line_may_have_120_columns_and_no_more() {
        let file = |columns: usize| File::new("pkg/a.js", &format!("x\n{}\n", "é".repeat(columns)));
        assert!(widths(&file(120)).is_empty());
        assert_eq!(widths(&file(121)), ["pkg/a.js:2: 121 columns, 120 at most"]);
    }
}
