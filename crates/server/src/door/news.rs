//! What became of a user in their groups while no device of theirs was told (docs/decisions/0036): read from their stream, where it stands
//! among everything else. Nothing is kept for this list alone.

use serde::Deserialize;
use serde_json::value::RawValue;
use wigwag_protocol::UserId;
use wigwag_protocol::group::Role;
use wigwag_protocol::result::News;
use wigwag_session::codec::native::write::listed_event;
use wigwag_session::refused::Refusal;
use wigwag_session::{StoredEvent, Viewer};

use super::Door;
use super::history::{LOOKED_AT, READ};
use super::query::unavailable;

/// What a page has at most, bytes: a quarter of what a frame may have. One event alone may be longer.
const PAGE_BYTES: usize = 64 * 1024;

impl Door {
    /// A page of it, behind this place of the stream. It may be short, or empty, although there are more.
    pub(super) async fn group_news(
        &self,
        user: &UserId,
        after: Option<u64>,
        limit: usize,
    ) -> Result<News, Refusal> {
        let bounds = self.stream_bounds(user).await.map_err(unavailable)?;
        let mut cursor = bounds.map_or(0, |bounds| bounds.floor).max(after.unwrap_or(0));
        let mut page = Page { user, limit, events: Vec::new(), bytes: 0 };
        for _ in 0..LOOKED_AT / READ {
            let read = self.read_on(user, cursor).await.map_err(unavailable)?;
            for event in &read.events {
                if !page.takes(event) {
                    return Ok(page.ending_at(Some(cursor)));
                }
                cursor = event.cursor;
            }
            if read.complete {
                return Ok(page.ending_at(None));
            }
            cursor = read.through;
        }
        Ok(page.ending_at(Some(cursor)))
    }
}

/// A page in the making.
struct Page<'a> {
    user: &'a UserId,
    limit: usize,
    events: Vec<Box<RawValue>>,
    bytes: usize,
}

impl Page<'_> {
    /// Takes an event in, or passes over one that is none of theirs. False when it has no room any more.
    fn takes(&mut self, event: &StoredEvent) -> bool {
        if !is_news(&event.body, self.user) {
            return true;
        }
        let is_full = self.events.len() >= self.limit || self.bytes + event.body.len() > PAGE_BYTES;
        if is_full && !self.events.is_empty() {
            return false;
        }
        let viewer = Viewer {
            cursor: event.cursor,
            after: None,
            time: event.time,
            by_self: event.by_self,
            remaining_ms: None,
            is_quiet: false,
        };
        self.bytes += event.body.len();
        // A body that could be read is JSON.
        self.events.extend(RawValue::from_string(listed_event(viewer, &event.body)).ok());
        true
    }

    fn ending_at(self, next: Option<u64>) -> News {
        News { events: self.events, next }
    }
}

/// Whether an event says what became of this user in a group, or is a notice. `body` is that of
/// [`LoggedEvent`](wigwag_session::LoggedEvent).
fn is_news(body: &str, user: &UserId) -> bool {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Told {
        #[serde(rename = "type")]
        kind: String,
        #[serde(default, rename = "userIDs")]
        users: Vec<UserId>,
        #[serde(rename = "userID")]
        user: Option<UserId>,
        role: Option<Role>,
    }
    // Most of a stream is about other things, and need not be read.
    if !body.starts_with(r#""type":"group."#) {
        return false;
    }
    let Ok(told) = serde_json::from_str::<Told>(&format!("{{{body}")) else { return false };
    match told.kind.as_str() {
        "group.membersAdded" | "group.membersRemoved" => told.users.contains(user),
        "group.roleChanged" => told.user.as_ref() == Some(user) || told.role == Some(Role::Owner),
        "group.dismissed" | "group.notice" => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bob() -> UserId {
        UserId::parse("bob").unwrap()
    }

    fn stored(cursor: u64, body: String) -> StoredEvent {
        StoredEvent {
            cursor,
            time: 5,
            body,
            by_self: false,
            invitation: None,
            is_quiet: false,
            rings_in_vain: false,
        }
    }

    fn notice(data: &str) -> String {
        format!(r#""type":"group.notice","groupID":"g","data":"{data}"}}"#)
    }

    #[test]
    fn what_concerns_the_user_is_news_and_what_others_do_is_not() {
        for (body, expected) in [
            (
                r#""type":"group.membersAdded","groupID":"g","name":"","by":"alice","userIDs":["alice","bob"]}"#,
                true,
            ),
            (r#""type":"group.membersAdded","groupID":"g","name":"","by":"bob","userIDs":["carol"]}"#, false),
            (r#""type":"group.membersRemoved","groupID":"g","by":"alice","userIDs":["bob"]}"#, true),
            (r#""type":"group.membersRemoved","groupID":"g","by":"bobby","userIDs":["bobby"]}"#, false),
            (r#""type":"group.roleChanged","groupID":"g","by":"alice","userID":"bob","role":"admin"}"#, true),
            (
                r#""type":"group.roleChanged","groupID":"g","by":"alice","userID":"carol","role":"admin"}"#,
                false,
            ),
            (
                r#""type":"group.roleChanged","groupID":"g","by":"alice","userID":"carol","role":"owner"}"#,
                true,
            ),
            (r#""type":"group.dismissed","groupID":"g","by":"alice"}"#, true),
            (r#""type":"group.notice","groupID":"g","data":""}"#, true),
            (
                r#""type":"group.infoChanged","groupID":"g","by":"bob","name":"","ext":"","joinPolicy":"free"}"#,
                false,
            ),
            (r#""type":"message.read","conversation":"group:g","reader":"bob","seq":3}"#, false),
        ] {
            assert_eq!(is_news(body, &bob()), expected, "{body}");
        }
    }

    #[test]
    fn a_page_ends_with_its_events_or_their_bytes_and_has_one_at_least() {
        let user = bob();
        let page = |limit| Page { user: &user, limit, events: Vec::new(), bytes: 0 };
        let mut few = page(2);
        assert!(few.takes(&stored(1, notice(""))) && few.takes(&stored(2, notice(""))));
        assert!(!few.takes(&stored(3, notice(""))));
        let mut long = page(100);
        let frame = notice("").len();
        assert!(long.takes(&stored(1, notice(&"x".repeat(PAGE_BYTES - 2 * frame)))));
        assert!(long.takes(&stored(2, notice(""))), "the last that has room");
        assert!(!long.takes(&stored(3, notice(""))));
        let mut one = page(100);
        assert!(one.takes(&stored(1, notice(&"x".repeat(2 * PAGE_BYTES)))), "or nobody could get beyond it");
        assert!(!one.takes(&stored(2, notice(""))));
        let told = one.ending_at(Some(1));
        assert_eq!((told.events.len(), told.next), (1, Some(1)));
        assert!(told.events[0].get().starts_with(r#"{"cursor":1,"time":5,"type":"group.notice""#));
    }
}
