//! Figures of the library as it is installed: `scripts/native.sh figures` builds the programs in `sdk/native/bench` and runs these.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::json;

use crate::script::{Connection, Script};
use crate::v2tim::APP;
use crate::world::{Program, World};

/// Events that are timed, after those that warm up: a JVM compiles what runs often.
const EVENTS: u64 = 2_000;
const WARM_UP: u64 = 1_000;
/// Of each language, one after the other, so that a busy moment does not fall on one of them alone.
const RUNS: u32 = 3;
/// Between two events. Nobody waits for anything: it is what makes each of them come to a client that is idle.
const PACE: Duration = Duration::from_millis(5);

#[test]
#[ignore = "measures; run by scripts/native.sh figures"]
fn from_arrival_to_user_code() {
    for run in 1..=RUNS {
        for timed in timed() {
            let (name, taken) = (timed.name, timed.takes());
            let at = |share: usize| taken[taken.len() * share / 1_000] / 1_000;
            println!(
                "{name}, run {run}: p50 {} µs, p99 {} µs, p99.9 {} µs, load {}",
                at(500),
                at(990),
                at(999),
                load()
            );
        }
    }
}

#[test]
#[ignore = "measures; run by scripts/native.sh figures"]
fn one_client_and_a_thousand() {
    let world = World::new();
    let tokens: Vec<String> = (0..20).map(|user| world.token(&format!("user{user}"))).collect();
    for count in ["1", "1000"] {
        for (name, mut program) in counted() {
            program.args([&world.url(), count]).args(&tokens);
            let mut run = Program::runs(program);
            let (before, after) = (run.says("before: "), run.says("signed in: "));
            println!("{name}, {count} signed in: {after} (before: {before})");
            run.ends_well();
        }
    }
}

/// A language whose callbacks are timed.
struct Timed {
    name: &'static str,
    program: Command,
    /// What the program takes behind the server's address.
    words: &'static [&'static str],
}

fn timed() -> Vec<Timed> {
    let token: &[&str] = &["a token"];
    let mut timed = vec![
        Timed { name: "C", program: Command::new(built("latency")), words: token },
        Timed { name: "C++", program: Command::new(built("v2tim_latency")), words: &[APP, "bob", "a token"] },
    ];
    timed.extend(java("Latency").map(|program| Timed { name: "Java", program, words: token }));
    timed
}

impl Timed {
    /// What each event took from the write to its socket to user code, ns, the quickest first.
    fn takes(mut self) -> Vec<u64> {
        let server = Script::new();
        self.program.arg(server.url()).args(self.words);
        let mut run = Program::runs(self.program);
        let mut bobs = server.signs_in(0);
        let listing = bobs.hears("signaling.listOpen");
        bobs.replies(&listing, &json!({"invitations": []}));
        for number in 1..=EVENTS + WARM_UP {
            invites(&mut bobs, number, &now_ns().to_string());
            std::thread::sleep(PACE);
        }
        invites(&mut bobs, EVENTS + WARM_UP + 1, "end");
        let taken = (0..EVENTS + WARM_UP).map(|_| run.says("taken: ").parse::<u64>().unwrap());
        let mut taken: Vec<u64> = taken.skip(usize::try_from(WARM_UP).unwrap()).collect();
        taken.sort_unstable();
        taken
    }
}

/// The languages in which a thousand clients are counted.
fn counted() -> Vec<(&'static str, Command)> {
    let mut counted = vec![("C", Command::new(built("clients")))];
    counted.extend(java("Clients").map(|program| ("Java", program)));
    counted
}

fn invites(bobs: &mut Connection, number: u64, data: &str) {
    let event = json!({
        "type": "invitation.received", "inviteID": number.to_string(), "inviter": "alice", "inviteeList": ["bob"], "data": data,
        "timeout": 30, "version": 1, "remainingMs": 30_000,
    });
    bobs.tells(number, event);
}

#[expect(clippy::disallowed_methods, reason = "what is measured is time")]
fn now_ns() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos()
}

/// How many want to run, of the last minute.
fn load() -> String {
    let loads = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    loads.split(' ').next().unwrap_or_default().to_owned()
}

fn built(name: &str) -> PathBuf {
    let folder =
        std::env::var_os("WIGWAG_NATIVE_BENCH").expect("scripts/native.sh figures says where they are");
    PathBuf::from(folder).join(name)
}

/// Where there is a JDK.
fn java(name: &str) -> Option<Command> {
    let folder = PathBuf::from(std::env::var_os("WIGWAG_NATIVE_BENCH_JAVA")?);
    let mut command = Command::new("java");
    command.arg(format!("-Dwigwag.library={}", folder.join("libwigwag_jni.so").display()));
    command.arg("-cp").arg(std::env::join_paths([folder.join("wigwag.jar"), folder.join("bench")]).unwrap());
    command.arg(name);
    Some(command)
}
