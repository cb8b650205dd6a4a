//! Scripts played against a server on a real socket.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use serde_json::json;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use wigwag_client::{StopReason, Token};
use wigwag_protocol::{DeviceId, Platform, Reason};

use super::lines::{Lines, Screen};
use super::{TerminalError, TerminalOptions, start};
use crate::scripted::{Connection, Scripted};

/// What a script printed.
#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Paper {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// Runs a script with alice signed in at cursor 0; the server is given after `signaling.listOpen` was answered.
async fn plays(script: &[&str], json: bool) -> (Connection, Paper, JoinHandle<Result<(), TerminalError>>) {
    let server = Scripted::start().await;
    let paper = Paper::default();
    let options = TerminalOptions {
        url: server.url(),
        token: Token::from("t"),
        device_id: DeviceId::parse("d").unwrap(),
        platform: Platform::LINUX,
        cursor_file: None,
        json,
    };
    let (typing, lines) = mpsc::channel(script.len().max(1));
    for line in script {
        typing.send(Ok((*line).to_owned())).await.unwrap();
    }
    drop(typing);
    let session = start(options, Screen::Plain(Box::new(paper.clone())), false).unwrap();
    let running = tokio::spawn(session.run(Lines::plain(lines)));
    let mut connection = server.signs_in(0).await;
    let request = connection.hears("signaling.listOpen").await;
    connection.replies(&request, json!({"invitations": []})).await;
    (connection, paper, running)
}

fn ring() -> serde_json::Value {
    json!({
        "type": "invitation.received", "inviteID": "i-1234", "inviter": "bob", "inviteeList": ["alice"], "data": "hello",
        "timeout": 30, "remainingMs": 30000, "version": 1, "device": {"deviceID": "x", "platform": 7}
    })
}

#[tokio::test]
async fn a_script_waits_for_the_ring_and_answers_it() {
    let (mut server, paper, running) =
        plays(&["wait invitation.received", "accept last coming"], false).await;
    server.tells(1, ring()).await;
    let request = server.hears("signaling.accept").await;
    assert_eq!(request["params"], json!({"inviteID": "i-1234", "data": "coming"}));
    server.replies(&request, json!({"inviteID": "i-1234", "cursor": 2, "time": 1, "version": 2})).await;
    drop(server.hears("session.close").await);
    drop(server);
    running.await.unwrap().unwrap();
    let text = paper.text();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "● connected as alice (device d)");
    assert!(
        lines[1]
            .ends_with("☎ bob invites you (inviteID i-1234, 30 s left): hello — type `accept` or `reject`"),
        "{text}"
    );
    assert_eq!(lines[2], "accepted (inviteID i-1234)");
}

#[tokio::test]
async fn json_lines_carry_results_events_and_errors() {
    let (mut server, paper, running) =
        plays(&["invite bob --timeout 5", "wait invitation.accepted"], true).await;
    let request = server.hears("signaling.invite").await;
    assert_eq!(request["params"]["timeout"], 5);
    server.refuses(&request, Reason::UnknownUser).await;
    let accepted = json!({"type": "invitation.accepted", "inviteID": "i", "inviter": "alice", "invitee": "bob", "data": "", "version": 2});
    server.tells(1, accepted).await;
    drop(server.hears("session.close").await);
    drop(server);
    assert!(matches!(running.await.unwrap(), Err(TerminalError::CommandsFailed(1))));
    let text = paper.text();
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().any(|line| line["error"]["code"] == 20003 && line["command"] == "invite"), "{text}");
    assert!(lines.iter().any(|line| line["event"]["type"] == "invitation.accepted"), "{text}");
    assert!(lines.iter().any(|line| line["result"] == "invitation.accepted"), "{text}");
}

#[tokio::test]
async fn mistakes_in_a_script_are_counted_and_do_not_stop_it() {
    let (mut server, paper, running) = plays(&["dance", "accept", "whoami", "quit", "open"], false).await;
    drop(server.hears("session.close").await);
    drop(server);
    assert!(matches!(running.await.unwrap(), Err(TerminalError::CommandsFailed(2))));
    let text = paper.text();
    assert!(text.contains("! there is no command `dance`"), "{text}");
    assert!(text.contains("! no open invitation waits for you to accept it"), "{text}");
    assert!(text.contains("you are alice on device d; connected"), "{text}");
}

#[tokio::test]
async fn a_script_ends_when_the_server_says_so() {
    let (server, paper, running) = plays(&["wait message.received"], false).await;
    server.closes(4500).await;
    let ended = running.await.unwrap();
    assert!(matches!(ended, Err(TerminalError::Stopped(StopReason::Closed(4500)))), "{ended:?}");
    assert!(paper.text().contains("✖ this deviceID connected again (close code 4500)"), "{}", paper.text());
}
