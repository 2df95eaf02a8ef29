//! Tables in Markdown, figures in JSON, charts in SVG.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use plotters::prelude::*;
use serde::Serialize;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

#[derive(Default, Serialize)]
pub struct Report {
    pub engines: u32,
    pub tables: Vec<Table>,
    pub claims: Vec<Claim>,
    #[serde(skip)]
    pub charts: Vec<Chart>,
}

#[derive(Serialize)]
pub struct Claim {
    pub what: String,
    pub holds: bool,
    pub value: f64,
}

#[derive(Serialize)]
pub struct Table {
    pub title: &'static str,
    pub about: &'static str,
    pub columns: Vec<&'static str>,
    pub rows: Vec<Vec<String>>,
}

pub struct Chart {
    pub file: &'static str,
    pub title: &'static str,
    pub lines: Vec<Line>,
    pub logarithmic: bool,
}

pub struct Line {
    name: String,
    /// Minutes and events per second.
    points: Vec<(f64, f64)>,
}

impl Table {
    pub fn new(title: &'static str, about: &'static str, columns: &[&'static str]) -> Self {
        Table { title, about, columns: columns.to_vec(), rows: Vec::new() }
    }

    pub fn row(&mut self, row: Vec<String>) {
        assert_eq!(row.len(), self.columns.len(), "a row of {} has as many cells as columns", self.title);
        self.rows.push(row);
    }

    fn markdown(&self) -> String {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let head: Vec<String> = self.columns.iter().map(|c| (*c).to_owned()).collect();
        let mut text = format!("## {}\n\n{}\n\n{}|", self.title, self.about, line(&head));
        text.push_str(&"---|".repeat(self.columns.len()));
        text.push('\n');
        self.rows.iter().for_each(|row| text.push_str(&line(row)));
        text
    }
}

impl Chart {
    pub fn new(file: &'static str, title: &'static str) -> Self {
        Chart { file, title, lines: Vec::new(), logarithmic: false }
    }

    fn draw(&self, path: &Path) -> Result<()> {
        let points = || self.lines.iter().flat_map(|l| &l.points);
        let right = points().map(|p| p.0).fold(0.0, f64::max);
        let top = points().map(|p| p.1).fold(1.0, f64::max) * 1.2;
        let root = SVGBackend::new(path, (960, 420)).into_drawing_area();
        root.fill(&WHITE)?;
        let mut builder = ChartBuilder::on(&root);
        builder.caption(self.title, ("sans-serif", 17)).margin(12).x_label_area_size(36).y_label_area_size(64);
        macro_rules! chart {
            ($axis:expr) => {{
                let mut chart = builder.build_cartesian_2d(0.0..right, $axis)?;
                chart.configure_mesh().x_desc("minutes").y_desc("per second").light_line_style(WHITE).draw()?;
                for (i, line) in self.lines.iter().enumerate() {
                    let color = Palette99::pick(i).to_rgba();
                    chart
                        .draw_series(LineSeries::new(line.points.iter().copied(), color.stroke_width(2)))?
                        .label(&line.name)
                        .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], color.stroke_width(3)));
                }
                let labels = chart.configure_series_labels().background_style(WHITE).border_style(BLACK).draw();
                labels?;
            }};
        }
        if self.logarithmic {
            chart!((1.0..top).log_scale());
        } else {
            chart!(0.0..top);
        }
        root.present()?;
        Ok(())
    }
}

impl Line {
    /// Ten seconds to a point: the busiest of them, so that no peak is lost.
    pub fn per_second(name: &str, load: &[u32]) -> Self {
        let busiest = |w: &[u32]| f64::from(w.iter().copied().max().unwrap_or(0).max(1));
        let points = load.chunks(10).enumerate().map(|(i, w)| (i as f64 / 6.0, busiest(w))).collect();
        Line { name: name.to_owned(), points }
    }
}

impl Report {
    pub fn claim(&mut self, what: &str, holds: bool, value: f64) {
        self.claims.push(Claim { what: what.to_owned(), holds, value });
    }

    pub fn broken(&self) -> Vec<&Claim> {
        self.claims.iter().filter(|c| !c.holds).collect()
    }

    pub fn write(&self, folder: &Path) -> Result<String> {
        fs::create_dir_all(folder)?;
        let mut text = format!(
            "# A million clients\n\nMade by `cargo xtask fleet`: {} engines of relatch in one process, the very code that \
             ships, against a simulated auth service on a virtual clock. The same figures in [fleet.json](fleet.json).\n\n",
            count(f64::from(self.engines))
        );
        for table in &self.tables {
            writeln!(text, "{}", table.markdown())?;
        }
        for chart in &self.charts {
            chart.draw(&folder.join(format!("{}.svg", chart.file)))?;
            writeln!(text, "![{}]({}.svg)\n", chart.title, chart.file)?;
        }
        let held = self.claims.len() - self.broken().len();
        writeln!(text, "## What must hold\n\n{held} of {} claims hold.\n", self.claims.len())?;
        for claim in self.broken() {
            writeln!(text, "- broken: {} ({})", claim.what, claim.value)?;
        }
        fs::write(folder.join("README.md"), text.trim_end().to_owned() + "\n")?;
        fs::write(folder.join("fleet.json"), serde_json::to_string_pretty(self)? + "\n")?;
        Ok(text)
    }
}

pub fn ratio(value: f64) -> String {
    format!("{value:.2}")
}

/// With a space between thousands.
pub fn count(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}
