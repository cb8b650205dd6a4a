//! In which form an endpoint is told: where a request goes, and how the receiver knows that it is ours.

use std::fmt::Write as _;

use ring::digest::{SHA256, digest};
use serde_json::json;
use ureq::RequestBuilder;
use ureq::typestate::WithBody;
use wigwag_protocol::Event;

use super::before;
use super::callback::{callback, callback_before, state_change};
use super::payload::{Payload, Said};
use super::sessions::{Happened, SessionStep};
use super::signature::{SigningKey, signatures};
use crate::store::{JournalEvent, Planned};

/// In which form an endpoint is told.
#[derive(Clone)]
pub(super) enum Form {
    /// Standard Webhooks', signed by each of these.
    Standard(Vec<SigningKey>),
    /// Tencent's callbacks.
    Tencent(Caller),
}

/// Who calls back a back end that was written for Tencent's.
#[derive(Clone)]
pub(super) struct Caller {
    pub(super) sdk_app_id: u32,
    /// Both sides know it.
    pub(super) token: String,
}

impl Form {
    /// What is sent of an event; `None` when there is nothing to send in this form, or the journal has something that is no event.
    pub(super) fn payload(&self, event: &JournalEvent) -> Option<Payload> {
        let payload = Payload::of(event)?;
        match self {
            Self::Standard(_) => Some(payload),
            Self::Tencent(_) => {
                let read = Event::read(&format!("{{{}", event.body)).ok()??;
                let callback = callback(&read, event.time)?;
                let command = callback.command;
                Some(Payload { said: Said::Callback(command), body: callback.body(event.time), ..payload })
            }
        }
    }

    /// What is asked about something that has not happened; `at` is server time in ms.
    pub(super) fn question(&self, planned: &Planned, at: u64) -> Payload {
        let payload = Payload::of_question(before::kind(planned), at, &before::data(planned));
        match self {
            Self::Standard(_) => payload,
            Self::Tencent(_) => {
                let callback = callback_before(planned, at);
                let command = callback.command;
                Payload { said: Said::Callback(command), body: callback.body(at), ..payload }
            }
        }
    }

    /// What is sent of a session that began or ended.
    pub(super) fn session(&self, step: &SessionStep) -> Payload {
        let SessionStep { user, device, connected_at, at, what } = step;
        let mut data =
            json!({"type": step.kind(), "userID": user, "device": device, "connectedAt": connected_at});
        if let Happened::Closed(code) = what {
            data["code"] = json!(code);
        }
        let payload = Payload::of_session(step.kind(), *at, &data.to_string());
        match self {
            Self::Standard(_) => payload,
            Self::Tencent(_) => {
                let callback = state_change(step);
                Payload { said: Said::Callback(callback.command), body: callback.body(*at), ..payload }
            }
        }
    }

    /// What tries an endpoint; no event of the journal.
    pub(super) fn test(&self, endpoint: &str, at: u64) -> Payload {
        let payload = Payload::of_test(endpoint, at);
        match self {
            Self::Standard(_) => payload,
            Self::Tencent(_) => {
                let body =
                    json!({"CallbackCommand": TEST, "Endpoint": endpoint, "EventTime": at}).to_string();
                Payload { said: Said::Callback(TEST), body, ..payload }
            }
        }
    }

    /// Where the request goes; `seconds` is the time of this attempt.
    pub(super) fn address(&self, url: &str, payload: &Payload, seconds: u64) -> String {
        match (self, payload.said) {
            (Self::Tencent(caller), Said::Callback(command)) => caller.address(url, command, seconds),
            (Self::Standard(_), Said::Event | Said::Callback(_)) | (Self::Tencent(_), Said::Event) => {
                url.to_owned()
            }
        }
    }

    /// The headers that prove who sends it.
    pub(super) fn signed(
        &self,
        request: RequestBuilder<WithBody>,
        payload: &Payload,
        seconds: u64,
    ) -> RequestBuilder<WithBody> {
        let request = request.header("webhook-id", &payload.id);
        match self {
            Self::Standard(keys) => request
                .header("webhook-timestamp", seconds.to_string())
                .header("webhook-signature", signatures(keys, &payload.id, seconds, &payload.body)),
            Self::Tencent(_) => request,
        }
    }
}

/// Theirs has none.
const TEST: &str = "Wigwag.Test";

impl Caller {
    /// The journal does not say from where and with which program it was done: `Unknown` is a word of theirs.
    fn address(&self, url: &str, command: &str, seconds: u64) -> String {
        let between = if url.contains('?') { '&' } else { '?' };
        let (app, sign) = (self.sdk_app_id, self.sign(seconds));
        format!(
            "{url}{between}SdkAppid={app}&CallbackCommand={command}&contenttype=json&ClientIP=&OptPlatform=Unknown&RequestTime={seconds}&Sign={sign}"
        )
    }

    /// Hex of SHA-256 over the token and the time, as theirs.
    fn sign(&self, seconds: u64) -> String {
        let digest = digest(&SHA256, format!("{}{seconds}", self.token).as_bytes());
        digest.as_ref().iter().fold(String::new(), |mut hex, byte| {
            // A text takes whatever is written into it.
            write!(hex, "{byte:02x}").ok();
            hex
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_the_command_and_proves_the_caller() {
        let caller = Caller { sdk_app_id: 1_400_000_000, token: "abc".to_owned() };
        // printf abc1669872112 | sha256sum
        let sign = "b29e7955127105a133d92bf7b8eaa19db951ad32540f5c4c217be01c9638d508";
        let query = format!(
            "SdkAppid=1400000000&CallbackCommand=State.StateChange&contenttype=json&ClientIP=&OptPlatform=Unknown&RequestTime=1669872112&Sign={sign}"
        );
        for (url, whole) in [
            ("https://shop.example.org", format!("https://shop.example.org?{query}")),
            ("https://shop.example.org/hooks?a=b", format!("https://shop.example.org/hooks?a=b&{query}")),
        ] {
            assert_eq!(caller.address(url, "State.StateChange", 1_669_872_112), whole);
        }
    }
}
