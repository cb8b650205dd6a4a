//! Requests that are carried out once: the idempotency keys of back ends, and the replies kept under them.
//!
//! A reply is written in the transaction of what it answers. So when the server is killed before the reply is heard, the repeat
//! finds it; and when the transaction failed, the repeat is a first request. A refusal is not kept: it changed nothing, and the
//! same request may succeed later.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use wigwag_engine::Reply;
use wigwag_protocol::media::MediaAccess;
use wigwag_session::refused::Refusal;

use super::deciding::{Decided, ToWrite};
use super::{StoreError, bad_record};

/// How long a reply is kept, ms: as long as back ends may try again. `docs/rest.md` promises it.
pub const KEPT_MS: u64 = 24 * 3_600_000;

/// Most replies kept for one holder; the oldest go first. About 30 MB, and more than a back end repeats. Where
/// several nodes write replies of one holder at once, each may keep as many.
pub(super) const KEPT_PER_HOLDER: u32 = 100_000;

/// The idempotency key of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    /// The name of whoever may use the key: keys of two holders have nothing to do with each other.
    pub holder: Arc<str>,
    /// The key, as the holder chose it.
    pub key: Arc<str>,
    /// Tells this request from another one under the same key: the SHA-256 of all that it says.
    pub fingerprint: [u8; 32],
}

/// A kept reply as a store reads it.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) fingerprint: Vec<u8>,
    pub(super) reply: String,
}

/// A reply that is to be kept.
#[derive(Debug)]
pub(super) struct Keep {
    pub(super) once: Once,
    /// The reply as text.
    pub(super) reply: String,
}

/// The text of a kept reply.
#[derive(Serialize, Deserialize)]
struct Text(Reply);

impl Once {
    /// The reply to an earlier request of the same batch under this key, which is not written yet.
    pub(super) fn kept_among(&self, decided: &[Decided]) -> Option<Kept> {
        let keeps = decided.iter().flatten().filter_map(|to_write| to_write.keep.as_deref());
        let mut same = keeps.filter(|keep| keep.once.holder == self.holder && keep.once.key == self.key);
        same.next()
            .map(|keep| Kept { fingerprint: keep.once.fingerprint.to_vec(), reply: keep.reply.clone() })
    }

    /// What a repeat is answered: the first reply, or that the key belongs to another request.
    pub(super) fn repeated(&self, kept: &Kept) -> Result<Decided, StoreError> {
        if kept.fingerprint != self.fingerprint {
            return Ok(Err(Box::new(Refusal::KeyTaken)));
        }
        let Text(reply) = serde_json::from_str(&kept.reply).map_err(|error| bad_record(&error))?;
        Ok(Ok(ToWrite { changes: Vec::new(), events: Vec::new(), reply, keep: None, asks_about: None }))
    }

    /// Adds the reply to what has to be written.
    pub(super) fn kept_with(&self, decided: Decided) -> Decided {
        let mut to_write = decided?;
        if to_write.asks_about.is_some() {
            return Ok(to_write);
        }
        let reply = serde_json::to_string(&Text(without_secrets(to_write.reply.clone())));
        let reply = reply.map_err(|error| {
            tracing::error!(%error, "a reply could not be written down");
            Box::new(Refusal::Failed(wigwag_session::refused::Failure::Internal))
        })?;
        to_write.keep = Some(Box::new(Keep { once: self.clone(), reply }));
        Ok(to_write)
    }
}

/// Why the text of a kept reply cannot be read; `None` when it can.
pub(super) fn unreadable(reply: &str) -> Option<String> {
    serde_json::from_str::<Text>(reply).err().map(|error| error.to_string())
}

/// A back end joins no call, so it is told no tokens for one; they are not written to disk either.
fn without_secrets(mut reply: Reply) -> Reply {
    match &mut reply {
        Reply::Acted(acted) => {
            if let Some(entry) = &mut acted.call {
                entry.media = MediaAccess::default();
            }
        }
        Reply::Joined(joined) => joined.entry.media = MediaAccess::default(),
        Reply::Sent(_) | Reply::Created(_) | Reply::AttributesSet(_) | Reply::Done(_) => {}
    }
    reply
}

#[cfg(test)]
mod tests {
    use wigwag_protocol::result::Done;

    use super::*;

    fn once(fingerprint: u8) -> Once {
        Once { holder: "billing".into(), key: "order 7".into(), fingerprint: [fingerprint; 32] }
    }

    fn kept() -> Kept {
        let done = Reply::Done(Done { cursor: Some(3), time: 1_700_000_000_000 });
        let decided =
            ToWrite { changes: Vec::new(), events: Vec::new(), reply: done, keep: None, asks_about: None };
        let keep = once(1).kept_with(Ok(decided)).unwrap().keep.unwrap();
        Kept { fingerprint: keep.once.fingerprint.to_vec(), reply: keep.reply }
    }

    #[test]
    fn a_repeat_hears_the_first_reply_and_writes_nothing() {
        let answer = once(1).repeated(&kept()).unwrap().unwrap();
        assert!(answer.is_empty());
        assert!(matches!(answer.reply, Reply::Done(Done { cursor: Some(3), time: 1_700_000_000_000 })));
    }

    #[test]
    fn another_request_under_the_same_key_is_refused() {
        assert_eq!(*once(2).repeated(&kept()).unwrap().unwrap_err(), Refusal::KeyTaken);
    }

    #[test]
    fn a_refusal_is_not_kept() {
        let refused = once(1).kept_with(Err(Box::new(Refusal::Displaced)));
        assert_eq!(*refused.unwrap_err(), Refusal::Displaced);
    }
}
