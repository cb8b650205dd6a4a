//! Figures, their medians and ratios, as a table and as JSON.

use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// One figure; the name carries the unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Figure {
    pub(crate) name: String,
    pub(crate) value: f64,
    /// In the JSON only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) detail: bool,
}

/// Figures in the order they are shown.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Figures(pub(crate) Vec<Figure>);

impl Figures {
    /// Adds one.
    pub(crate) fn add(&mut self, name: &str, value: f64) {
        self.0.push(Figure { name: name.to_owned(), value, detail: false });
    }

    /// Adds one that is not shown in the table.
    pub(crate) fn add_detail(&mut self, name: &str, value: f64) {
        self.0.push(Figure { name: name.to_owned(), value, detail: true });
    }

    /// The figure of that name.
    pub(crate) fn get(&self, name: &str) -> Option<f64> {
        self.0.iter().find(|figure| figure.name == name).map(|figure| figure.value)
    }

    /// Each figure of `self` divided by the same of `base`; those that `base` lacks or has as 0 are left out.
    pub(crate) fn ratio(&self, base: &Self) -> Self {
        let divided = self.0.iter().filter_map(|figure| {
            let divisor = base.get(&figure.name).filter(|&value| value != 0.0)?;
            Some(Figure { value: figure.value / divisor, ..figure.clone() })
        });
        Self(divided.collect())
    }

    /// The median of each figure of the first over all.
    fn median(all: &[Self]) -> Self {
        let first = all.first().map_or(&[][..], |figures| &figures.0);
        let medians = first.iter().map(|figure| {
            let mut values: Vec<f64> = all.iter().filter_map(|figures| figures.get(&figure.name)).collect();
            Figure { value: median(&mut values), ..figure.clone() }
        });
        Self(medians.collect())
    }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

/// The figures of one thing in one round, or over all rounds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) what: String,
    /// Absent over all rounds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) round: Option<u32>,
    pub(crate) figures: Figures,
}

/// A bound that a figure of the summary must keep.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Budget {
    what: String,
    figure: String,
    at_most: bool,
    bound: f64,
}

impl Budget {
    pub(crate) fn at_most(what: &str, figure: &str, bound: f64) -> Self {
        Self { what: what.to_owned(), figure: figure.to_owned(), at_most: true, bound }
    }

    pub(crate) fn at_least(what: &str, figure: &str, bound: f64) -> Self {
        Self { at_most: false, ..Self::at_most(what, figure, bound) }
    }

    fn verdict(&self, value: f64) -> String {
        let met = if self.at_most { value <= self.bound } else { value >= self.bound };
        let (sign, verdict) = (if self.at_most { "≤" } else { "≥" }, if met { "met" } else { "MISSED" });
        let Self { what, figure, bound, .. } = self;
        format!("budget: {what} {figure} {} {sign} {}: {verdict}", shown(value), shown(*bound))
    }
}

/// One run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) benchmark: String,
    /// Cores and kernel: figures of two machines are not compared lightly.
    machine: String,
    settings: serde_json::Value,
    rounds: Vec<Row>,
    pub(crate) summary: Vec<Row>,
    pub(crate) budgets: Vec<Budget>,
    /// What the server got wrong, if anything: the figures stand, but the run has failed.
    pub(crate) failure: Option<String>,
}

impl Report {
    /// Without rows.
    pub(crate) fn new(benchmark: &str, settings: &impl Serialize) -> Result<Self> {
        let settings = serde_json::to_value(settings)?;
        let (rounds, summary, budgets) = (Vec::new(), Vec::new(), Vec::new());
        let (benchmark, machine) = (benchmark.to_owned(), machine());
        Ok(Self { benchmark, machine, settings, rounds, summary, budgets, failure: None })
    }

    /// Adds what one round gave.
    pub(crate) fn add(&mut self, what: &str, round: u32, figures: Figures) {
        self.rounds.push(Row { what: what.to_owned(), round: Some(round), figures });
    }

    /// Medians of each thing over its rounds, and of its ratios to the row `baseline` of the same round: the machine
    /// drifts from round to round, and a ratio inside one does not.
    pub(crate) fn summarise(&mut self, baseline: &str) {
        let others: Vec<String> = self.names().into_iter().filter(|name| name != baseline).collect();
        let against: Vec<(&str, &str)> = others.iter().map(|name| (name.as_str(), baseline)).collect();
        self.summarise_against(&against);
    }

    /// The same with a baseline for each thing that has one.
    pub(crate) fn summarise_against(&mut self, against: &[(&str, &str)]) {
        let names = self.names();
        let mut summary: Vec<Row> = names.iter().map(|name| total(name, &self.figures_of(name))).collect();
        for (name, baseline) in against {
            let ratios = self.ratios(name, baseline);
            if !ratios.is_empty() {
                summary.push(total(&format!("{name}/{baseline}"), &ratios));
            }
        }
        self.summary = summary;
    }

    /// Everything that was measured, in its order.
    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for row in &self.rounds {
            if !names.contains(&row.what) {
                names.push(row.what.clone());
            }
        }
        names
    }

    fn figures_of(&self, name: &str) -> Vec<Figures> {
        self.rounds.iter().filter(|row| row.what == name).map(|row| row.figures.clone()).collect()
    }

    fn ratios(&self, name: &str, baseline: &str) -> Vec<Figures> {
        let base = |round| self.rounds.iter().find(|row| row.what == baseline && row.round == round);
        let own = self.rounds.iter().filter(|row| row.what == name);
        own.filter_map(|row| Some(row.figures.ratio(&base(row.round)?.figures))).collect()
    }

    /// Prints the summary and the verdicts.
    pub(crate) fn print(&self) {
        print!("{}", table(&self.summary));
        for budget in &self.budgets {
            let row = self.summary.iter().find(|row| row.what == budget.what);
            if let Some(value) = row.and_then(|row| row.figures.get(&budget.figure)) {
                println!("{}", budget.verdict(value));
            }
        }
    }

    /// Writes everything.
    pub(crate) fn write(&self, file: &Path) -> Result<()> {
        let json = serde_json::to_string_pretty(self)?;
        std::fs::write(file, json + "\n").with_context(|| format!("cannot write {}", file.display()))
    }

    /// Reads what [`Self::write`] wrote.
    pub(crate) fn read(file: &Path) -> Result<Self> {
        let json =
            std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        serde_json::from_str(&json)
            .with_context(|| format!("{} is not a report of this program", file.display()))
    }
}

fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!("{cores} cores, Linux {}", kernel.trim())
}

fn total(what: &str, all: &[Figures]) -> Row {
    Row { what: what.to_owned(), round: None, figures: Figures::median(all) }
}

/// A Markdown table of the rows: one line per figure, one column per row.
pub(crate) fn table(rows: &[Row]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for figure in rows.iter().flat_map(|row| &row.figures.0) {
        if !figure.detail && !names.contains(&figure.name.as_str()) {
            names.push(&figure.name);
        }
    }
    let line = |first: &str, cells: Vec<String>| format!("| {first:28} | {} |\n", cells.join(" | "));
    let columns = rows.iter().map(|row| format!("{:>17}", row.what)).collect();
    let rules = rows.iter().map(|_| "-".repeat(16) + ":").collect();
    let mut table = line("figure", columns) + &line(&"-".repeat(28), rules);
    for name in names {
        let cell = |row: &Row| format!("{:>17}", row.figures.get(name).map_or(String::new(), shown));
        table.push_str(&line(name, rows.iter().map(cell).collect()));
    }
    table
}

/// As many decimals as the size deserves.
fn shown(value: f64) -> String {
    match value.abs() {
        large if large >= 1_000.0 => format!("{value:.0}"),
        medium if medium >= 10.0 => format!("{value:.1}"),
        small if small >= 0.1 || small == 0.0 => format!("{value:.2}"),
        _ => format!("{value:.4}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(rate: f64, cpu: f64) -> Figures {
        let mut figures = Figures::default();
        figures.add("lifecycles/s", rate);
        figures.add("server CPU s/1k", cpu);
        figures
    }

    fn report() -> Report {
        let mut report = Report::new("lifecycle", &()).unwrap();
        for (round, relay, server) in
            [(1, 40_000.0, 20_000.0), (2, 20_000.0, 12_000.0), (3, 30_000.0, 21_000.0)]
        {
            report.add("relay", round, figures(relay, 0.02));
            report.add("server", round, figures(server, 0.03));
        }
        report.summarise("relay");
        report
    }

    #[test]
    fn ratios_are_taken_inside_a_round_and_their_median_is_told() {
        let summary = report().summary;
        let names: Vec<&str> = summary.iter().map(|row| row.what.as_str()).collect();
        assert_eq!(names, ["relay", "server", "server/relay"]);
        assert_eq!(summary[1].figures.get("lifecycles/s"), Some(20_000.0));
        assert_eq!(summary[2].figures.get("lifecycles/s"), Some(0.6));
        assert_eq!(summary[2].figures.get("server CPU s/1k"), Some(1.5));
    }

    #[test]
    fn medians_of_even_counts_lie_between() {
        assert!((median(&mut [4.0, 1.0, 3.0, 2.0]) - 2.5).abs() < 1e-9);
        assert!(median(&mut []).is_nan());
    }

    #[test]
    fn budgets_say_which_side_of_the_bound() {
        let cpu = Budget::at_most("server/relay", "server CPU s/1k", 2.0);
        assert!(cpu.verdict(1.5).ends_with("1.50 ≤ 2.00: met"));
        assert!(Budget::at_least("a", "b", 0.55).verdict(0.5).ends_with("0.50 ≥ 0.55: MISSED"));
    }

    #[test]
    fn a_report_is_read_back_and_details_stay_out_of_the_table() {
        let mut report = report();
        report.summary[0].figures.add_detail("thread x", 1.0);
        let json = serde_json::to_string(&report).unwrap();
        assert_eq!(serde_json::from_str::<Report>(&json).unwrap(), report);
        let table = table(&report.summary);
        assert_eq!(table.lines().count(), 4);
        assert!(
            table.contains("| server CPU s/1k              |            0.0200 |            0.0300 |"),
            "{table}"
        );
    }
}
