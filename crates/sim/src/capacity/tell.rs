//! Plans and judgements as text, for people.

use std::fmt;

use super::check::{Judged, TOLERANCE};
use super::plan::Plan;

/// "12,345", rounded; small numbers with one or two places.
fn number(value: f64) -> String {
    let places = match value {
        whole if whole.fract() == 0.0 || whole >= 100.0 => 0,
        tens if tens >= 10.0 => 1,
        _ => 2,
    };
    let text = format!("{value:.places$}");
    let (whole, rest) = text
        .split_once('.')
        .map_or((text.as_str(), String::new()), |(whole, rest)| (whole, format!(".{rest}")));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + &rest
}

/// What would need how many by itself, the first limit before the others.
fn limits(needs: &[(&'static str, f64)]) -> String {
    let mut needs = needs.to_vec();
    needs.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    let told: Vec<String> =
        needs.iter().map(|(what, needed)| format!("{what} {}", number(*needed))).collect();
    told.join(", ")
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (node, database) = (&self.node, &self.database);
        writeln!(f, "nodes: {} (each limit alone: {})", number(self.nodes), limits(&self.nodes_for))?;
        writeln!(f, "  CPUs in use on each        {}", number(node.cpus))?;
        writeln!(f, "  busy part of its writer    {}", number(node.writer))?;
        writeln!(f, "  memory, GB                 {}", number(node.gb))?;
        writeln!(f, "  commands of a commit       {}", number(node.batch))?;
        writeln!(
            f,
            "databases: {} (each limit alone: {})",
            number(self.databases),
            limits(&self.databases_for)
        )?;
        writeln!(f, "  CPUs in use on each        {}", number(database.cpus))?;
        writeln!(f, "  of these, for looking      {}", number(database.looking))?;
        writeln!(f, "  write-ahead log, MB/s      {}", number(database.wal_mb))?;
        writeln!(f, "  commits a second           {}", number(database.commits))?;
        writeln!(f, "  tables and indexes, GB     {}", number(database.kept_gb))?;
        writeln!(f, "  connections                {}", number(database.connections))?;
        writeln!(
            f,
            "NATS: {} CPUs, {} messages a second",
            number(self.nats_cpus),
            number(self.nats_messages)
        )?;
        write!(f, "open invitations: {}", number(self.open))
    }
}

impl fmt::Display for Judged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seen = &self.seen;
        let load = match seen.pairs {
            Some(pairs) => format!("{} pairs", number(pairs)),
            None => format!("{} a second", number(seen.rate)),
        };
        let verdict = if self.holds() { "" } else { ": **further off than that**" };
        write!(
            f,
            "{} nodes, {load}: {} µs told, {} measured ({:+.0} %; at most {:.0}{verdict}); commands of a commit {} told, {} measured",
            seen.layout.nodes(),
            number(self.cpu.all()),
            number(seen.cpu.all()),
            self.error() * 100.0,
            TOLERANCE * 100.0,
            number(self.batch),
            number(seen.batch),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_rounded() {
        let told = [0.25, 3.0, 12.345, 99.96, 999.0, 1_000.4, 12_345_678.0].map(number);
        assert_eq!(told, ["0.25", "3", "12.3", "100.0", "999", "1,000", "12,345,678"]);
    }
}
