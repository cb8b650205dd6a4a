//! What machines a load needs, and which limit comes first.

use super::batches;
use super::costs::{Commit, Costs, Share};

/// Open files that Linux gives a process at most, as long as nobody raises `fs.nr_open`: each device is one.
const SOCKETS: f64 = 1_048_576.0;

/// Looks at whether a device has missed something: each every five seconds (`docs/operations.md`).
const LOOKS_PER_S: f64 = 0.2;

/// Commands of a call: an invite, an answer, a hang-up.
const OF_A_CALL: f64 = 3.0;

/// What a node has for devices when its machine has hardly more memory than the node itself, GB.
const LEAST_ROOM_GB: f64 = 0.01;

/// Seconds of a day.
const DAY_S: f64 = 86_400.0;

/// Bytes of a megabyte, and megabytes of a gigabyte.
const MEGA: f64 = 1e6;
const KILO: f64 = 1e3;

/// What people do, all together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Workload {
    /// Connected at the same time.
    pub devices: f64,
    /// Calls that begin in a second: invited, accepted, hung up, between two people.
    pub calls_per_s: f64,
    /// Invitations other than calls, accepted, between two people, a second.
    pub invitations_per_s: f64,
    /// How long one rings, s.
    pub ring_s: f64,
    /// How long a device stays connected before it comes back with a new connection, s.
    pub session_s: f64,
    /// How long what has ended is kept, days.
    pub kept_days: f64,
}

/// What machines there are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Machines {
    /// CPUs of a node's machine.
    pub node_cpus: f64,
    /// Its memory, GB.
    pub node_gb: f64,
    /// CPUs of PostgreSQL's machine.
    pub postgres_cpus: f64,
    /// What its disk takes from the write-ahead log, MB/s.
    pub postgres_wal_mb: f64,
    /// Which part of a machine is used at most, so that the rest carries peaks and the load of a machine that fails.
    pub used: f64,
    /// How much faster a CPU is than the one that was measured on.
    pub speed: f64,
}

/// One of the nodes, at this load.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Node {
    /// CPUs in use.
    pub cpus: f64,
    /// Which part of its time its one writer is busy with commands. At 1 it cannot take more.
    pub writer: f64,
    /// Memory in use, GB.
    pub gb: f64,
    /// Commands of a commit.
    pub batch: f64,
}

/// One of the databases.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Database {
    /// CPUs in use.
    pub cpus: f64,
    /// Of these, for looking whether devices have missed something.
    pub looking: f64,
    /// Write-ahead log, MB/s.
    pub wal_mb: f64,
    /// Commits a second.
    pub commits: f64,
    /// Tables and indexes when as much is dropped as comes, GB.
    pub kept_gb: f64,
    /// Connections of all nodes, ten each.
    pub connections: f64,
}

/// Limits by name, and how many machines each would need by itself.
pub type Needs = Vec<(&'static str, f64)>;

/// What is needed.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// How many nodes.
    pub nodes: f64,
    /// How many of them each limit would need by itself.
    pub nodes_for: Needs,
    /// One of them.
    pub node: Node,
    /// How many databases.
    pub databases: f64,
    /// How many of them each limit would need by itself.
    pub databases_for: Needs,
    /// One of them.
    pub database: Database,
    /// CPUs of NATS in use.
    pub nats_cpus: f64,
    /// Messages that NATS takes, a second.
    pub nats_messages: f64,
    /// Invitations that are open at the same time, everywhere.
    pub open: f64,
}

/// Plans for a load. The nodes change how large batches are and how many events cross the bus, so this goes round until they stay.
#[must_use]
pub fn plan(costs: &Costs, load: &Workload, machines: &Machines) -> Plan {
    let mut nodes = 1.0;
    // It rises, and each step needs fewer more than the one before.
    for _ in 0..100 {
        let needed = highest(&Site { costs, load, machines, nodes }.nodes_for());
        if needed <= nodes {
            break;
        }
        nodes = needed;
    }
    Site { costs, load, machines, nodes }.plan()
}

fn highest(needs: &[(&'static str, f64)]) -> f64 {
    needs.iter().map(|(_, needed)| *needed).fold(1.0, f64::max)
}

/// So many nodes under a load.
struct Site<'a> {
    costs: &'a Costs,
    load: &'a Workload,
    machines: &'a Machines,
    nodes: f64,
}

impl Site<'_> {
    fn plan(&self) -> Plan {
        let databases_for = self.databases_for();
        let crossing = self.crossing();
        Plan {
            nodes: self.nodes,
            nodes_for: self.nodes_for(),
            node: self.node(),
            databases: highest(&databases_for),
            databases_for,
            database: self.database(),
            nats_cpus: self.lifecycles() * self.share().nats / MEGA / self.machines.speed,
            // Each command tells the other one of the two.
            nats_messages: self.commands() * crossing,
            open: (self.load.calls_per_s + self.load.invitations_per_s) * self.load.ring_s,
        }
    }

    /// A second, calls as many as they cost.
    fn lifecycles(&self) -> f64 {
        self.load.invitations_per_s + self.load.calls_per_s * self.costs.call
    }

    fn commands(&self) -> f64 {
        self.load.invitations_per_s * batches::OF_A_LIFECYCLE + self.load.calls_per_s * OF_A_CALL
    }

    /// Which part of the pairs has its two users on different nodes, when nobody chooses their node.
    fn crossing(&self) -> f64 {
        1.0 - 1.0 / self.nodes
    }

    fn batch(&self) -> f64 {
        batches::open(self.commands() / self.nodes, self.commit())
    }

    /// Most of a commit is waiting for what PostgreSQL and its disk do.
    fn commit(&self) -> Commit {
        Commit { command_ms: self.costs.commit.command_ms / self.machines.speed, ..self.costs.commit }
    }

    /// A second, of all nodes.
    fn commits(&self) -> f64 {
        self.commands() / self.batch()
    }

    fn share(&self) -> Share {
        let commits = if self.lifecycles() > 0.0 { self.commits() / self.lifecycles() } else { 0.0 };
        self.costs.share(commits, self.crossing())
    }

    fn returns(&self) -> f64 {
        self.load.devices / self.load.session_s
    }

    fn node(&self) -> Node {
        let working = self.lifecycles() * self.share().node / MEGA / self.machines.speed;
        let greeting = self.returns() * self.costs.return_to.node / MEGA / self.machines.speed;
        let memory = &self.costs.memory;
        let device = if self.nodes > 1.0 { memory.device_with_bus } else { memory.device };
        let open = (self.load.calls_per_s + self.load.invitations_per_s) * self.load.ring_s;
        let bytes =
            (self.load.devices * device + open * memory.invitation) / self.nodes + memory.node_mb * MEGA;
        Node {
            cpus: (working + greeting) / self.nodes,
            writer: batches::busy(self.commands() / self.nodes, self.commit()),
            gb: bytes / MEGA / KILO,
            batch: self.batch(),
        }
    }

    fn nodes_for(&self) -> Needs {
        let (node, machines) = (self.node(), self.machines);
        let many = |used: f64, of: f64| (used * self.nodes / (of * machines.used)).ceil();
        // What each node has of its own does not shrink when there are more of them.
        let own = self.costs.memory.node_mb / KILO;
        let room = (machines.node_gb * machines.used - own).max(LEAST_ROOM_GB);
        vec![
            ("CPU", many(node.cpus, machines.node_cpus)),
            ("the one writer of a node", many(node.writer, 1.0)),
            ("memory", ((node.gb - own) * self.nodes / room).ceil()),
            ("open files", (self.load.devices / (SOCKETS * machines.used)).ceil()),
        ]
    }

    fn looking(&self) -> f64 {
        if self.nodes > 1.0 {
            self.load.devices * LOOKS_PER_S * self.costs.look / MEGA / self.machines.speed
        } else {
            0.0
        }
    }

    /// All of PostgreSQL together, as if one could carry it.
    fn whole(&self) -> Database {
        let (lifecycles, speed) = (self.lifecycles(), self.machines.speed);
        let working = lifecycles * self.share().postgres / MEGA / speed;
        let greeting = self.returns() * self.costs.return_to.postgres / MEGA / speed;
        Database {
            cpus: working + greeting + self.looking(),
            looking: self.looking(),
            wal_mb: lifecycles * self.costs.bytes.wal / MEGA,
            commits: self.commits(),
            kept_gb: lifecycles * DAY_S * self.load.kept_days * self.costs.bytes.kept / MEGA / KILO,
            connections: self.nodes * 10.0,
        }
    }

    fn databases_for(&self) -> Needs {
        let (whole, machines) = (self.whole(), self.machines);
        let many = |used: f64, of: f64| (used / (of * machines.used)).ceil();
        vec![
            ("CPU", many(whole.cpus, machines.postgres_cpus)),
            ("write-ahead log", many(whole.wal_mb, machines.postgres_wal_mb)),
        ]
    }

    /// One of the databases, when each has an equal part. Every node has connections to each.
    fn database(&self) -> Database {
        let (whole, databases) = (self.whole(), highest(&self.databases_for()));
        let Database { cpus, looking, wal_mb, commits, kept_gb, connections } = whole;
        let part = |value: f64| value / databases;
        Database {
            cpus: part(cpus),
            looking: part(looking),
            wal_mb: part(wal_mb),
            commits: part(commits),
            kept_gb: part(kept_gb),
            connections,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOAD: Workload = Workload {
        devices: 100_000.0,
        calls_per_s: 500.0,
        invitations_per_s: 0.0,
        ring_s: 10.0,
        session_s: 3_600.0,
        kept_days: 7.0,
    };

    const MACHINES: Machines = Machines {
        node_cpus: 4.0,
        node_gb: 16.0,
        postgres_cpus: 32.0,
        postgres_wal_mb: 300.0,
        used: 0.5,
        speed: 1.0,
    };

    fn planned(load: Workload) -> Plan {
        plan(&Costs::measured(), &load, &MACHINES)
    }

    fn first(needs: &Needs) -> &'static str {
        needs.iter().max_by(|(_, one), (_, other)| one.total_cmp(other)).unwrap().0
    }

    #[test]
    fn a_node_alone_has_no_bus_and_looks_for_nothing_that_a_bus_lost() {
        let told = planned(Workload { devices: 1_000.0, calls_per_s: 1.0, ..LOAD });
        assert_eq!(format!("{} {} {}", told.nodes, told.nats_messages, told.database.looking), "1 0 0");
    }

    #[test]
    fn devices_need_memory_and_calls_need_the_writer() {
        assert_eq!(first(&planned(Workload { devices: 5e6, ..LOAD }).nodes_for), "memory");
        assert_eq!(
            first(&planned(Workload { calls_per_s: 50_000.0, ..LOAD }).nodes_for),
            "the one writer of a node"
        );
    }

    #[test]
    fn nobody_at_all_needs_one_of_each() {
        let told = planned(Workload { devices: 1.0, calls_per_s: 0.0, ..LOAD });
        assert_eq!(format!("{} {} {}", told.nodes, told.databases, told.open), "1 1 0");
    }

    #[test]
    fn each_node_and_database_stays_below_the_part_that_may_be_used() {
        for times in [1.0, 7.0, 100.0, 1_000.0] {
            let told = planned(Workload { devices: 1e5 * times, calls_per_s: 500.0 * times, ..LOAD });
            let node = told.node.cpus <= 2.0 && told.node.writer <= 0.5 && told.node.gb <= 8.0;
            assert!(node, "{times}: {:?}", told.node);
            assert!(
                told.database.cpus <= 16.0 && told.database.wal_mb <= 150.0,
                "{times}: {:?}",
                told.database
            );
        }
    }

    #[test]
    fn more_of_a_load_never_needs_less() {
        let mut before = (0.0, 0.0);
        for step in 1..40_u32 {
            let times = f64::from(step * step);
            let told = planned(Workload { devices: 1e4 * times, calls_per_s: 40.0 * times, ..LOAD });
            assert!(told.nodes >= before.0 && told.databases >= before.1, "{times}: {told:?}");
            before = (told.nodes, told.databases);
        }
    }
}
