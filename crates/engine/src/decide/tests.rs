//! How much work a decision is: counted, since it is done on the only thread that writes.

use std::sync::Arc;

use wigwag_protocol::group::{JoinPolicy, Profile, Reach, Role};
use wigwag_protocol::invitation::Notify;
use wigwag_protocol::media::MediaAccess;
use wigwag_protocol::{Device, DeviceId, GroupId, InviteId, Platform, UserId};

use super::{Chance, Surroundings, decide};
use crate::call::Guest;
use crate::command::{Invite, Invited};
use crate::conversation::ConversationHead;
use crate::group::Membership;
use crate::invitation::{Guests, Invitee, Receipt, Switches};
use crate::ledger::{Loaded, User};
use crate::open::{LastingTo, OpenInGroup, Pending};
use crate::quiet::UtcAlone;
use crate::{Actor, Change, Command, Decision, Group, Invitation, Ledger, Limits, Reply, Request};

const MEMBERS: usize = 2_000;
const OPEN: usize = 100;
const INVITEES: usize = 20;

struct Ids(u64);

impl Chance for Ids {
    fn fresh_id(&mut self) -> String {
        self.0 += 1;
        self.0.to_string()
    }
}

#[test]
fn each_member_is_looked_up_once_however_many_invitations_end_with_the_group() {
    let ledger = crowd(INVITEES);
    let decision = owner_asks(&ledger, Command::DismissGroup(class()));
    let told: usize = decision.events.iter().map(|event| event.places.len()).sum();
    assert_eq!(told, (OPEN + 1) * MEMBERS, "everybody hears of every invitation, and of the end");
    // Each invitation's parties are asked for once before, so that what is missing is loaded in one round.
    let most = MEMBERS + OPEN * (INVITEES + 1);
    assert!(ledger.heads_read() <= most, "{} reads, more than {most}", ledger.heads_read());
}

#[test]
fn each_member_is_looked_up_once_however_many_invitations_lose_a_member() {
    let ledger = crowd(INVITEES);
    let decision = owner_asks(&ledger, Command::RemoveMembers(class(), vec![user(1)]));
    let told: usize = decision.events.iter().map(|event| event.places.len()).sum();
    assert_eq!(told, (OPEN + 1) * MEMBERS, "user 1 is invited by all of them, and hears the end of each");
    let most = MEMBERS + OPEN * (INVITEES + 1);
    assert!(ledger.heads_read() <= most, "{} reads, more than {most}", ledger.heads_read());
    for event in &decision.events {
        assert!(
            event.places.is_sorted_by(|one, next| one.user < next.user),
            "in byte order, without repeats"
        );
    }
    let cursors: Vec<u64> = decision.events.iter().filter_map(|event| event.cursor_of(&user(1))).collect();
    assert_eq!(cursors, (1..=OPEN as u64 + 1).collect::<Vec<u64>>(), "each takes the next place");
}

#[test]
fn one_invitation_closes_no_more_than_a_hundred_others() {
    let mut ledger = crowd(0);
    ledger.take(Loaded::OpenCount(user(MEMBERS), MEMBERS));
    let mut to_each = Vec::new();
    for number in 1..=101 {
        let hint = hint(number);
        ledger.take(Loaded::Block(user(number), user(0), false));
        ledger.take(Loaded::PendingFor(user(number), vec![Pending::of(&hint)]));
        to_each.extend(LastingTo::of(&hint));
        ledger.take(Loaded::Invitation(hint.id.clone(), Some(Arc::new(hint))));
    }
    ledger.take(Loaded::OpenLasting(user(MEMBERS), to_each));
    let invite = Invite {
        id: None,
        invited: Invited::Members {
            group: class(),
            invitees: (1..=101).map(user).collect(),
            notify: Notify::Members,
        },
        data: String::new(),
        timeout: 30,
        switches: Switches::default(),
        offline_push_info: None,
        call: None,
        unreachable: Vec::new(),
    };
    let limits = Limits {
        open_invitations: 200,
        group_open_invitations: 200,
        invitee_open_invitations: 1,
        ..Limits::default()
    };
    let decision = asks_within(&ledger, Command::Invite(Box::new(invite)), &limits);
    let Reply::Acted(acted) = &decision.reply else { panic!("{:?}", decision.reply) };
    assert_eq!(acted.ignored_invitees, [user(101)]);
    let closed = decision.changes.iter().filter(|change| matches!(change, Change::InvitationChanged(_)));
    assert_eq!(closed.count(), 100);
}

/// Somebody who is not in the group has sent this member an invitation without a deadline.
fn hint(number: usize) -> Invitation {
    Invitation {
        id: InviteId::parse(&format!("hint-{number}")).expect("an inviteID"),
        inviter: user(MEMBERS),
        guests: Guests::One(Invitee::pending(user(number))),
        timeout: 0,
        ..invitation(number, 0)
    }
}

fn owner_asks(ledger: &Ledger, command: Command) -> Decision {
    asks_within(ledger, command, &Limits::default())
}

fn asks_within(ledger: &Ledger, command: Command, limits: &Limits) -> Decision {
    let media = &|_: &Guest<'_>| MediaAccess::default();
    let around = Surroundings { now: 2_000, limits, online: &|_| true, zones: &UtcAlone, media };
    let request = Request::By(actor(0), command);
    decide(ledger, &request, &around, &mut Ids(0)).expect("everything is loaded")
}

/// A full group with its open invitations, each to the same members.
fn crowd(invitees: usize) -> Ledger {
    let mut ledger = Ledger::default();
    let mut members = std::collections::BTreeMap::new();
    for number in 0..MEMBERS {
        let profile = Profile {
            user_id: user(number),
            nickname: String::new(),
            face_url: String::new(),
            ext: String::new(),
        };
        ledger.take(Loaded::User(
            user(number),
            Some(User {
                profile,
                head: 0,
                reach: Reach::default(),
                has_quiet: false,
                status: String::new(),
                disabled_since: None,
                deleted_at: None,
            }),
        ));
        if invitees > 0 {
            ledger.take(Loaded::PendingFor(user(number), Vec::new()));
        }
        let role = if number == 0 { Role::Owner } else { Role::Member };
        members.insert(user(number), Membership { role, joined_at: 1_000, familiar: true });
    }
    let open: Vec<Invitation> = (0..OPEN).map(|number| invitation(number, invitees)).collect();
    ledger.take(Loaded::OpenInGroup(class(), open.iter().map(OpenInGroup::of).collect()));
    ledger.take(Loaded::OpenCount(user(0), OPEN));
    ledger.take(Loaded::Conversation(crate::ConversationId::Group(class()), ConversationHead::default()));
    for one in open {
        ledger.take(Loaded::Invitation(one.id.clone(), Some(Arc::new(one))));
    }
    let group = Group {
        id: class(),
        name: String::new(),
        ext: String::new(),
        join_policy: JoinPolicy::Free,
        created_at: 1_000,
        members,
    };
    ledger.take(Loaded::Group(class(), Some(group)));
    ledger.take(Loaded::RunningInGroup(class(), Vec::new()));
    ledger
}

fn invitation(number: usize, invitees: usize) -> Invitation {
    Invitation {
        id: InviteId::parse(&format!("invitation-{number}")).expect("an inviteID"),
        inviter: user(0),
        inviter_device: actor(0).device,
        guests: Guests::Members {
            group: class(),
            invitees: (1..=invitees).map(|number| Invitee::pending(user(number))).collect(),
            ignored: Vec::new(),
            notify: Notify::Members,
        },
        data: String::new(),
        first_data: None,
        timeout: 30,
        created_at: 1_000,
        switches: Switches::default(),
        told: None,
        offline_push_info: None,
        replaced_push_info: None,
        call: None,
        version: 1,
        receipt: Receipt::default(),
        withdrawals: Vec::new(),
        end: None,
    }
}

fn class() -> GroupId {
    GroupId::parse("class").expect("a groupID")
}

fn user(number: usize) -> UserId {
    UserId::parse(&format!("user-{number}")).expect("a userID")
}

fn actor(number: usize) -> Actor {
    let device_id = DeviceId::parse("phone").expect("a deviceID");
    Actor { user: user(number), device: Some(Device { device_id, platform: Platform::LINUX }) }
}
