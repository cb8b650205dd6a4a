//! Replies that hold a list end before [`TO_CLIENT_BYTES`] and say how to go on.
//!
//! A store bounds what it reads, by rows and by the bytes it has stored; how long the rows are on the wire is known only here.
//! So a page is cut here once more, at the last entry that has room, and its `next` is the place of that entry. One entry
//! always has room: what a client may send in one frame is at most twice as long when it is sent on. The exception is an
//! invitation with many answers, and there the answers' `device` and `data` are left out from where they have no room.

use serde::Serialize;
use wigwag_protocol::call::CallView;
use wigwag_protocol::frame::{self, RequestId, TO_CLIENT_BYTES};
use wigwag_protocol::group::{GroupView, Member, Profile};
use wigwag_protocol::invitation::InvitationView;
use wigwag_protocol::message::{ConversationView, Message};
use wigwag_protocol::{UserId, result};

use crate::Found;
use crate::query::{CallPlace, ConversationPlace, OpenPlace};

/// Room kept for a list's `next`: the longest is a conversation of two users whose names are all escaped.
const NEXT_BYTES: usize = 512;
/// Room in a list for one invitation with its answers, so that one with many answers does not fill a page alone.
const LISTED_BYTES: usize = 64 * 1024;

/// The reply to a query.
pub(super) fn found(id: &RequestId, found: Found) -> String {
    match found {
        Found::Invitation(got) => invitation(id, got),
        Found::OpenInvitations(list) => fit(id, list),
        Found::Call(call) => frame::reply(id, &call),
        Found::Calls(list) => fit(id, list),
        Found::History(list) => fit(id, list),
        Found::Receipts(list) => fit(id, list),
        Found::Conversations(list) => fit(id, list),
        Found::Members(list) => fit(id, list),
        Found::Group(group) => frame::reply(id, &group),
        Found::Attributes(attributes) => frame::reply(id, &attributes),
        Found::OnlineCount(count) => frame::reply(id, &count),
        // Its events have a bound of their own, far below that of a frame.
        Found::GroupNews(news) => frame::reply(id, &news),
        Found::Groups(list) => fit(id, list),
        Found::Profiles(list) => fit(id, list),
        Found::Reach(own) => frame::reply(id, &own),
        Found::Quiet(own) => frame::reply(id, &own),
        Found::Statuses(statuses) => frame::reply(id, &statuses),
        Found::PushSettings(offer) => frame::reply(id, &offer),
        Found::Blocked(list) => fit(id, list),
    }
}

/// A reply with a list in it.
pub(super) trait Listing: Serialize {
    /// What it lists.
    type Entry: Serialize;

    /// The list.
    fn entries(&mut self) -> &mut Vec<Self::Entry>;

    /// The list goes on with `first`, which has no room.
    fn ends_before(&mut self, first: &Self::Entry);

    /// Makes an entry shorter, where that can be done.
    fn shorten(_entry: &mut Self::Entry) {}
}

/// The reply with as many entries as have room, and at least one.
pub(super) fn fit<L: Listing>(id: &RequestId, mut list: L) -> String {
    let text = frame::reply(id, &list);
    if text.len() <= TO_CLIENT_BYTES {
        return text;
    }
    let all = std::mem::take(list.entries());
    let mut room = TO_CLIENT_BYTES.saturating_sub(frame::reply(id, &list).len() + NEXT_BYTES);
    for mut entry in all {
        L::shorten(&mut entry);
        let bytes = bytes_of(&entry) + 1;
        if bytes > room && !list.entries().is_empty() {
            list.ends_before(&entry);
            break;
        }
        room = room.saturating_sub(bytes);
        list.entries().push(entry);
    }
    frame::reply(id, &list)
}

/// The reply with as many answers as have room, and at least one that the page before did not have.
fn invitation(id: &RequestId, mut got: result::Got) -> String {
    let text = frame::reply(id, &got);
    if text.len() <= TO_CLIENT_BYTES {
        return text;
    }
    let room = TO_CLIENT_BYTES.saturating_sub(id.to_string().len() + NEXT_BYTES);
    got.next = keep_answers(&mut got.invitation, room, 1);
    frame::reply(id, &got)
}

/// Keeps the answers from the first on while the invitation has at most `most` bytes, and at least `least` of them. Gives the
/// invitee whose answer is the last one kept, when others are left out.
fn keep_answers(view: &mut InvitationView, most: usize, least: usize) -> Option<UserId> {
    let answers: Vec<_> = view
        .invitees
        .iter_mut()
        .map(|invitee| (invitee.device.take(), std::mem::take(&mut invitee.data)))
        .collect();
    let mut room = most.saturating_sub(bytes_of(view));
    let (mut kept, mut last_kept, mut is_full) = (0, None, false);
    for (invitee, (device, data)) in view.invitees.iter_mut().zip(answers) {
        if device.is_none() && data.is_empty() {
            continue;
        }
        let without = bytes_of(invitee);
        (invitee.device, invitee.data) = (device, data);
        let bytes = bytes_of(invitee).saturating_sub(without);
        is_full |= bytes > room && kept >= least;
        if is_full {
            (invitee.device, invitee.data) = (None, String::new());
            continue;
        }
        room = room.saturating_sub(bytes);
        kept += 1;
        last_kept = Some(invitee.user_id.clone());
    }
    view.answers_left_out |= is_full;
    last_kept.filter(|_| is_full)
}

/// How long the JSON of this is.
fn bytes_of(value: &impl Serialize) -> usize {
    let text = serde_json::to_vec(value);
    // Serialising our own types cannot fail: no map has a non-string key.
    debug_assert!(text.is_ok(), "{text:?}");
    text.map_or(0, |text| text.len())
}

/// A list whose `next` names its last entry.
macro_rules! listings {
    ($($list:ty, $field:ident: $entry:ty, |$last:ident| $next:expr;)+) => {
        $(impl Listing for $list {
            type Entry = $entry;

            fn entries(&mut self) -> &mut Vec<$entry> {
                &mut self.$field
            }

            fn ends_before(&mut self, _first: &$entry) {
                self.next = self.$field.last().map(|$last| $next);
            }
        })+
    };
}

listings! {
    result::Calls, calls: CallView, |last| CallPlace { created_at: last.created_at, id: last.link.call_id.clone() }.to_string();
    result::Receipts, readers: UserId, |last| last.clone();
    result::Conversations, conversations: ConversationView, |last| ConversationPlace::text_of(last);
    result::Members, members: Member, |last| last.user_id.clone();
    result::Groups, groups: GroupView, |last| last.group_id.clone();
    result::Blocked, user_ids: UserId, |last| last.clone();
}

impl Listing for result::OpenList {
    type Entry = InvitationView;

    fn entries(&mut self) -> &mut Vec<InvitationView> {
        &mut self.invitations
    }

    fn ends_before(&mut self, _first: &InvitationView) {
        self.next = self.invitations.last().map(place_of);
    }

    fn shorten(entry: &mut InvitationView) {
        keep_answers(entry, LISTED_BYTES, 0);
    }
}

impl Listing for result::SessionOpened {
    type Entry = InvitationView;

    fn entries(&mut self) -> &mut Vec<InvitationView> {
        self.open_invitations.get_or_insert_default()
    }

    fn ends_before(&mut self, _first: &InvitationView) {
        self.open_invitations_next = self.entries().last().map(place_of);
    }

    fn shorten(entry: &mut InvitationView) {
        keep_answers(entry, LISTED_BYTES, 0);
    }
}

fn place_of(last: &InvitationView) -> String {
    OpenPlace { created_at: last.created_at, id: last.invite_id.clone() }.to_string()
}

impl Listing for result::History {
    type Entry = Message;

    fn entries(&mut self) -> &mut Vec<Message> {
        &mut self.messages
    }

    fn ends_before(&mut self, _first: &Message) {
        self.complete = false;
    }
}

impl Listing for result::Profiles {
    type Entry = Profile;

    fn entries(&mut self) -> &mut Vec<Profile> {
        &mut self.profiles
    }

    fn ends_before(&mut self, first: &Profile) {
        self.next = Some(first.user_id.clone());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use wigwag_protocol::invitation::{Invitee, InviteeState, Status};
    use wigwag_protocol::{Device, DeviceId, InviteId, Platform};

    use super::*;

    const ID: RequestId = RequestId::Number(7);

    fn user(name: &str) -> UserId {
        UserId::parse(name).unwrap()
    }

    fn invitation(number: u64, data: &str, invitees: Vec<Invitee>) -> InvitationView {
        InvitationView {
            invite_id: InviteId::parse(&format!("i {number}")).unwrap(),
            inviter: user("alice"),
            inviter_device: None,
            group_id: None,
            invitees,
            answers_left_out: false,
            data: data.to_owned(),
            timeout: 30,
            created_at: 1_000 + number,
            deadline: None,
            remaining_ms: None,
            online_user_only: false,
            progress: false,
            quiet: false,
            call: None,
            status: Status::Open,
            end_reason: None,
            version: 1,
        }
    }

    /// An invitee with the longest name there is, every character of which is escaped, and an answer of this length.
    fn answered(number: usize, data: usize) -> Invitee {
        let name = format!("{number:\\<64}");
        Invitee {
            user_id: user(&name),
            state: InviteeState::Accepted,
            at: Some(1_763_712_000_000),
            device: Some(Device { device_id: DeviceId::parse(&name).unwrap(), platform: Platform::LINUX }),
            data: "\"".repeat(data),
            busy: false,
            devices: Vec::new(),
        }
    }

    /// The frame as a client reads it: its `result`.
    fn read(text: &str) -> Value {
        assert!(text.len() <= TO_CLIENT_BYTES, "{} bytes", text.len());
        serde_json::from_str::<Value>(text).unwrap()["result"].take()
    }

    fn listed(bytes_each: usize, count: u64) -> result::OpenList {
        let one = |number| invitation(number, &"x".repeat(bytes_each), Vec::new());
        result::OpenList { invitations: (0..count).map(one).collect(), next: None }
    }

    #[test]
    fn a_list_that_just_fits_is_whole_and_one_byte_more_is_a_page() {
        let spare = TO_CLIENT_BYTES - frame::reply(&ID, &listed(100_000, 2)).len();
        let mut list = listed(100_000, 2);
        list.invitations[1].data.push_str(&"x".repeat(spare));
        let whole = fit(&ID, list.clone());
        assert_eq!(whole.len(), TO_CLIENT_BYTES);
        assert_eq!(read(&whole)["next"], Value::Null);
        list.invitations[1].data.push('x');
        let page = read(&fit(&ID, list));
        assert_eq!(page["invitations"].as_array().unwrap().len(), 1);
        assert_eq!(page["next"], "1000-i 0");
        let place = OpenPlace::parse(page["next"].as_str().unwrap()).unwrap();
        assert_eq!((place.created_at, place.id.as_str()), (1_000, "i 0"));
    }

    #[test]
    fn an_opened_session_says_that_more_is_open() {
        let opened = r#"{"userID":"bob","time":1,"cursor":1,"head":1,"pingInterval":30,"limits":{"dataBytes":1,"frameBytes":1,
            "invitees":1,"commandsPerSecond":1,"commandBurst":1}}"#;
        let mut opened: result::SessionOpened = serde_json::from_str(opened).unwrap();
        opened.open_invitations = Some(listed(16_384, 100).invitations);
        let opened = read(&fit(&ID, opened));
        let count = opened["openInvitations"].as_array().unwrap().len();
        assert_eq!(opened["openInvitationsNext"], format!("{}-i {}", 999 + count, count - 1));
    }

    #[test]
    fn the_longest_id_of_a_request_takes_room_from_the_page_and_not_from_the_entry() {
        let id = RequestId::Other(format!("\"{}\"", "x".repeat(65_000)).into());
        for bytes in [16_384, 130_000] {
            assert!(!read(&fit(&id, listed(bytes, 20)))["invitations"].as_array().unwrap().is_empty());
        }
    }

    #[test]
    fn an_invitation_with_many_answers_is_read_in_pages() {
        let all: Vec<Invitee> = (0..100).map(|number| answered(number, 4_096)).collect();
        let (mut seen, mut after) = (Vec::new(), None);
        for page in 0.. {
            assert!(page < 10, "it goes on without end");
            let mut view = invitation(1, "ring", all.clone());
            // What the door leaves out of a later page.
            for invitee in view.invitees.iter_mut().take(seen.len()) {
                (invitee.device, invitee.data) = (None, String::new());
                view.answers_left_out = true;
            }
            let got = read(&invitation_reply(view));
            let invitees: Vec<Invitee> =
                serde_json::from_value(got["invitation"]["invitees"].clone()).unwrap();
            assert!(invitees.iter().all(|one| one.state == InviteeState::Accepted), "every state is told");
            let answers: Vec<_> = invitees.into_iter().filter(|one| one.device.is_some()).collect();
            assert_eq!(answers.first().map(|one| &one.user_id), Some(&all[seen.len()].user_id));
            assert_eq!(got["invitation"]["answersLeftOut"], true);
            seen.extend(answers);
            after = got["next"].as_str().map(user);
            if after.is_none() {
                break;
            }
            assert_eq!(after, seen.last().map(|one| one.user_id.clone()));
        }
        assert_eq!((seen, after), (all, None));
    }

    fn invitation_reply(view: InvitationView) -> String {
        super::invitation(&ID, result::Got { invitation: view, next: None })
    }

    #[test]
    fn in_a_list_an_invitation_keeps_every_state_and_answers_that_have_room() {
        let many = |number| invitation(number, "ring", (0..60).map(|place| answered(place, 4_096)).collect());
        let page = read(&fit(&ID, result::OpenList { invitations: vec![many(1), many(2)], next: None }));
        let first: InvitationView = serde_json::from_value(page["invitations"][0].clone()).unwrap();
        assert!(first.answers_left_out && first.invitees.len() == 60);
        let answers = first.invitees.iter().filter(|one| one.device.is_some()).count();
        assert!((1..20).contains(&answers), "{answers}");
    }

    #[test]
    fn profiles_go_on_with_the_first_that_has_no_room() {
        let profile = |number: u32| Profile {
            user_id: user(&format!("user-{number}")),
            nickname: String::new(),
            face_url: String::new(),
            ext: "\u{1}".repeat(4_096),
        };
        let profiles = (0..100).map(profile).collect();
        let page = read(&fit(&ID, result::Profiles { profiles, next: None }));
        let shown = page["profiles"].as_array().unwrap().len();
        assert_eq!(page["next"], format!("user-{shown}"));
    }
}
