//! What processes cost, from /proc: CPU time of all their threads, and resident memory.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result, bail};

/// Looks at a process tree until it is the same before and after; processes come and go seldom.
const LOOKS: usize = 100;

/// CPU time of a process up to now.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Cpu {
    /// User and system time of all threads, dead ones included, seconds.
    pub(crate) total: f64,
    /// The same of living threads by their name without its number, seconds.
    pub(crate) threads: BTreeMap<String, f64>,
}

impl Cpu {
    /// Adds another process's.
    pub(crate) fn add(&mut self, other: &Self) {
        self.total += other.total;
        for (name, seconds) in &other.threads {
            *self.threads.entry(name.clone()).or_default() += seconds;
        }
    }

    /// What was used since `earlier`.
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        let before = |name: &str| earlier.threads.get(name).copied().unwrap_or_default();
        let threads = self.threads.iter().map(|(name, now)| (name.clone(), now - before(name))).collect();
        Self { total: self.total - earlier.total, threads }
    }
}

/// CPU time of the process.
pub(crate) fn cpu(pid: u32) -> Result<Cpu> {
    let mut cpu = Cpu { total: stat(&format!("/proc/{pid}/stat"))?.own, threads: BTreeMap::new() };
    for thread in fs::read_dir(format!("/proc/{pid}/task"))? {
        // A thread may end while we look.
        if let Ok(stat) = stat(&thread?.path().join("stat").to_string_lossy()) {
            *cpu.threads.entry(stat.name).or_default() += stat.own;
        }
    }
    Ok(cpu)
}

/// CPU time of a process and of all that descend from it, those that have ended included, seconds. What ends leaves its
/// time to its parent, so nothing is lost or counted twice while the tree stays as it is.
pub(crate) fn tree(root: u32) -> Result<f64> {
    for _ in 0..LOOKS {
        let members = descendants(root);
        let spent: Result<f64> =
            members.iter().map(|pid| Ok(stat(&format!("/proc/{pid}/stat"))?.whole())).sum();
        if let (Ok(spent), true) = (spent, descendants(root) == members) {
            return Ok(spent);
        }
    }
    bail!("the processes below {root} change too fast to be counted")
}

/// The process and all that descend from it, in the order they were found.
fn descendants(root: u32) -> Vec<u32> {
    let mut found = vec![root];
    let mut next = 0;
    while let Some(pid) = found.get(next) {
        let list = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
        found.extend(list.split_whitespace().filter_map(|pid| pid.parse::<u32>().ok()));
        next += 1;
    }
    found
}

/// Resident memory of the process, bytes.
pub(crate) fn rss(pid: u32) -> Result<u64> {
    let path = format!("/proc/{pid}/status");
    let status = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
    parse_rss(&status).with_context(|| format!("no VmRSS in {path}"))
}

/// Memory of all TCP sockets of this machine, bytes.
pub(crate) fn tcp_memory() -> Result<u64> {
    const PATH: &str = "/proc/net/sockstat";
    let table = fs::read_to_string(PATH).with_context(|| format!("cannot read {PATH}"))?;
    let pages = parse_tcp_pages(&table).with_context(|| format!("no memory of TCP in {PATH}"))?;
    Ok(pages * rustix::param::page_size() as u64)
}

fn parse_tcp_pages(table: &str) -> Option<u64> {
    let line = table.lines().find_map(|line| line.strip_prefix("TCP:"))?;
    line.split_once(" mem ")?.1.trim().parse().ok()
}

/// What /proc tells of a process or thread; times in `T`.
#[derive(Debug, PartialEq)]
struct Stat<T> {
    /// Without its number.
    name: String,
    /// User and system time.
    own: T,
    /// The same of its children that ended and were waited for, and of theirs.
    ended: T,
}

impl Stat<f64> {
    fn whole(&self) -> f64 {
        self.own + self.ended
    }
}

/// Times in seconds.
fn stat(path: &str) -> Result<Stat<f64>> {
    let stat = fs::read_to_string(path).with_context(|| format!("cannot read {path}"))?;
    let Stat { name, own, ended } = parse_stat(&stat).with_context(|| format!("{path} has another form"))?;
    #[expect(clippy::cast_precision_loss, reason = "ticks of a run are far below 2^52")]
    let seconds = |ticks: u64| ticks as f64 / rustix::param::clock_ticks_per_second() as f64;
    Ok(Stat { name, own: seconds(own), ended: seconds(ended) })
}

/// Times in ticks: fields 14 to 17, after the name, which may hold spaces and brackets.
fn parse_stat(stat: &str) -> Option<Stat<u64>> {
    let (head, fields) = stat.rsplit_once(") ")?;
    let name = head.split_once('(')?.1.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-');
    let mut times = fields.split(' ').skip(11);
    let mut both = || Some(times.next()?.parse::<u64>().ok()? + times.next()?.parse::<u64>().ok()?);
    Some(Stat { name: name.to_owned(), own: both()?, ended: both()? })
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
        assert_eq!(parse_stat(stat), Some(Stat { name: "a) b ".to_owned(), own: 200, ended: 0 }));
        let stat = "42 (tokio-rt-3) S 1 42 42 0 -1 4194560 100 0 0 0 1 2 30 4 20 0 3 0 100 1 2";
        assert_eq!(parse_stat(stat), Some(Stat { name: "tokio-rt".to_owned(), own: 3, ended: 34 }));
    }

    #[test]
    fn memory_is_told_in_bytes() {
        assert_eq!(parse_rss("VmPeak:\t  10 kB\nVmRSS:\t    2048 kB\nThreads: 1"), Some(2 << 20));
        assert_eq!(parse_rss("Threads: 1"), None);
    }

    #[test]
    fn the_kernel_s_memory_is_told_in_pages() {
        let table = "sockets: used 30\nTCP: inuse 4 orphan 0 tw 1 alloc 5 mem 77\nUDP: inuse 1 mem 2\n";
        assert_eq!(parse_tcp_pages(table), Some(77));
        assert_eq!(parse_tcp_pages("UDP: inuse 1 mem 2"), None);
        assert!(tcp_memory().is_ok());
    }

    #[test]
    fn a_child_s_time_counts_while_it_lives_and_after_it_has_ended() {
        // The shell's child works for a while and ends; then the shell waits for a line.
        let work = "(i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done); echo done; read line";
        let mut shell = std::process::Command::new("sh")
            .args(["-c", work])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = std::io::BufReader::new(shell.stdout.take().unwrap());
        std::io::BufRead::read_line(&mut output, &mut String::new()).unwrap();
        let (alone, all) = (cpu(shell.id()).unwrap().total, tree(shell.id()).unwrap());
        assert!(all > alone, "{all} s with its child, {alone} s without");
        drop(shell.stdin.take());
        assert!(shell.wait().is_ok());
        assert!(tree(shell.id()).is_err());
    }

    #[test]
    fn this_process_is_measured() {
        assert!(rss(std::process::id()).unwrap() > 1 << 16);
        assert!(cpu(std::process::id()).unwrap().total >= 0.0);
    }
}
