//! What a server says when it listens works as it is written.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::world::wigwag;

/// A server that is killed at the end.
struct Listening(Child);

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[test]
fn what_it_says_to_try_reaches_it_where_it_was_told_to_listen() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let mut server = Command::new(env!("CARGO_BIN_EXE_wigwag"));
    server.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(&data);
    let mut server =
        Listening(server.stdout(Stdio::piped()).stderr(Stdio::null()).stdin(Stdio::null()).spawn().unwrap());
    let mut lines = BufReader::new(server.0.stdout.take().unwrap()).lines().map_while(Result::ok);
    let command = lines.find_map(|line| Some(line.split_once("try it   wigwag ")?.1.to_owned())).unwrap();

    // Its input is empty, so it signs in and leaves.
    let tried = wigwag(&command.split(' ').collect::<Vec<_>>());
    assert!(tried.succeeded && tried.said.contains("connected as alice"), "{command}: {tried:?}");
}

#[test]
fn a_program_says_which_one_it_is() {
    let short = wigwag(&["-V"]);
    assert_eq!(short.said, format!("wigwag {}\n", env!("CARGO_PKG_VERSION")));

    let long = wigwag(&["--version"]);
    let mut lines = long.said.lines();
    assert_eq!(lines.next(), short.said.lines().next());
    let told = |line: Option<&str>, name: &str| {
        let line = line.unwrap_or_else(|| panic!("{name} is missing: {long:?}"));
        line.strip_prefix(name).unwrap_or_else(|| panic!("{line}")).trim_start().to_owned()
    };
    // Which commit it is, the tests of what is given out compare (scripts/dist.sh): here somebody may commit while tests run.
    let commit = told(lines.next(), "commit ");
    if Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.git").exists() {
        let hash = commit.split(',').next().unwrap();
        assert!(hash.len() >= 12 && hash.chars().all(|digit| digit.is_ascii_hexdigit()), "{commit}");
    }
    assert!(told(lines.next(), "built ").contains(std::env::consts::ARCH), "{long:?}");
    assert!(told(lines.next(), "web page ").ends_with("in it"), "{long:?}");
    assert!(told(lines.next(), "console ").ends_with("in it"), "{long:?}");
    assert_eq!(lines.next(), None);
}
