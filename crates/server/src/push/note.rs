//! What a device is told by a push.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest;
use serde::Serialize;
use wigwag_engine::Invitation;
use wigwag_engine::invitation::{Invitee, Settlement};
use wigwag_engine::push::LEAST_LEFT_MS;
use wigwag_protocol::call::CallLink;
use wigwag_protocol::{GroupId, InviteId, UserId};

use super::wish::Wish;
use crate::auth::{ActionTokens, OwnRing};
use crate::store::{OwnDevice, Rung};

/// A push, as JSON.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub(super) enum Note {
    /// Ring.
    Ring(Box<RingNote>),
    /// Stop ringing.
    Over(OverNote),
}

/// What a system may show without the app.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Shown<'a> {
    pub(super) title: Option<&'a str>,
    pub(super) body: Option<&'a str>,
    pub(super) sound: Option<&'a str>,
}

/// The device rings.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RingNote {
    /// The same for each attempt, so that a repeat is known.
    id: String,
    #[serde(rename = "inviteID")]
    invite: InviteId,
    /// Who is rung.
    #[serde(rename = "userID")]
    user: UserId,
    inviter: UserId,
    #[serde(rename = "groupID", skip_serializing_if = "Option::is_none")]
    group: Option<GroupId>,
    created_at: u64,
    /// Server time in ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    deadline: Option<u64>,
    /// What was left when it was sent.
    remaining_ms: u64,
    /// It makes no sound: the user is quiet.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    quiet: bool,
    /// With which the device answers without a session.
    action_token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    call: Option<CallLink>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sound: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ext: Option<String>,
    /// The app's own payload.
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<String>,
}

/// The device rings no more.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct OverNote {
    id: String,
    #[serde(rename = "inviteID")]
    invite: InviteId,
    #[serde(rename = "userID")]
    user: UserId,
    /// What became of the ring.
    reason: &'static str,
}

impl Note {
    /// The ring of an invitation at a device, with so much left.
    pub(super) fn ring(
        invitation: &Invitation,
        of: &OwnDevice,
        (wish, actions): (&Wish, &ActionTokens),
        remaining_ms: u64,
    ) -> Self {
        let OwnDevice { user, device } = of.clone();
        let is_quiet = invitation.is_quiet_for(&user);
        Self::Ring(Box::new(RingNote {
            id: id("ring", &invitation.id, of),
            invite: invitation.id.clone(),
            user: of.user.clone(),
            inviter: invitation.inviter.clone(),
            group: invitation.group().cloned(),
            created_at: invitation.created_at,
            deadline: invitation.deadline(),
            remaining_ms,
            quiet: is_quiet,
            action_token: actions.mint(&OwnRing { user, device, invite: invitation.id.clone() }),
            call: invitation.call.clone(),
            title: wish.title.clone(),
            body: wish.body.clone(),
            sound: wish.sound.clone().filter(|_| !is_quiet),
            ext: wish.ext.clone(),
            data: (!invitation.data.is_empty()).then(|| invitation.data.clone()),
        }))
    }

    /// That the ring at a device is over.
    pub(super) fn over(rung: &Rung, invitee: Option<&Invitee>) -> Self {
        let Rung { invite, of } = rung;
        let reason = reason(invitee);
        Self::Over(OverNote {
            id: id("over", invite, of),
            invite: invite.clone(),
            user: of.user.clone(),
            reason,
        })
    }

    pub(super) fn id(&self) -> &str {
        match self {
            Self::Ring(note) => &note.id,
            Self::Over(note) => &note.id,
        }
    }

    /// Whether it is a ring that makes no sound.
    pub(super) fn is_quiet(&self) -> bool {
        match self {
            Self::Ring(note) => note.quiet,
            Self::Over(_) => false,
        }
    }

    /// For figures.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Ring(_) => "ring",
            Self::Over(_) => "over",
        }
    }

    /// What became of a ring; nothing while it rings.
    pub(super) fn reason(&self) -> &'static str {
        match self {
            Self::Ring(_) => "",
            Self::Over(note) => note.reason,
        }
    }

    /// Server time in ms until which it is of use, if that is known.
    pub(super) fn deadline(&self) -> Option<u64> {
        match self {
            Self::Ring(note) => note.deadline,
            Self::Over(_) => None,
        }
    }

    /// What a system may show without the app.
    pub(super) fn shown(&self) -> Shown<'_> {
        match self {
            Self::Ring(note) => Shown {
                title: note.title.as_deref(),
                body: note.body.as_deref(),
                sound: note.sound.as_deref(),
            },
            Self::Over(_) => Shown::default(),
        }
    }

    /// Without what is shown.
    pub(super) fn untitled(&self) -> Self {
        let mut note = self.clone();
        if let Self::Ring(ring) = &mut note {
            (ring.title, ring.body, ring.sound) = (None, None, None);
        }
        note
    }

    /// What is left of the ring, whole seconds. What is over is worth telling for as long as a ring may last on a screen.
    pub(super) fn seconds_left(&self) -> u64 {
        match self {
            Self::Ring(note) => note.remaining_ms / 1_000,
            Self::Over(_) => 60,
        }
    }

    /// This much time has passed since it was made; `None` when a ring is of no use any more.
    pub(super) fn later(mut self, ms: u64) -> Option<Self> {
        if let Self::Ring(note) = &mut self {
            note.remaining_ms = note.remaining_ms.saturating_sub(ms);
            if note.remaining_ms < LEAST_LEFT_MS {
                return None;
            }
        }
        Some(self)
    }

    /// A name that a ring and its end have in common, so that the end takes the place of a ring that was not delivered; 32 characters of
    /// base64url (RFC 8030 section 5.4). The subscription's secret is in it: its push service cannot find out who is rung, nor which
    /// subscriptions are one user's.
    pub(super) fn topic(&self, secret: &str) -> String {
        let (invite, user) = match self {
            Self::Ring(note) => (&note.invite, &note.user),
            Self::Over(note) => (&note.invite, &note.user),
        };
        let name = format!("{secret}\n{invite}\n{user}");
        URL_SAFE_NO_PAD.encode(&digest::digest(&digest::SHA256, name.as_bytes()).as_ref()[..24])
    }

    /// As JSON of at most so many bytes.
    pub(super) fn within(&self, most: usize) -> String {
        // Serialising our own types into memory cannot fail.
        self.fitted(most, |note| serde_json::to_string(note).unwrap_or_default(), String::len)
    }

    /// Written so that its size is at most so much: the app's payload is left out first, and what is shown last. Names are short enough
    /// for all providers.
    pub(super) fn fitted<T>(&self, most: usize, write: impl Fn(&Self) -> T, size: impl Fn(&T) -> usize) -> T {
        let mut note = self.clone();
        let leave_out: [fn(&mut RingNote); 5] = [
            |note| note.data = None,
            |note| note.ext = None,
            |note| note.sound = None,
            |note| note.body = None,
            |note| note.title = None,
        ];
        let mut rest = leave_out.into_iter();
        loop {
            let written = write(&note);
            let (Note::Ring(ring), Some(leave_out)) = (&mut note, rest.next()) else { return written };
            if size(&written) <= most {
                return written;
            }
            leave_out(ring);
        }
    }
}

fn reason(invitee: Option<&Invitee>) -> &'static str {
    let Some(invitee) = invitee else { return "gone" };
    let Some(settled) = &invitee.settled else { return "silenced" };
    match settled.by {
        Settlement::Accepted(_) => "accepted",
        Settlement::Rejected(_) | Settlement::Busy => "rejected",
        Settlement::TimedOut => "timedOut",
        Settlement::Cancelled => "cancelled",
        Settlement::Removed => "removed",
    }
}

/// Names a push at a device, whoever sends it and how often.
fn id(kind: &str, invite: &InviteId, of: &OwnDevice) -> String {
    let name = format!("{kind}\n{invite}\n{}\n{}", of.user, of.device);
    format!(
        "psh_{}",
        URL_SAFE_NO_PAD.encode(&digest::digest(&digest::SHA256, name.as_bytes()).as_ref()[..18])
    )
}

#[cfg(test)]
impl Note {
    /// A ring with so much left.
    pub(super) fn of_test(of: &OwnDevice, remaining_ms: u64) -> Self {
        let invite = InviteId::parse("i").unwrap();
        Self::Ring(Box::new(RingNote {
            id: id("ring", &invite, of),
            invite,
            user: of.user.clone(),
            inviter: UserId::parse("alice").unwrap(),
            group: None,
            created_at: 1,
            deadline: Some(1 + remaining_ms),
            remaining_ms,
            quiet: false,
            action_token: "t".to_owned(),
            call: None,
            title: None,
            body: None,
            sound: None,
            ext: None,
            data: None,
        }))
    }

    /// The same with what an inviter wants devices to show.
    pub(super) fn wishing(self, wish: &Wish) -> Self {
        let Self::Ring(mut note) = self else { return self };
        let Wish { title, body, sound, ext, .. } = wish.clone();
        (note.title, note.body, note.sound, note.ext) = (title, body, sound, ext);
        Self::Ring(note)
    }

    /// The same for a user who is quiet.
    pub(super) fn hushed(self) -> Self {
        let Self::Ring(mut note) = self else { return self };
        (note.quiet, note.sound) = (true, None);
        Self::Ring(note)
    }

    /// The same of a call, with these.
    pub(super) fn saying(self, title: &str, sound: &str, data: &str) -> Self {
        let Self::Ring(mut note) = self else { return self };
        let some = |text: &str| Some(text.to_owned());
        note.call = serde_json::from_str(r#"{"callID":"i","roomID":"r","mediaType":"video"}"#).ok();
        (note.title, note.sound, note.data) = (some(title), some(sound), some(data));
        Self::Ring(note)
    }
}

#[cfg(test)]
mod tests {
    use wigwag_protocol::DeviceId;

    use super::*;

    fn of(device: &str) -> OwnDevice {
        OwnDevice { user: UserId::parse("bob").unwrap(), device: DeviceId::parse(device).unwrap() }
    }

    fn ring(data: &str, title: &str) -> Note {
        let Note::Ring(mut note) = Note::of_test(&of("phone"), 29_999) else { unreachable!() };
        let some = |text: &str| Some(text.to_owned());
        (note.title, note.body, note.ext, note.data) = (some(title), some("calls"), some("e"), some(data));
        Note::Ring(note)
    }

    #[test]
    fn a_ring_has_what_a_device_shows() {
        let note = ring("room 7", "Alice");
        let json: serde_json::Value = serde_json::from_str(&note.within(4_000)).unwrap();
        assert_eq!(
            json,
            serde_json::json!({"type": "ring", "id": note.id(), "inviteID": "i", "userID": "bob", "inviter": "alice",
                "createdAt": 1, "deadline": 30_000, "remainingMs": 29_999, "actionToken": "t", "title": "Alice", "body": "calls",
                "ext": "e", "data": "room 7"})
        );
        assert_eq!((note.kind(), note.seconds_left()), ("ring", 29));
    }

    #[test]
    fn what_is_too_long_leaves_out_the_payload_first() {
        let long = "x".repeat(5_000);
        let text = ring(&long, "Alice").within(3_993);
        assert!(!text.contains("data") && text.contains("\"ext\"") && text.contains("Alice"), "{text}");
        let text = ring(&long, &long).within(3_993);
        assert!(text.len() < 400 && text.contains("\"inviteID\":\"i\"") && !text.contains("body"), "{text}");
        let exact = ring("d", "t").within(usize::MAX);
        assert_eq!(ring("d", "t").within(exact.len()), exact);
        assert!(ring("d", "t").within(exact.len() - 1).len() < exact.len());
    }

    #[test]
    fn a_ring_that_had_to_wait_is_sent_with_what_is_left_of_it() {
        let left = |note: Option<Note>| note.map(|note| note.seconds_left());
        assert_eq!(left(ring("", "").later(26_999)), Some(3));
        assert_eq!(left(ring("", "").later(27_000)), None);
        let over = Note::over(&Rung { invite: InviteId::parse("i").unwrap(), of: of("phone") }, None);
        assert_eq!(left(over.later(u64::MAX)), Some(60));
    }

    #[test]
    fn pushes_have_names_that_repeats_share() {
        let rung = |device| Rung { invite: InviteId::parse("i").unwrap(), of: of(device) };
        let over = Note::over(&rung("phone"), None);
        assert_eq!(over.id(), Note::over(&rung("phone"), None).id());
        let ids = [
            over.id().to_owned(),
            Note::over(&rung("tab"), None).id().to_owned(),
            ring("", "").id().to_owned(),
        ];
        assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] != ids[2], "{ids:?}");
        assert_eq!(
            (over.topic("a"), over.topic("a").len()),
            (ring("", "").topic("a"), 32),
            "the end replaces the ring"
        );
        assert_ne!(over.topic("a"), over.topic("b"), "two devices of a user have nothing in common");
        assert!(over.within(1).contains(r#""type":"over""#) && over.within(1).contains(r#""reason":"gone""#));
    }
}
