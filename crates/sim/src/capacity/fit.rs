//! Finds what makes up the CPU of a lifecycle, from several loads and layouts.

use std::fmt;

use super::bench::{Layout, Observation, Run};
use super::costs::{Commit, Costs, Cpu, Share};

/// What is to be found: the fields of [`Cpu`].
const UNKNOWN: usize = 3;

/// A run that says too little.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotFitted;

impl fmt::Display for NotFitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("costs need one node and a cluster in the same run: `wigwag-bench cluster --on postgres,cluster:2 --json FILE`")
    }
}

/// `known`, with the CPU of the run, and how long its batches took. With least squares; what comes out below nothing is nothing.
///
/// Only one node and the smallest cluster are taken, so that larger ones are left to be told beforehand.
pub fn fit(run: &Run, known: &Costs) -> Result<Costs, NotFitted> {
    let clusters = run.observations.iter().filter(|seen| seen.layout != Layout::Alone);
    let smallest = clusters.map(|seen| seen.layout.nodes()).min().ok_or(NotFitted)?;
    let taken = |seen: &&Observation| seen.layout.nodes() <= smallest;
    let seen: Vec<&Observation> = run.observations.iter().filter(taken).collect();
    if !seen.iter().any(|seen| seen.layout == Layout::Alone) {
        return Err(NotFitted);
    }
    let nats = mean(seen.iter().filter(|seen| seen.layout != Layout::Alone).map(|seen| seen.cpu.nats));
    Ok(Costs {
        node: least_squares(&seen, |cpu| cpu.node),
        postgres: least_squares(&seen, |cpu| cpu.postgres),
        nats,
        commit: waits(&seen),
        ..*known
    })
}

/// The line through how long batches took, by what was in them.
fn waits(seen: &[&Observation]) -> Commit {
    let batch = mean(seen.iter().map(|one| one.batch));
    let wait = mean(seen.iter().map(|one| one.commit_ms()));
    let both: f64 = seen.iter().map(|one| (one.batch - batch) * (one.commit_ms() - wait)).sum();
    let spread: f64 = seen.iter().map(|one| (one.batch - batch).powi(2)).sum();
    let command_ms = if spread > 0.0 { (both / spread).max(0.0) } else { 0.0 };
    Commit { ms: (wait - command_ms * batch).max(0.0), command_ms }
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    sum / count
}

fn least_squares(seen: &[&Observation], part: fn(&Share) -> f64) -> Cpu {
    let mut left_out = [false; UNKNOWN];
    loop {
        let found = solved(seen, part, left_out);
        match (0..UNKNOWN).find(|&one| found[one] < 0.0) {
            Some(negative) => left_out[negative] = true,
            None => return Cpu { lifecycle: found[0], commit: found[1], crossing: found[2] },
        }
    }
}

/// The normal equations, each observation divided by what it measured, so that a part of it is a part of it at every load.
fn solved(seen: &[&Observation], part: fn(&Share) -> f64, left_out: [bool; UNKNOWN]) -> [f64; UNKNOWN] {
    let (mut matrix, mut right) = ([[0.0; UNKNOWN]; UNKNOWN], [0.0; UNKNOWN]);
    for one in seen.iter().filter(|one| part(&one.cpu) > 0.0) {
        let weight = 1.0 / part(&one.cpu);
        let row = [1.0, one.commits(), one.layout.crossing()].map(|factor| factor * weight);
        for (i, factor) in row.iter().enumerate().filter(|(i, _)| !left_out[*i]) {
            for (j, other) in row.iter().enumerate().filter(|(j, _)| !left_out[*j]) {
                matrix[i][j] += factor * other;
            }
            right[i] += factor;
        }
    }
    eliminated(matrix, right)
}

/// Gauss and Jordan; what no equation speaks of is 0.
fn eliminated(mut matrix: [[f64; UNKNOWN]; UNKNOWN], mut right: [f64; UNKNOWN]) -> [f64; UNKNOWN] {
    for pivot in 0..UNKNOWN {
        let divisor = matrix[pivot][pivot];
        if divisor.abs() < 1e-12 {
            (matrix[pivot], right[pivot]) = ([0.0; UNKNOWN], 0.0);
            continue;
        }
        let (base, value) = (matrix[pivot].map(|factor| factor / divisor), right[pivot] / divisor);
        for row in 0..UNKNOWN {
            let times = if row == pivot { matrix[row][pivot] - 1.0 } else { matrix[row][pivot] };
            for (cell, factor) in matrix[row].iter_mut().zip(base) {
                *cell -= times * factor;
            }
            right[row] -= times * value;
        }
    }
    right
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(layout: Layout, batch: f64, costs: &Costs) -> Observation {
        let cpu = costs.share(2.0 / batch, layout.crossing());
        Observation { layout, pairs: None, rate: 500.0, batch, cpu }
    }

    #[test]
    fn what_a_run_is_made_of_is_found_again() {
        let known = Costs::measured();
        let cpu = |lifecycle, commit, crossing| Cpu { lifecycle, commit, crossing };
        let made =
            Costs { node: cpu(70.0, 500.0, 20.0), postgres: cpu(90.0, 700.0, 0.0), nats: 12.0, ..known };
        let both = [Layout::Alone, Layout::Cluster(2)];
        let observations =
            both.iter().flat_map(|&layout| [80.0, 10.0].map(|batch| seen(layout, batch, &made)));
        let found = fit(&Run { observations: observations.collect() }, &known).unwrap();
        for (found, made) in [(found.node, made.node), (found.postgres, made.postgres)] {
            let far = |found: f64, made: f64| (found - made).abs() > 0.01;
            let wrong = far(found.lifecycle, made.lifecycle) || far(found.commit, made.commit);
            assert!(!wrong && !far(found.crossing, made.crossing), "{found:?} {made:?}");
        }
        assert!((found.nats - 12.0).abs() < 0.01, "{}", found.nats);
        // 80 and 10 commands at 500 lifecycles a second of one node, and of each of two half of that: 80, 10, 160 and 20 ms.
        assert!(
            (found.commit.ms).abs() < 0.01 && (found.commit.command_ms - 1.5).abs() < 0.01,
            "{:?}",
            found.commit
        );
    }

    #[test]
    fn a_run_without_a_cluster_or_without_a_node_alone_says_too_little() {
        let known = Costs::measured();
        for layout in [Layout::Alone, Layout::Cluster(3)] {
            let run = Run { observations: vec![seen(layout, 50.0, &known), seen(layout, 5.0, &known)] };
            assert_eq!(fit(&run, &known), Err(NotFitted));
        }
    }
}
