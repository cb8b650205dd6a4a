//! LiveKit's room API (<https://docs.livekit.io/reference/server/server-apis>): Twirp, with JSON.

use std::collections::HashSet;
use std::fmt;
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;
use ureq::Agent;

use super::token::Signer;
use crate::clock::wall_ms;
use crate::config::LivekitAccount;

/// For a whole request. LiveKit answers within milliseconds, and asks again by itself when a webhook is not answered.
const TIME_LIMIT: Duration = Duration::from_secs(5);

/// How long a token for the API counts, s: longer than a request takes, with clocks that differ.
const TOKEN_LIFE_S: u64 = 60;

/// Longest answer that is read, bytes: a thousand participants with 4 KiB of metadata and 4 KiB of tracks each.
const LONGEST_ANSWER: u64 = 8 * 1024 * 1024;

/// Why it is not known who is in a room; one line for the log.
#[derive(Debug)]
pub(super) struct RoomError(String);

impl fmt::Display for RoomError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl RoomError {
    /// It is not known here who is in the call.
    pub(super) fn of_calls(why: String) -> Self {
        Self(why)
    }
}

/// The room API of one LiveKit server.
#[derive(Clone)]
pub(super) struct RoomApi {
    agent: Agent,
    url: String,
    signer: Arc<Signer>,
}

impl RoomApi {
    pub(super) fn new(account: &LivekitAccount, signer: Arc<Signer>) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(TIME_LIMIT))
            .http_status_as_error(false)
            // The token is for this server alone.
            .max_redirects(0);
        Self { agent: config.build().into(), url: account.api_url.clone(), signer }
    }

    /// The identities of those who are in `room`; nobody when there is no such room.
    pub(super) async fn participants(&self, room: &str) -> Result<HashSet<String>, RoomError> {
        let (api, room) = (self.clone(), room.to_owned());
        let asked = spawn_blocking(move || api.list(&room)).await;
        asked.unwrap_or_else(|_| Err(RoomError("the request to LiveKit panicked".to_owned())))
    }

    fn list(&self, room: &str) -> Result<HashSet<String>, RoomError> {
        let now_s = wall_ms() / 1_000;
        let token = self.signer.for_room_api(room, now_s, now_s + TOKEN_LIFE_S);
        let body = serde_json::to_vec(&Asked { room }).map_err(|error| failed(&error))?;
        let mut answer = self
            .agent
            .post(format!("{}/twirp/livekit.RoomService/ListParticipants", self.url))
            .header("Authorization", format!("Bearer {token}"))
            .content_type("application/json")
            .send(&body[..])
            .map_err(|error| failed(&error))?;
        let mut json = Vec::new();
        let bounded = answer.body_mut().as_reader().take(LONGEST_ANSWER + 1);
        { bounded }.read_to_end(&mut json).map_err(|error| failed(&error))?;
        understood(answer.status().as_u16(), &json)
    }
}

fn failed(error: &dyn fmt::Display) -> RoomError {
    RoomError(format!("LiveKit's room API (calls.livekit.api_url) does not answer: {error}"))
}

#[derive(Serialize)]
struct Asked<'a> {
    room: &'a str,
}

#[derive(Deserialize)]
struct Listed {
    #[serde(default)]
    participants: Vec<Participant>,
}

#[derive(Deserialize)]
struct Participant {
    identity: String,
    #[serde(default)]
    state: State,
}

/// LiveKit leaves out the first of its states, and lists those who are about to be forgotten.
#[derive(Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum State {
    #[default]
    Joining,
    Joined,
    Active,
    Disconnected,
}

/// Twirp's body of every answer that is none of 200.
#[derive(Deserialize)]
struct TwirpError {
    code: String,
}

fn understood(status: u16, json: &[u8]) -> Result<HashSet<String>, RoomError> {
    if json.len() as u64 > LONGEST_ANSWER {
        return Err(RoomError(format!(
            "LiveKit's list of participants is longer than {LONGEST_ANSWER} bytes"
        )));
    }
    if status == 200 {
        let listed: Listed = serde_json::from_slice(json).map_err(|error| failed(&error))?;
        let there = listed.participants.into_iter().filter(|one| one.state != State::Disconnected);
        return Ok(there.map(|one| one.identity).collect());
    }
    // A wrong address is answered with 404 too, but not with this code.
    match serde_json::from_slice::<TwirpError>(json) {
        Ok(error) if error.code == "not_found" => Ok(HashSet::new()),
        Ok(error) if error.code == "unauthenticated" => Err(RoomError(
            "LiveKit refuses calls.livekit.key and calls.livekit.secret: give it the same pair".to_owned(),
        )),
        Ok(TwirpError { code }) => Err(failed(&format!("status {status}, {code}"))),
        Err(_) => Err(failed(&format!("status {status}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(status: u16, json: &str) -> Result<Vec<String>, String> {
        let mut here: Vec<_> =
            understood(status, json.as_bytes()).map_err(|error| error.to_string())?.into_iter().collect();
        here.sort();
        Ok(here)
    }

    #[test]
    fn who_has_disconnected_is_not_there() {
        let json = r#"{"participants":[{"sid":"PA_1","identity":"alice","state":"ACTIVE","tracks":[]},
            {"identity":"bob","state":"DISCONNECTED"},{"identity":"carol"},{"identity":"dave","state":"JOINED"}]}"#;
        assert_eq!(heard(200, json).unwrap(), ["alice", "carol", "dave"]);
        assert_eq!(heard(200, "{}").unwrap(), [""; 0]);
    }

    #[test]
    fn nobody_is_in_a_room_that_is_gone_but_a_wrong_address_says_nothing() {
        assert_eq!(heard(404, r#"{"code":"not_found","msg":"no such room"}"#).unwrap(), [""; 0]);
        for (status, json) in [
            (404, r#"{"code":"bad_route","msg":"no handler"}"#),
            (404, "<html>"),
            (200, "<html>"),
            (502, ""),
            (200, r#"{"participants":[{"sid":"PA_1"}]}"#),
        ] {
            let error = heard(status, json).unwrap_err();
            assert!(error.contains("calls.livekit.api_url"), "{error}");
        }
        let error = heard(401, r#"{"code":"unauthenticated","msg":"invalid token"}"#).unwrap_err();
        assert!(error.contains("calls.livekit.secret"), "{error}");
    }

    #[test]
    fn an_answer_has_a_bound() {
        let padded = |length: u64| format!("{{}}{}", " ".repeat(usize::try_from(length).unwrap() - 2));
        assert!(heard(200, &padded(LONGEST_ANSWER)).is_ok());
        assert!(heard(200, &padded(LONGEST_ANSWER + 1)).is_err());
    }
}
