//! `compare`: two reports of the same benchmark, side by side.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::Args;

use crate::report::{Report, Row, table};

/// Options of `compare`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The earlier report
    a: PathBuf,
    /// The later report
    b: PathBuf,
}

/// Prints, for each row that both have, the figures of both and B divided by A.
pub(crate) fn run(options: &Options) -> Result<()> {
    let (a, b) = (Report::read(&options.a)?, Report::read(&options.b)?);
    ensure!(a.benchmark == b.benchmark, "{} cannot be compared with {}", a.benchmark, b.benchmark);
    for (before, after) in pairs(&a.summary, &b.summary) {
        println!("{} {}", a.benchmark, before.what);
        print!("{}", table(&side_by_side(before, after)));
    }
    Ok(())
}

fn pairs<'a>(a: &'a [Row], b: &'a [Row]) -> Vec<(&'a Row, &'a Row)> {
    a.iter().filter_map(|row| Some((row, b.iter().find(|other| other.what == row.what)?))).collect()
}

fn side_by_side(before: &Row, after: &Row) -> [Row; 3] {
    let column = |what: &str, figures| Row { what: what.to_owned(), round: None, figures };
    let ratio = after.figures.ratio(&before.figures);
    [column("A", before.figures.clone()), column("B", after.figures.clone()), column("B/A", ratio)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Figures;

    fn row(what: &str, value: f64) -> Row {
        let mut figures = Figures::default();
        figures.add("p99 µs", value);
        Row { what: what.to_owned(), round: None, figures }
    }

    #[test]
    fn rows_of_one_name_are_compared() {
        let (a, b) = ([row("relay", 10.0), row("gone", 1.0)], [row("new", 1.0), row("relay", 15.0)]);
        let pairs = pairs(&a, &b);
        assert_eq!(pairs.len(), 1);
        let [_, _, ratio] = side_by_side(pairs[0].0, pairs[0].1);
        assert_eq!(ratio.figures.get("p99 µs"), Some(1.5));
    }
}
