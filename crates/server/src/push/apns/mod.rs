//! iPhones, by the Apple Push Notification service: HTTP/2 ([`wire`]) with a token that this server signs ([`signer`]).
//!
//! A ring is an alert, which the system shows, or a VoIP push, which wakes the app so that it shows a call ([`payload`] says which). iOS ends
//! an app that does not report a call for each VoIP push, so the end of a ring is never one.

mod answer;
mod payload;
mod signer;
mod wire;

use std::time::{Duration, Instant};

use ring::digest;
use tokio_rustls::rustls::pki_types::ServerName;
use ureq::http::{HeaderValue, Request, Uri};

use self::answer::Said;
use self::payload::{Kind, Payload};
use self::signer::Signer;
use self::wire::{Asked, Wire};
use super::provider::{Message, SetupError, Verdict};
use crate::clock::wall_ms;
use crate::config::ApnsConfig;
use crate::telemetry::Throttle;
use crate::webhooks::Trouble;

/// Sends to apps on iPhones.
pub(super) struct Apns {
    wire: Wire,
    signer: Signer,
    /// `https://` and the host.
    origin: String,
    /// The app's bundle ID.
    topic: String,
}

/// What a device registered.
pub(super) struct Tokens<'a> {
    /// For alerts.
    pub(super) alert: &'a str,
    /// For VoIP pushes, if the app takes them.
    pub(super) voip: Option<&'a str>,
}

impl Apns {
    /// `None` when the operator has not set it up. The configuration was checked: either all of it is there, or nothing.
    pub(super) fn new(config: &ApnsConfig) -> Result<Option<Self>, SetupError> {
        let ApnsConfig { key_file, key_id, team_id, topic, environment, ca } = config;
        let all = (key_file, key_id, team_id, topic);
        let (Some(file), Some(key_id), Some(team_id), Some(topic)) = all else { return Ok(None) };
        let signer = Signer::read(file, key_id, team_id)?;
        let origin = config.origin();
        let wrong = || SetupError(format!("push.apns.environment: {environment} is no address"));
        let address: Uri = origin.parse().map_err(|_| wrong())?;
        let host = address.host().unwrap_or_default();
        let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned()).map_err(|_| wrong())?;
        let wire = Wire::new(name, address.port_u16().unwrap_or(443), ca.as_deref())?;
        Ok(Some(Self { wire, signer, origin, topic: topic.clone() }))
    }

    /// With a new token, once, when the one that there was is too old.
    pub(super) async fn send(&self, tokens: &Tokens<'_>, message: &Message) -> Verdict {
        let payload = Payload::of(message, tokens.voip.is_some());
        for _ in 0..2 {
            let Some(signed) = self.signer.token(Instant::now(), wall_ms() / 1_000) else {
                return Verdict::Unanswered(Trouble::Broken);
            };
            let Some(asked) = self.asked(tokens, message, &payload, &signed) else { return Verdict::Refused };
            match Said::of(&self.wire.ask(&asked).await) {
                Said::Verdict(verdict) => return verdict,
                Said::Expired if self.signer.renews(&signed, Instant::now()) => {}
                Said::Expired => break,
            }
        }
        too_old();
        Verdict::Unanswered(Trouble::Status(403))
    }

    fn asked(
        &self,
        tokens: &Tokens<'_>,
        message: &Message,
        payload: &Payload,
        signed: &str,
    ) -> Option<Asked> {
        let (token, topic) = match (payload.kind, tokens.voip) {
            (Kind::Voip, Some(voip)) => (voip, format!("{}.voip", self.topic)),
            (Kind::Voip | Kind::Alert | Kind::Background, _) => (tokens.alert, self.topic.clone()),
        };
        let mut bearer = HeaderValue::try_from(format!("bearer {signed}")).ok()?;
        bearer.set_sensitive(true);
        let head = Request::post(format!("{}/3/device/{token}", self.origin))
            .header("authorization", bearer)
            .header("apns-id", id(message.note.id()))
            .header("apns-push-type", payload.kind.name())
            .header("apns-expiration", message.expires_at().to_string())
            .header("apns-priority", payload.kind.priority())
            .header("apns-topic", topic)
            .header("apns-collapse-id", message.note.topic(tokens.alert))
            .body(())
            .ok()?;
        Some(Asked { head, body: payload.body.clone().into() })
    }
}

/// APNs names pushes by UUIDs: made of the name that repeats of a push share (RFC 9562, version 8).
fn id(name: &str) -> String {
    let digest = digest::digest(&digest::SHA256, name.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest.as_ref()[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid().hyphenated().to_string()
}

/// Says once a minute that a token which was made just now counts as too old.
fn too_old() {
    static LINES: Throttle = Throttle::every(Duration::from_mins(1));
    if LINES.pass(1, Instant::now()).is_some() {
        tracing::warn!("APNs takes this server's token for too old: is this machine's clock right?");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_push_has_one_id_however_often_it_is_sent() {
        let one = id("psh_a");
        assert_eq!((one.as_str(), one.len()), (id("psh_a").as_str(), 36));
        assert_eq!(uuid::Uuid::parse_str(&one).unwrap().get_version_num(), 8);
        assert_ne!(one, id("psh_b"));
    }
}
