//! The operator's adapter: one signed request for each push, in the form of Standard Webhooks. It knows the vendors' channels.

use serde::Serialize;
use serde_json::value::RawValue;
use ureq::Agent;
use wigwag_protocol::DeviceId;

use super::note::Note;
use super::provider::{Message, TIME_LIMIT, Verdict};
use crate::config::AdapterConfig;
use crate::webhooks::{SigningKey, guarded, outcome, signatures, written};

/// What the adapter says of a token that is none any more. Not 404: a wrong address would cost all tokens.
const DEAD: &[u16] = &[410];

/// Sends to the adapter.
pub(super) struct Adapter {
    agent: Agent,
    url: String,
    keys: Vec<SigningKey>,
}

#[derive(Serialize)]
struct Envelope<'a> {
    r#type: String,
    timestamp: String,
    data: Pushed<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Pushed<'a> {
    channel: &'a str,
    token: &'a str,
    #[serde(rename = "deviceID")]
    device: &'a DeviceId,
    platform: u8,
    note: &'a Note,
    #[serde(skip_serializing_if = "Option::is_none")]
    offline_push_info: Option<&'a RawValue>,
}

impl Adapter {
    pub(super) fn new(config: &AdapterConfig) -> Option<Self> {
        let (url, secret) = (config.url.as_ref()?, config.secret.as_ref()?);
        let secrets = [Some(secret), config.previous_secret.as_ref()];
        let keys = secrets.into_iter().flatten().filter_map(|secret| SigningKey::parse(secret.expose()));
        Some(Self {
            agent: guarded(TIME_LIMIT, config.allow.clone()),
            url: url.expose().to_owned(),
            keys: keys.collect(),
        })
    }

    pub(super) fn send(&self, channel: &str, token: &str, message: &Message) -> Verdict {
        let body = body(channel, token, message);
        let (id, now) = (message.note.id(), message.now);
        let sent = self
            .agent
            .post(&self.url)
            .header("webhook-id", id)
            .header("webhook-timestamp", now.to_string())
            .header("webhook-signature", signatures(&self.keys, id, now, &body))
            .content_type("application/json")
            .send(body.as_bytes());
        Verdict::of(outcome(sent), DEAD)
    }
}

fn body(channel: &str, token: &str, message: &Message) -> String {
    let Message { to, note, info, now, .. } = message;
    let envelope = Envelope {
        r#type: format!("push.{}", note.kind()),
        timestamp: written(now * 1_000),
        data: Pushed {
            channel,
            token,
            device: &to.of.device,
            platform: to.platform.number(),
            note,
            offline_push_info: info.as_deref().and_then(|info| serde_json::from_str(info).ok()),
        },
    };
    // Serialising our own types into memory cannot fail.
    serde_json::to_string(&envelope).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use wigwag_protocol::{InviteId, Platform, UserId};
    use wigwag_session::PushToken;

    use super::*;
    use crate::store::{KeptToken, OwnDevice, Rung};

    #[test]
    fn an_adapter_is_told_the_token_and_what_came_with_the_invitation() {
        let of = OwnDevice { user: UserId::parse("bob").unwrap(), device: DeviceId::parse("phone").unwrap() };
        let token = PushToken::Adapter { channel: "huawei".into(), token: "t0ken".into() };
        let note = Note::over(&Rung { invite: InviteId::parse("i").unwrap(), of: of.clone() }, None);
        let id = note.id().to_owned();
        let to = KeptToken {
            of,
            platform: Platform::new(2).unwrap(),
            token,
            signed_at: 0,
            registered_at: 0,
            is_disabled: false,
        };
        let message = Message {
            to,
            note,
            made: tokio::time::Instant::now(),
            info: Some(r#"{"title": "Alice"}"#.into()),
            now: 1,
            inviter: None,
            is_call: false,
            is_quiet: false,
        };
        let json: serde_json::Value = serde_json::from_str(&body("huawei", "t0ken", &message)).unwrap();
        assert_eq!(
            json,
            serde_json::json!({"type": "push.over", "timestamp": "1970-01-01T00:00:01.000Z", "data": {
                "channel": "huawei", "token": "t0ken", "deviceID": "phone", "platform": 2,
                "offlinePushInfo": {"title": "Alice"},
                "note": {"type": "over", "id": id, "inviteID": "i", "userID": "bob", "reason": "gone"}}})
        );
        assert!(!format!("{message:?}").contains("t0ken"), "{message:?}");
    }
}
