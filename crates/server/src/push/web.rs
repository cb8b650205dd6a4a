//! Browsers, by Web Push (RFC 8030).

use ureq::Agent;
use wigwag_protocol::params::PushKeys;

use super::provider::{Message, TIME_LIMIT, Verdict};
use super::seal::{MOST_SEALED, Recipient};
use super::vapid::VapidKey;
use crate::config::WebPushConfig;
use crate::webhooks::{guarded, outcome};

/// What a push service says of a subscription that is none any more.
const DEAD: &[u16] = &[404, 410];

/// Sends to the push services of browsers.
pub(super) struct WebPush {
    agent: Agent,
    key: VapidKey,
    contact: String,
    in_the_clear: bool,
}

impl WebPush {
    pub(super) fn new(config: &WebPushConfig) -> Option<Self> {
        let (public, private) = (config.public_key.as_deref()?, config.private_key.as_ref()?);
        Some(Self {
            agent: guarded(TIME_LIMIT, config.allow.clone()),
            key: VapidKey::parse(public, private.expose())?,
            contact: config.contact.clone().unwrap_or_default(),
            in_the_clear: !config.allow.is_empty(),
        })
    }

    pub(super) fn public_key(&self) -> &str {
        self.key.public()
    }

    pub(super) fn goes_in_the_clear(&self) -> bool {
        self.in_the_clear
    }

    pub(super) fn send(&self, endpoint: &str, keys: &PushKeys, message: &Message) -> Verdict {
        let Message { note, now, .. } = message;
        let sealed = Recipient::of(keys).and_then(|page| page.seal(note.within(MOST_SEALED).as_bytes()));
        // With such keys, and at such an address, no page will ever hear anything.
        let Ok(sealed) = sealed else { return Verdict::Dead };
        let Some(authorization) = self.key.authorization(endpoint, &self.contact, *now) else {
            return Verdict::Dead;
        };
        let sent = self
            .agent
            .post(endpoint)
            .header("authorization", authorization)
            .header("ttl", note.seconds_left().to_string())
            .header("urgency", if note.is_quiet() { "normal" } else { "high" })
            .header("topic", note.topic(&keys.auth))
            .header("content-encoding", "aes128gcm")
            .content_type("application/octet-stream")
            .send(sealed.as_slice());
        Verdict::of(outcome(sent), DEAD)
    }
}
