//! What the nodes count themselves, from /metrics.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

/// A node that is busy answers in milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// Counters by name, their labels added up.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Counts(BTreeMap<String, f64>);

impl Counts {
    /// As the node there tells them.
    pub(crate) fn of(address: SocketAddr) -> Result<Self> {
        let answer = get(address).with_context(|| format!("cannot read http://{address}/metrics"))?;
        let (head, body) = answer.split_once("\r\n\r\n").context("an answer without an end of its head")?;
        ensure!(head.starts_with("HTTP/1.1 200"), "http://{address}/metrics is refused: {head}");
        Ok(Self::parse(body))
    }

    /// Adds another node's.
    pub(crate) fn add(&mut self, other: &Self) {
        for (name, value) in &other.0 {
            *self.0.entry(name.clone()).or_default() += value;
        }
    }

    /// What was counted since `earlier`.
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        let part = |(name, now): (&String, &f64)| (name.clone(), now - earlier.get(name));
        Self(self.0.iter().map(part).collect())
    }

    /// The counter of that name, 0 when there is none.
    pub(crate) fn get(&self, name: &str) -> f64 {
        self.0.get(name).copied().unwrap_or_default()
    }

    /// Lines such as `name{label="x"} 3.0`; buckets are left out.
    pub(crate) fn parse(text: &str) -> Self {
        let mut counts = Self::default();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let Some((name, value)) = line.rsplit_once(' ') else { continue };
            let name = name.split('{').next().unwrap_or(name);
            if let (false, Ok(value)) = (name.ends_with("_bucket"), value.parse::<f64>()) {
                *counts.0.entry(name.to_owned()).or_default() += value;
            }
        }
        counts
    }
}

fn get(address: SocketAddr) -> Result<String> {
    let mut socket = TcpStream::connect_timeout(&address, PATIENCE)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    let request = format!("GET /metrics HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    socket.write_all(request.as_bytes())?;
    let mut answer = String::new();
    socket.read_to_string(&mut answer)?;
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_added_up_and_nodes_too() {
        let text = "# HELP a\na{x=\"1\"} 2\na{x=\"2\"} 3.5\nb_sum 4.0\nb_bucket{le=\"1\"} 9\n# EOF\n";
        let mut counts = Counts::parse(text);
        assert_eq!((counts.get("a"), counts.get("b_sum"), counts.get("b_bucket")), (5.5, 4.0, 0.0));
        let earlier = counts.clone();
        counts.add(&Counts::parse("a 1\nc 2\n"));
        let since = counts.since(&earlier);
        assert_eq!((since.get("a"), since.get("b_sum"), since.get("c")), (1.0, 0.0, 2.0));
    }
}
