//! Reads what `wigwag-bench cluster --json` has written.

use serde::Deserialize;

use super::batches::OF_A_LIFECYCLE;
use super::costs::Share;

/// What was measured on. In a cluster the two users of a pair are on different nodes, so every event crosses the bus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// One node on PostgreSQL, without a bus.
    Alone,
    /// So many nodes on PostgreSQL and NATS.
    Cluster(u32),
}

impl Layout {
    /// As `wigwag-bench` names it; `None` for what the model does not speak of.
    fn named(name: &str) -> Option<Self> {
        match name.split_once(':') {
            None if name == "postgres" => Some(Self::Alone),
            Some(("cluster", nodes)) => nodes.parse().ok().map(Self::Cluster),
            None | Some(_) => None,
        }
    }

    /// How many nodes.
    #[must_use]
    pub fn nodes(self) -> u32 {
        match self {
            Self::Alone => 1,
            Self::Cluster(nodes) => nodes,
        }
    }

    /// Which part of the events is for a device on another node.
    #[must_use]
    pub fn crossing(self) -> f64 {
        match self {
            Self::Alone => 0.0,
            Self::Cluster(_) => 1.0,
        }
    }
}

/// One layout at one load, in the median of its rounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// What was measured.
    pub layout: Layout,
    /// Pairs of users with a lifecycle under way each; `None` when lifecycles began at a fixed rate.
    pub pairs: Option<f64>,
    /// Lifecycles a second, of all nodes.
    pub rate: f64,
    /// Commands of a commit.
    pub batch: f64,
    /// CPU per lifecycle, µs.
    pub cpu: Share,
}

/// A run of `wigwag-bench cluster`.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Each layout at saturation, and at half of it.
    pub observations: Vec<Observation>,
}

#[derive(Deserialize)]
struct Report {
    settings: Settings,
    summary: Vec<Row>,
}

#[derive(Deserialize)]
struct Settings {
    pairs: f64,
}

#[derive(Deserialize)]
struct Row {
    what: String,
    figures: Vec<Figure>,
}

#[derive(Deserialize)]
struct Figure {
    name: String,
    value: f64,
}

impl Row {
    fn get(&self, name: &str) -> Result<f64, String> {
        let found = self.figures.iter().find(|figure| figure.name == name);
        let what = &self.what;
        found.map(|figure| figure.value).ok_or_else(|| {
            format!(
                "the run has no \"{name}\" of {what}: was it made by `wigwag-bench cluster` of this version?"
            )
        })
    }

    /// `when`: what the names of the figures begin with.
    fn observed(
        &self,
        layout: Layout,
        pairs: Option<f64>,
        rate: f64,
        when: &str,
    ) -> Result<Observation, String> {
        let figure = |name: &str| self.get(&format!("{when}{name}"));
        // Seconds for 1,000 lifecycles are milliseconds for one.
        let micros = |name: &str| Ok::<f64, String>(figure(name)? * 1_000.0);
        let nats = match layout {
            Layout::Alone => 0.0,
            Layout::Cluster(_) => micros("nats CPU s/1k")?,
        };
        let cpu = Share { node: micros("server CPU s/1k")?, postgres: micros("postgres CPU s/1k")?, nats };
        Ok(Observation { layout, pairs, rate, batch: figure("commands/commit")?, cpu })
    }
}

impl Run {
    /// The text of the file that `--json` names. An error says what is missing in it.
    pub fn read(text: &str) -> Result<Self, String> {
        let report: Report = serde_json::from_str(text)
            .map_err(|error| format!("this is not what `wigwag-bench cluster --json` writes: {error}"))?;
        let mut observations = Vec::new();
        for row in &report.summary {
            let Some(layout) = Layout::named(&row.what) else { continue };
            let rate = row.get("lifecycles/s")?;
            observations.push(row.observed(layout, Some(report.settings.pairs), rate, "")?);
            observations.push(row.observed(layout, None, rate / 2.0, "half: ")?);
        }
        if observations.is_empty() {
            return Err("the run has neither postgres nor a cluster in it".to_owned());
        }
        Ok(Self { observations })
    }
}

impl Observation {
    /// Commits for each lifecycle.
    #[must_use]
    pub fn commits(&self) -> f64 {
        OF_A_LIFECYCLE / self.batch
    }

    /// How long a batch was under way, ms: a writer that has work begins the next when one has ended.
    #[must_use]
    pub fn commit_ms(&self) -> f64 {
        let commands = self.rate * OF_A_LIFECYCLE / f64::from(self.layout.nodes());
        self.batch / commands * 1_000.0
    }
}
