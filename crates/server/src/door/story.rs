//! The story of one invitation, put together from the streams of its people: every step stands in them, with its time. Nothing is kept for
//! stories alone, and a stream is read only from when the invitation began.

use std::collections::HashMap;

use serde_json::{Map, Value};
use wigwag_protocol::call::CallView;
use wigwag_protocol::invitation::{InvitationView, Status};
use wigwag_protocol::rest::story::{Step, Told};
use wigwag_protocol::{InviteId, UserId};
use wigwag_session::refused::Refusal;

use super::Door;
use super::query::unavailable;
use super::streams::CLOCKS_MS;
use crate::store::{StoreError, StoredEvent};

/// Users whose streams are read: each costs some twenty reads. The first one, the inviter's, has every step.
const STREAMS: usize = 16;
/// Events of a stream that are looked at: a call of hours among people who write to each other all the time.
const LOOKED_AT: usize = 5_000;
/// Steps of a story: a group's invitation with all its answers.
const STEPS: usize = 500;
/// Bytes of the steps' events, so that the reply has a bound.
const BYTES: usize = 1 << 20;
/// Events of a page.
const PAGE: usize = 100;

/// What is known of an invitation.
pub struct InvitationStory {
    /// The invitation.
    pub invitation: InvitationView,
    /// The call that it opened.
    pub call: Option<CallView>,
    /// What happened, in order.
    pub steps: Vec<Step>,
    /// Whether nothing is missing.
    pub complete: bool,
}

impl Door {
    /// The story of an invitation, for whoever may see all of them.
    pub async fn story(&self, id: &InviteId) -> Result<InvitationStory, Refusal> {
        let invitation = self.whole_invitation(id).await?;
        let call = self.opened_by(&invitation).await?;
        let mut story = Unfolding::of(&invitation, call.as_ref(), self.clock.now_ms());
        for user in people_of(&invitation) {
            self.unfold(&mut story, user).await.map_err(unavailable)?;
        }
        let (steps, complete) = story.told();
        Ok(InvitationStory { invitation, call, steps, complete })
    }

    async fn opened_by(&self, invitation: &InvitationView) -> Result<Option<CallView>, Refusal> {
        let named =
            |link: &&wigwag_protocol::call::CallLink| link.call_id.as_str() == invitation.invite_id.as_str();
        let Some(link) = invitation.call.as_ref().filter(named) else { return Ok(None) };
        let call = self.store.call(&link.call_id).await.map_err(unavailable)?;
        Ok(call.map(|call| self.view_of_call(&call)))
    }

    async fn unfold(&self, story: &mut Unfolding, user: &UserId) -> Result<(), StoreError> {
        let Some(mut cursor) = self.place_before(user, story.from).await? else { return Ok(()) };
        for _ in 0..LOOKED_AT / PAGE {
            let page = match self.events_after(user, cursor, PAGE).await {
                Err(StoreError::BrokenStream { cursor: broken }) => {
                    story.lacks_something();
                    cursor = broken;
                    continue;
                }
                page => page?,
            };
            for event in &page.events {
                story.hears(user, event);
            }
            let is_past = page.events.last().is_some_and(|last| last.time > story.until);
            if page.complete || is_past {
                return Ok(());
            }
            cursor = page.through;
        }
        story.lacks_something();
        Ok(())
    }
}

/// The inviter, then the invitees, as many as are looked at.
fn people_of(invitation: &InvitationView) -> impl Iterator<Item = &UserId> {
    let invitees = invitation.invitees.iter().map(|invitee| &invitee.user_id);
    std::iter::once(&invitation.inviter)
        .chain(invitees.filter(|user| **user != invitation.inviter))
        .take(STREAMS)
}

/// A story while streams are read: the same event of several streams is one step.
struct Unfolding {
    id: String,
    /// Whether steps of a call of the same name belong to it.
    with_call: bool,
    from: u64,
    until: u64,
    steps: Vec<Step>,
    /// Where each event stands in `steps`, by its time and its text.
    known: HashMap<(u64, String), usize>,
    bytes: usize,
    complete: bool,
}

impl Unfolding {
    fn of(invitation: &InvitationView, call: Option<&CallView>, now: u64) -> Self {
        let answered = invitation.invitees.iter().filter_map(|invitee| invitee.at).max();
        let last = match invitation.status {
            Status::Open => now,
            Status::Ended => answered.unwrap_or(now),
        };
        let last = call.map_or(last, |call| last.max(call.ended_at.unwrap_or(now)));
        Self {
            id: invitation.invite_id.as_str().to_owned(),
            with_call: call.is_some(),
            from: invitation.created_at.saturating_sub(CLOCKS_MS),
            until: last.saturating_add(CLOCKS_MS),
            steps: Vec::new(),
            known: HashMap::new(),
            bytes: 0,
            complete: true,
        }
    }

    fn lacks_something(&mut self) {
        self.complete = false;
    }

    fn hears(&mut self, user: &UserId, stored: &StoredEvent) {
        let told = Told { user_id: user.clone(), cursor: stored.cursor };
        let Some(place) = self.place_of(stored) else { return };
        let step = &mut self.steps[place];
        if stored.by_self {
            step.by = Some(user.clone());
        }
        step.told.push(told);
    }

    /// Where the event stands in the story; `None` when it is no part of it, or has no room.
    fn place_of(&mut self, stored: &StoredEvent) -> Option<usize> {
        // Most events are about something else, and need not be parsed.
        if !stored.body.contains(self.id.as_str()) {
            return None;
        }
        let key = (stored.time, stored.body.clone());
        if let Some(place) = self.known.get(&key) {
            return Some(*place);
        }
        let event: Map<String, Value> = serde_json::from_str(&format!("{{{}", stored.body)).ok()?;
        if !self.is_about(&event) {
            return None;
        }
        if self.steps.len() >= STEPS || self.bytes + stored.body.len() > BYTES {
            self.complete = false;
            return None;
        }
        self.bytes += stored.body.len();
        let place = self.steps.len();
        self.steps.push(step_of(stored.time, event));
        self.known.insert(key, place);
        Some(place)
    }

    fn is_about(&self, event: &Map<String, Value>) -> bool {
        let names = |field: &str| event.get(field).and_then(Value::as_str) == Some(self.id.as_str());
        names("inviteID") || (self.with_call && names("callID"))
    }

    /// The steps in order, and whether none is missing. What a story begins with is the invitation.
    fn told(mut self) -> (Vec<Step>, bool) {
        // Steps of one time keep the order of the stream in which they were found.
        self.steps.sort_by_key(|step| step.time);
        let begins = self.steps.first().is_some_and(|step| step.kind == "invitation.received");
        (self.steps, self.complete && begins)
    }
}

fn step_of(time: u64, event: Map<String, Value>) -> Step {
    let kind = event.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    let device = event.get("device").and_then(|device| serde_json::from_value(device.clone()).ok());
    Step { time, kind, by: None, device, told: Vec::new(), event }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn invitation(ended: bool) -> InvitationView {
        let (status, state) = if ended { ("ended", "accepted") } else { ("open", "pending") };
        serde_json::from_value(json!({"inviteID": "i-1", "inviter": "alice", "data": "", "timeout": 0, "createdAt": 50_000, "version": 1,
            "status": status, "invitees": [{"userID": "bob", "state": state, "at": 60_000}, {"userID": "alice", "state": state}]}))
        .unwrap()
    }

    fn stored(cursor: u64, time: u64, body: &str, by_self: bool) -> StoredEvent {
        let body = format!("{body}}}");
        StoredEvent { cursor, time, body, by_self, invitation: None, is_quiet: false, rings_in_vain: false }
    }

    fn user(name: &str) -> UserId {
        UserId::parse(name).unwrap()
    }

    const RING: &str =
        r#""type":"invitation.received","inviteID":"i-1","device":{"deviceID":"d","platform":5}"#;
    const YES: &str = r#""type":"invitation.accepted","inviteID":"i-1""#;

    #[test]
    fn the_same_event_of_two_streams_is_one_step() {
        let mut story = Unfolding::of(&invitation(true), None, 99_000);
        assert_eq!((story.from, story.until), (40_000, 70_000));
        story.hears(&user("alice"), &stored(7, 50_000, RING, true));
        story.hears(
            &user("alice"),
            &stored(8, 51_000, r#""type":"message.received","text":"about i-1""#, false),
        );
        story.hears(&user("alice"), &stored(9, 60_000, YES, false));
        story.hears(&user("bob"), &stored(1, 50_000, RING, false));
        story.hears(&user("bob"), &stored(2, 60_000, YES, true));
        let (steps, complete) = story.told();
        assert!(complete);
        let told = |step: &Step| -> Vec<(String, u64)> {
            step.told.iter().map(|told| (told.user_id.as_str().to_owned(), told.cursor)).collect()
        };
        assert_eq!(steps.len(), 2, "{steps:?}");
        assert_eq!(
            (steps[0].kind.as_str(), steps[0].by.clone()),
            ("invitation.received", Some(user("alice")))
        );
        assert_eq!(steps[0].device.as_ref().unwrap().device_id.as_str(), "d");
        assert_eq!(told(&steps[0]), [("alice".into(), 7), ("bob".into(), 1)]);
        assert_eq!(
            (steps[1].by.clone(), told(&steps[1])),
            (Some(user("bob")), vec![("alice".into(), 9), ("bob".into(), 2)])
        );
    }

    #[test]
    fn steps_of_a_call_belong_to_the_invitation_that_opened_it() {
        let hung_up = stored(3, 55_000, r#""type":"call.hungUp","callID":"i-1""#, false);
        let call = |ended: Option<u64>| -> CallView {
            serde_json::from_value(json!({"callID": "i-1", "roomID": "r", "mediaType": "audio", "caller": "alice", "createdAt": 50_000,
                "people": [], "durationMs": 0, "version": 2, "endedAt": ended}))
            .unwrap()
        };
        for (with_call, steps) in [(None, 1), (Some(call(Some(80_000))), 2)] {
            let mut story = Unfolding::of(&invitation(true), with_call.as_ref(), 99_000);
            assert_eq!(story.until, if with_call.is_some() { 90_000 } else { 70_000 });
            story.hears(&user("alice"), &hung_up);
            story.hears(&user("alice"), &stored(2, 50_000, RING, true));
            let (told, complete) = story.told();
            assert_eq!((told.len(), complete), (steps, true));
            assert_eq!(told[0].kind, "invitation.received", "the order is that of the times");
        }
        let running = Unfolding::of(&invitation(true), Some(&call(None)), 99_000);
        assert_eq!(running.until, 109_000);
    }

    #[test]
    fn what_is_missing_is_said() {
        let mut story = Unfolding::of(&invitation(false), None, 99_000);
        assert_eq!(story.until, 109_000);
        story.hears(&user("bob"), &stored(2, 60_000, YES, true));
        assert!(!story.told().1, "the beginning is gone");
        let mut story = Unfolding::of(&invitation(false), None, 99_000);
        for number in 0..=STEPS {
            let version = format!(r#"{RING},"version":{number}"#);
            story.hears(&user("alice"), &stored(9, 50_000, &version, true));
            assert_eq!(story.complete, number < STEPS);
        }
        assert_eq!(story.told().0.len(), STEPS);
        let mut story = Unfolding::of(&invitation(false), None, 99_000);
        let long = format!(r#"{RING},"data":"{}""#, "x".repeat(BYTES));
        story.hears(&user("alice"), &stored(9, 50_000, &long, true));
        assert_eq!(story.told(), (Vec::new(), false));
    }

    #[test]
    fn as_many_streams_are_read_as_there_is_patience_for_and_each_once() {
        let mut many = invitation(false);
        let names: Vec<&str> = people_of(&many).map(UserId::as_str).collect();
        assert_eq!(names, ["alice", "bob"]);
        let bob = many.invitees[0].clone();
        many.invitees = (0..40)
            .map(|number| wigwag_protocol::invitation::Invitee {
                user_id: user(&format!("u{number}")),
                ..bob.clone()
            })
            .collect();
        assert_eq!(people_of(&many).count(), STREAMS);
    }
}
