//! What a process costs, from /proc: CPU time of all its threads, and resident memory.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result};

/// CPU time of a process up to now.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Cpu {
    /// User and system time of all threads, dead ones included, seconds.
    pub(crate) total: f64,
    /// The same of living threads by their name without its number, seconds.
    pub(crate) threads: BTreeMap<String, f64>,
}

impl Cpu {
    /// What was used since `earlier`.
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        let before = |name: &str| earlier.threads.get(name).copied().unwrap_or_default();
        let threads = self.threads.iter().map(|(name, now)| (name.clone(), now - before(name))).collect();
        Self { total: self.total - earlier.total, threads }
    }
}

/// CPU time of the process.
pub(crate) fn cpu(pid: u32) -> Result<Cpu> {
    let mut cpu = Cpu { total: stat(&format!("/proc/{pid}/stat"))?.1, threads: BTreeMap::new() };
    for thread in fs::read_dir(format!("/proc/{pid}/task"))? {
        // A thread may end while we look.
        if let Ok((name, seconds)) = stat(&thread?.path().join("stat").to_string_lossy()) {
            *cpu.threads.entry(name).or_default() += seconds;
        }
    }
    Ok(cpu)
}

/// Resident memory of the process, bytes.
pub(crate) fn rss(pid: u32) -> Result<u64> {
    let path = format!("/proc/{pid}/status");
    let status = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
    parse_rss(&status).with_context(|| format!("no VmRSS in {path}"))
}

fn stat(path: &str) -> Result<(String, f64)> {
    let stat = fs::read_to_string(path).with_context(|| format!("cannot read {path}"))?;
    let (name, ticks) = parse_stat(&stat).with_context(|| format!("{path} has another form"))?;
    #[expect(clippy::cast_precision_loss, reason = "ticks of a run are far below 2^52")]
    Ok((name, ticks as f64 / rustix::param::clock_ticks_per_second() as f64))
}

/// Name without its number, and user + system ticks (fields 2, 14 and 15; the name may hold spaces and brackets).
fn parse_stat(stat: &str) -> Option<(String, u64)> {
    let (head, fields) = stat.rsplit_once(") ")?;
    let name = head.split_once('(')?.1.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-');
    let mut times = fields.split(' ').skip(11);
    let user: u64 = times.next()?.parse().ok()?;
    let system: u64 = times.next()?.parse().ok()?;
    Some((name.to_owned(), user + system))
}

fn parse_rss(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_found_behind_names_that_look_like_fields() {
        let stat = "42 (a) b 7) S 1 42 42 0 -1 4194560 100 0 0 0 150 50 0 0 20 0 3 0 100 1 2";
        assert_eq!(parse_stat(stat), Some(("a) b ".to_owned(), 200)));
        let stat = "42 (tokio-rt-3) S 1 42 42 0 -1 4194560 100 0 0 0 1 2 0 0 20 0 3 0 100 1 2";
        assert_eq!(parse_stat(stat), Some(("tokio-rt".to_owned(), 3)));
    }

    #[test]
    fn memory_is_told_in_bytes() {
        assert_eq!(parse_rss("VmPeak:\t  10 kB\nVmRSS:\t    2048 kB\nThreads: 1"), Some(2 << 20));
        assert_eq!(parse_rss("Threads: 1"), None);
    }

    #[test]
    fn this_process_is_measured() {
        assert!(rss(std::process::id()).unwrap() > 1 << 16);
        assert!(cpu(std::process::id()).unwrap().total >= 0.0);
    }
}
