//! What a server says when it listens works as it is written.

use std::io::{BufRead, BufReader};
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
