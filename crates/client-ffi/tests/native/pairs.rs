//! Every language calls every language: each is a line of the table below.

use std::path::PathBuf;
use std::process::Command;

use crate::v2tim::APP;
use crate::world::{Program, World, builds, sdk, server};

/// Everybody who can call and be called. What cargo does not build takes part when `scripts/pairs.sh` says where it is.
const LANGUAGES: [Language; 5] = [
    Language {
        name: "C",
        speaks: Speech::WithToken,
        callee: || Command::new(builds("examples/callee.c")),
        caller: || Command::new(builds("examples/caller.c")),
        place: None,
    },
    Language {
        name: "C++",
        speaks: Speech::WithUserSig,
        callee: || Command::new(builds("examples/v2tim_callee.cpp")),
        caller: || Command::new(builds("examples/v2tim_caller.cpp")),
        place: None,
    },
    Language { name: "terminal", speaks: Speech::Typed, callee: terminal, caller: terminal, place: None },
    Language {
        name: "Python",
        speaks: Speech::WithToken,
        callee: || python("callee.py"),
        caller: || python("caller.py"),
        place: Some(PYTHON),
    },
    Language {
        name: "Java",
        speaks: Speech::WithUserSig,
        callee: || java("V2timCallee"),
        caller: || java("V2timCaller"),
        place: Some(JAVA),
    },
];

/// The python that has the package.
const PYTHON: &str = "WIGWAG_PAIRS_PYTHON";
/// The folder that has the jar, the library and the examples.
const JAVA: &str = "WIGWAG_PAIRS_JAVA";

/// A language, and how its examples are started.
struct Language {
    name: &'static str,
    speaks: Speech,
    /// Answers every invitation: rejects those whose data is "no", and ends after one whose data is "bye".
    callee: fn() -> Command,
    /// Invites one user and waits for the answer.
    caller: fn() -> Command,
    /// The variable that says where its programs are, of those that cargo does not build.
    place: Option<&'static str>,
}

/// What examples take on their command line, and what they print.
#[derive(Clone, Copy)]
enum Speech {
    /// `callee URL TOKEN` and `caller URL TOKEN USER DATA`; a callee prints `connected` and `rings: ID from USER: DATA`, a caller
    /// `inviting: ID`, `accepted by USER` and `rejected by USER`.
    WithToken,
    /// `callee URL SDK_APP_ID USER USER_SIG` and `caller URL SDK_APP_ID USER USER_SIG INVITEE DATA`, and the same lines.
    WithUserSig,
    /// The terminal client, into which the test types.
    Typed,
}

fn terminal() -> Command {
    Command::new(server())
}

fn python(example: &str) -> Command {
    let mut command = Command::new(std::env::var_os(PYTHON).expect("scripts/pairs.sh says where it is"));
    command.arg(sdk().join("../python/examples").join(example));
    command
}

fn java(example: &str) -> Command {
    let folder = PathBuf::from(std::env::var_os(JAVA).expect("scripts/pairs.sh says where it is"));
    let mut command = Command::new("java");
    command.arg(format!("-Dwigwag.library={}", folder.join("libwigwag_jni.so").display()));
    command.arg("-cp").arg(std::env::join_paths([folder.join("wigwag.jar"), folder.join("app")]).unwrap());
    command.arg(example);
    command
}

/// The words with which somebody signs in.
fn signs_in(world: &World, mut command: Command, speech: Speech, user: &str) -> Command {
    let (url, token) = (world.url(), world.token(user));
    match speech {
        Speech::WithToken => command.args([&url, &token]),
        Speech::WithUserSig => command.args([&url, APP, user, &token]),
        Speech::Typed => command.args(["client", "--as", user, "--url", &url, "--token", &token]),
    };
    command
}

fn connected(speech: Speech) -> &'static str {
    match speech {
        Speech::WithToken | Speech::WithUserSig => "connected",
        Speech::Typed => "● connected",
    }
}

/// Bob, who answers.
struct Callee {
    speech: Speech,
    program: Program,
}

impl Callee {
    fn starts(world: &World, language: &Language) -> Self {
        let speech = language.speaks;
        let mut program = Program::runs(signs_in(world, (language.callee)(), speech, "bob"));
        program.says(connected(speech));
        Self { speech, program }
    }

    /// It rings with this data, and is answered.
    fn answers(&mut self, data: &str) {
        match self.speech {
            Speech::WithToken | Speech::WithUserSig => {
                let ring = self.program.says("rings: ");
                assert!(ring.ends_with(&format!(" from alice: {data}")), "{ring}");
            }
            Speech::Typed => {
                let ring = self.program.shows("☎ alice invites you");
                assert!(ring.contains(&format!(": {data} — ")), "{ring}");
                self.program.hears(if data == "no" { "reject" } else { "accept" });
            }
        }
    }

    fn ends(mut self) {
        if matches!(self.speech, Speech::Typed) {
            self.program.hears("quit");
        }
        self.program.ends_well();
    }
}

/// Alice invites bob, and hears what becomes of it.
fn calls(world: &World, language: &Language, data: &str) -> Program {
    let mut command = signs_in(world, (language.caller)(), language.speaks, "alice");
    match language.speaks {
        Speech::WithToken | Speech::WithUserSig => {
            command.args(["bob", data]);
            Program::runs(command)
        }
        Speech::Typed => {
            let mut program = Program::runs(command);
            program.says(connected(language.speaks));
            program.hears(&format!("invite bob --data {data}"));
            program
        }
    }
}

fn hears_the_answer(language: &Language, program: &mut Program, data: &str) {
    let is_no = data == "no";
    match language.speaks {
        Speech::WithToken | Speech::WithUserSig => {
            let who = program.says(if is_no { "rejected by " } else { "accepted by " });
            assert!(who.starts_with("bob"), "{who}");
        }
        Speech::Typed => {
            program.shows(if is_no { "✘ bob rejected" } else { "✔ bob accepted" });
            program.hears("quit");
        }
    }
}

/// Everybody calls this one, three times each.
fn is_called_by_all(callee: &Language) {
    let world = World::new();
    let is_there =
        |language: &&Language| language.place.is_none_or(|place| std::env::var_os(place).is_some());
    for caller in LANGUAGES.iter().filter(is_there) {
        println!("{} calls {}", caller.name, callee.name);
        let mut bob = Callee::starts(&world, callee);
        for data in ["dinner?", "no", "bye"] {
            let mut alice = calls(&world, caller, data);
            bob.answers(data);
            hears_the_answer(caller, &mut alice, data);
            let status = alice.ends();
            let expected = if data == "no" && !matches!(caller.speaks, Speech::Typed) { 3 } else { 0 };
            assert_eq!(status.code(), Some(expected), "{} calls {}: {data}", caller.name, callee.name);
        }
        bob.ends();
    }
}

fn language(name: &str) -> &'static Language {
    LANGUAGES.iter().find(|language| language.name == name).unwrap()
}

#[test]
fn everybody_calls_c() {
    is_called_by_all(language("C"));
}

#[test]
fn everybody_calls_cpp() {
    is_called_by_all(language("C++"));
}

#[test]
fn everybody_calls_the_terminal() {
    is_called_by_all(language("terminal"));
}

#[test]
#[ignore = "scripts/pairs.sh builds the package first"]
fn everybody_calls_python() {
    is_called_by_all(language("Python"));
}

#[test]
#[ignore = "scripts/pairs.sh builds the package first"]
fn everybody_calls_java() {
    is_called_by_all(language("Java"));
}
