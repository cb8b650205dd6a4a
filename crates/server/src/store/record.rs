//! Records that every back-end keeps as JSON text.
//!
//! An invitation is two records: the terms, written once, and its course, written when something happens to it. A call is
//! one record.
//!
//! One record would be rewritten as a whole at every answer, among others of its size that were made just before; the
//! short course records stand close together, so that a commit touches fewer pages (docs/decisions/0001).

mod board;
mod call;
mod quiet;
mod settled;

use std::borrow::Cow;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use wigwag_engine::Invitation;
use wigwag_engine::invitation::{Guests, Invitee, Receipt, ReplacedPushInfo, Switches};
use wigwag_protocol::call::CallLink;
use wigwag_protocol::event::Event;
use wigwag_protocol::invitation::Notify;
use wigwag_protocol::message::Message;
use wigwag_protocol::quiet::QuietPush;
use wigwag_protocol::{Device, GroupId, InviteId, UserId, signaling_text};

pub(super) use self::board::{board, read_board, unreadable_board};
pub(super) use self::call::{call, read_call};
pub(super) use self::quiet::{quiet, rang, read_kept, read_quiet, unreadable_quiet, unreadable_rang};
use self::settled::{EndRecord, SettledRecord, WithdrawalRecord};
use super::bad_record;
use crate::store::StoreError;

/// Room for a usual record, bytes; larger ones grow.
const USUAL_RECORD: usize = 768;

/// What the invite said; never changes. Borrowed when it is written, since a payload may be long.
#[derive(Serialize, Deserialize)]
struct Terms<'a> {
    id: InviteId,
    inviter: UserId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    device: Option<Device>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    group: Option<GroupId>,
    invitees: Vec<UserId>,
    /// Who was quiet when it was made, by place in the list of invitees, and what wakes their devices.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    quiet: Vec<(usize, QuietPush)>,
    #[serde(default, skip_serializing_if = "<[UserId]>::is_empty")]
    ignored: Cow<'a, [UserId]>,
    data: Cow<'a, str>,
    timeout: u32,
    created_at: u64,
    #[serde(default)]
    notify: Notify,
    #[serde(default)]
    switches: Switches,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    told: Option<Cow<'a, [UserId]>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    offline_push_info: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    replaced_push_info: Option<Cow<'a, ReplacedPushInfo>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    call: Option<Cow<'a, CallLink>>,
    receipt: Cow<'a, Receipt>,
}

/// What has happened to an invitation since the invite: it changes with every version, and when an invitee silences it.
#[derive(Serialize, Deserialize)]
struct Course<'a> {
    version: u32,
    /// Present when `modify` has replaced it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    data: Option<Cow<'a, str>>,
    /// By place in the terms' list of invitees.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    settled: Vec<(usize, SettledRecord<'a>)>,
    /// Who has silenced it, by place in the same list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    silenced: Vec<usize>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    withdrawals: Vec<WithdrawalRecord<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end: Option<EndRecord<'a>>,
}

/// The terms as JSON.
pub(super) fn terms(invitation: &Invitation) -> Result<String, StoreError> {
    write(&Terms {
        id: invitation.id.clone(),
        inviter: invitation.inviter.clone(),
        device: invitation.inviter_device.clone(),
        group: invitation.group().cloned(),
        invitees: invitation.users().collect(),
        quiet: placed(invitation).filter_map(|(place, invitee)| Some((place, invitee.quiet?))).collect(),
        ignored: Cow::Borrowed(invitation.ignored()),
        data: Cow::Borrowed(invitation.first_data.as_ref().unwrap_or(&invitation.data)),
        timeout: invitation.timeout,
        created_at: invitation.created_at,
        notify: invitation.notify(),
        switches: invitation.switches,
        told: invitation.told.as_deref().map(Cow::Borrowed),
        offline_push_info: invitation.offline_push_info.as_deref().map(Cow::Borrowed),
        replaced_push_info: invitation.replaced_push_info.as_ref().map(Cow::Borrowed),
        call: invitation.call.as_ref().map(Cow::Borrowed),
        receipt: Cow::Borrowed(&invitation.receipt),
    })
}

/// Whether there is a course to write. Usually nothing has happened to a new invitation, but invitees may be busy, or silence it
/// in the batch that makes it, and one that is merged has ended.
pub(super) fn has_course(invitation: &Invitation) -> bool {
    let is_settled = |invitee: &Invitee| invitee.settled.is_some() || invitee.silenced;
    invitation.version > 1 || !invitation.is_open() || invitation.invitees().iter().any(is_settled)
}

/// The course as JSON.
pub(super) fn course(invitation: &Invitation) -> Result<String, StoreError> {
    let settled = placed(invitation).filter_map(|(place, invitee)| {
        invitee.settled.as_ref().map(|settled| (place, SettledRecord::of(settled)))
    });
    write(&Course {
        version: invitation.version,
        data: invitation.first_data.as_ref().map(|_| Cow::Borrowed(invitation.data.as_str())),
        settled: settled.collect(),
        silenced: placed(invitation).filter(|(_, one)| one.silenced).map(|(place, _)| place).collect(),
        withdrawals: invitation.withdrawals.iter().map(WithdrawalRecord::of).collect(),
        end: invitation.end.as_ref().map(EndRecord::of),
    })
}

fn placed(invitation: &Invitation) -> impl Iterator<Item = (usize, &Invitee)> {
    invitation.invitees().iter().enumerate()
}

/// Both together; without a course nothing has happened yet.
pub(super) fn read(terms: &str, course: Option<&str>) -> Result<Invitation, StoreError> {
    let terms: Terms<'_> = serde_json::from_str(terms).map_err(|error| bad_record(&error))?;
    let course: Option<Course<'_>> =
        course.map(serde_json::from_str).transpose().map_err(|error| bad_record(&error))?;
    let mut invitees = terms.invitees.into_iter().map(Invitee::pending);
    let guests = match terms.group {
        Some(group) => Guests::Members {
            group,
            invitees: invitees.collect(),
            ignored: terms.ignored.into_owned(),
            notify: terms.notify,
        },
        None => Guests::One(invitees.next().ok_or_else(|| bad_record(&"an invitation has no invitee"))?),
    };
    let mut invitation = Invitation {
        id: terms.id,
        inviter: terms.inviter,
        inviter_device: terms.device,
        guests,
        data: terms.data.into_owned(),
        first_data: None,
        timeout: terms.timeout,
        created_at: terms.created_at,
        switches: terms.switches,
        told: terms.told.map(Cow::into_owned),
        offline_push_info: terms.offline_push_info.map(Cow::into_owned),
        replaced_push_info: terms.replaced_push_info.map(Cow::into_owned),
        call: terms.call.map(Cow::into_owned),
        version: 1,
        receipt: terms.receipt.into_owned(),
        withdrawals: Vec::new(),
        end: None,
    };
    for (place, push) in terms.quiet {
        if let Some(invitee) = invitation.invitees_mut().get_mut(place) {
            invitee.quiet = Some(push);
        }
    }
    if let Some(course) = course {
        take_course(&mut invitation, course)?;
    }
    Ok(invitation)
}

fn take_course(invitation: &mut Invitation, course: Course<'_>) -> Result<(), StoreError> {
    invitation.version = course.version;
    invitation.withdrawals = course.withdrawals.into_iter().map(WithdrawalRecord::read).collect();
    invitation.end = course.end.map(EndRecord::read).transpose()?;
    if let Some(data) = course.data {
        invitation.first_data = Some(std::mem::replace(&mut invitation.data, data.into_owned()));
    }
    for (place, settled) in course.settled {
        if let Some(invitee) = invitation.invitees_mut().get_mut(place) {
            invitee.settled = Some(settled.read()?);
        }
    }
    for place in course.silenced {
        if let Some(invitee) = invitation.invitees_mut().get_mut(place) {
            invitee.silenced = true;
        }
    }
    Ok(())
}

fn write(record: &impl Serialize) -> Result<String, StoreError> {
    let mut text = Vec::with_capacity(USUAL_RECORD);
    serde_json::to_writer(&mut text, record).map_err(|error| bad_record(&error))?;
    String::from_utf8(text).map_err(|error| bad_record(&error))
}

/// Refuses a body that would make a frame which no device can read. It need not be of a type that this version knows.
pub(super) fn check_body(body: &str) -> Result<(), StoreError> {
    let read: Result<IgnoredAny, _> = serde_json::from_str(&format!("{{{body}"));
    read.map(drop).map_err(|error| bad_record(&error))
}

/// The message an event carries, as it was sent. `body` is the shared part of the event's params, without its opening
/// brace.
pub(super) fn message(body: &str, time: u64) -> Result<Option<Message>, StoreError> {
    let event = Event::read(&format!("{{{body}")).map_err(|error| bad_record(&error))?;
    Ok(match event {
        Some(Event::MessageReceived(received)) => Some(received.message),
        Some(event) => signaling_text::message_of(&event, time),
        None => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use wigwag_engine::Actor;
    use wigwag_engine::invitation::{Circumstance, Consequence, Input, Verdict};
    use wigwag_protocol::{CallId, DeviceId, Platform, RoomId};

    fn actor(name: &str) -> Actor {
        let device = Device { device_id: DeviceId::parse("d").unwrap(), platform: Platform::LINUX };
        Actor { user: UserId::parse(name).unwrap(), device: Some(device) }
    }

    fn after(invitation: &Invitation, input: Input<'_>) -> Invitation {
        let verdict = invitation.handle(input, 5_000);
        let Verdict::Changed(next, _) = verdict else { panic!("{verdict:?}") };
        *next
    }

    fn of_members() -> Invitation {
        let invitees = ["bob", "carol"].map(|name| Invitee::pending(actor(name).user));
        Invitation {
            id: InviteId::parse("i").unwrap(),
            inviter: actor("alice").user,
            inviter_device: actor("alice").device,
            guests: Guests::Members {
                group: GroupId::parse("g").unwrap(),
                invitees: invitees.to_vec(),
                ignored: vec![actor("dave").user],
                notify: Notify::Members,
            },
            data: "ring".to_owned(),
            first_data: None,
            timeout: 30,
            created_at: 1_000,
            switches: Switches { excluded_from_unread: true, ..Switches::default() },
            told: Some(vec![actor("alice").user, actor("carol").user]),
            offline_push_info: Some("{}".to_owned()),
            replaced_push_info: None,
            call: None,
            version: 1,
            receipt: Receipt { cursor: Some(4), message: Some(("m".to_owned(), 2)) },
            withdrawals: Vec::new(),
            end: None,
        }
    }

    /// Into a call, with an invitee who was busy from the beginning.
    fn into_a_call() -> Invitation {
        let id = InviteId::parse("i").unwrap();
        let link = CallLink {
            call_id: CallId::opened_by(&id),
            room_id: RoomId::parse("room").unwrap(),
            media_type: "audio".to_owned(),
        };
        let mut made = Invitation { call: Some(link), ..of_members() };
        made.invitees_mut()[0] = Invitee::busy(actor("bob").user, 1_000);
        made
    }

    fn after_its_time(invitation: &Invitation) -> Invitation {
        let circumstance = Circumstance::Time { no_deadline_age_ms: 0 };
        let Consequence::Changed(next, _) = invitation.meet(circumstance, 60_000) else {
            panic!("{invitation:?}")
        };
        *next
    }

    fn reread(invitation: &Invitation) -> Invitation {
        assert!(has_course(invitation));
        read(&terms(invitation).unwrap(), Some(&course(invitation).unwrap())).unwrap()
    }

    #[test]
    fn an_invitation_into_a_call_is_read_as_it_was_written() {
        let ringing = into_a_call();
        assert_eq!(reread(&ringing), ringing);
        let Consequence::Changed(over, _) = ringing.meet(Circumstance::CallOver, 5_000) else {
            panic!("{ringing:?}")
        };
        assert_eq!(reread(&over), *over);
        let mut merged = into_a_call();
        merged.merge(InviteId::parse("theirs").unwrap(), 1_000);
        assert_eq!(reread(&merged), merged);
        let nameless = course(&merged).unwrap().replace(",\"accepted\":\"theirs\"", "");
        read(&terms(&merged).unwrap(), Some(&nameless)).unwrap_err();
    }

    #[test]
    fn push_settings_that_were_replaced_are_read_as_they_were_written() {
        for given in [Some("{}".to_owned()), None] {
            let mut made = Invitation { offline_push_info: given.clone(), ..of_members() };
            made.replace_push_info(r#"{"title":"t"}"#);
            let again = read(&terms(&made).unwrap(), None).unwrap();
            assert_eq!(again, made);
            assert_eq!(
                (again.own_push_info(), again.offline_push_info.as_deref()),
                (given.as_deref(), Some(r#"{"title":"t"}"#))
            );
        }
    }

    #[test]
    fn who_is_quiet_and_who_silenced_it_are_read_as_they_were_written() {
        let mut made = of_members();
        made.invitees_mut()[1].quiet = Some(QuietPush::None);
        assert!(!has_course(&made));
        assert_eq!(read(&terms(&made).unwrap(), None).unwrap(), made);
        let mut silenced = made.clone();
        silenced.invitees_mut()[0].silenced = true;
        assert_eq!(reread(&silenced), silenced);
        assert_eq!(terms(&silenced).unwrap(), terms(&made).unwrap());
        // Records of before have neither.
        let before = terms(&of_members()).unwrap();
        assert!(
            !before.contains("quiet") && !course(&into_a_call()).unwrap().contains("silenced"),
            "{before}"
        );
    }

    #[test]
    fn an_invitation_is_read_as_it_was_written() {
        let made = of_members();
        assert!(!has_course(&made));
        assert_eq!(read(&terms(&made).unwrap(), None).unwrap(), made);
        let modified = after(&made, Input::Modify { by: &actor("alice"), data: "new" });
        let accepted = after(&modified, Input::Accept { by: &actor("carol"), data: "yes" });
        let cancelled = after(&accepted, Input::Cancel { by: &actor("alice"), from: None, data: "" });
        let bob = [actor("bob").user];
        let withdrawn = after(&made, Input::Cancel { by: &actor("alice"), from: Some(&bob), data: "no" });
        let timed_out = after_its_time(&withdrawn);
        for next in [modified, accepted, cancelled, withdrawn, timed_out] {
            assert_eq!(terms(&next).unwrap(), terms(&made).unwrap(), "the terms never change");
            assert_eq!(read(&terms(&made).unwrap(), Some(&course(&next).unwrap())).unwrap(), next);
        }
    }
}
