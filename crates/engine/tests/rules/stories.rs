//! Stories of invitations: what people do, and what comes of it. One per promise of docs/semantics.md.

use wigwag_engine::command::{Invite, Invited, Progress};
use wigwag_engine::decision::PlacedEvent;
use wigwag_engine::invitation::Switches;
use wigwag_engine::{Command, Reply};
use wigwag_protocol::Event;
use wigwag_protocol::event::Cause;
use wigwag_protocol::invitation::{EndReason, InviteeState, Notify, ProgressStep};

use crate::invariants;
use crate::world::{World, in_group, invite, invite_id, invite_members, to, user};

// ---- one-to-one ---------------------------------------------------------------------------------------------------

#[test]
fn a_call_is_answered() {
    let mut world = World::new();
    assert_eq!(world.alice().invites("bob", "i"), "invitation.received v1 → alice bob #1");
    assert_eq!(world.bob().accepts("i"), "invitation.accepted v2 → alice bob #2");
    assert_eq!(world.invitation("i").end.as_ref().unwrap().reason(), EndReason::Completed);
    world.passes(31);
    assert_eq!(world.looks_at("i"), "nothing");
}

#[test]
fn a_call_that_nobody_answers_times_out_once() {
    let mut world = World::new();
    world.alice().invites("bob", "i");
    world.passes(29);
    assert_eq!(world.looks_at("i"), "nothing", "not due yet");
    world.passes(1);
    assert_eq!(world.bob().accepts("i"), "8010 timedOut (timedout)", "the deadline counts, not the timer");
    assert_eq!(world.looks_at("i"), "invitation.timedOut v2 → alice bob #2");
    assert_eq!(world.looks_at("i"), "nothing");
    assert_eq!(world.alice().cancels("i"), "8010 settled ()");
}

#[test]
fn the_first_device_wins_and_the_second_is_told_which() {
    let mut world = World::new();
    world.alice().invites("bob", "i");
    world.bob().accepts("i");
    assert_eq!(world.bob().on("laptop").accepts("i"), "8010 settled (accepted by bob on phone)");
    assert_eq!(world.bob().on("laptop").rejects("i"), "8010 settled (accepted by bob on phone)");
    assert_eq!(world.alice().cancels("i"), "8010 settled (accepted by bob on phone)");
    let outcome = world.error().data.outcome.unwrap();
    assert_eq!((outcome.at, outcome.end_reason), (Some(1_000_000), Some(EndReason::Completed)));
}

#[test]
fn a_back_end_acts_for_a_user_without_a_device() {
    let mut world = World::new();
    assert_eq!(
        world.alice().through_a_back_end().invites("bob", "i"),
        "invitation.received v1 → alice bob #1"
    );
    assert_eq!(world.invitation("i").inviter_device, None);
    assert_eq!(world.bob().through_a_back_end().accepts("i"), "invitation.accepted v2 → alice bob #2");
    assert_eq!(world.bob().accepts("i"), "8010 settled (accepted by bob)");
}

#[test]
fn a_cancel_beats_the_accept_that_comes_after_it() {
    let mut world = World::new();
    world.alice().on("laptop").invites("bob", "i");
    assert_eq!(
        world.alice().cancels("i"),
        "invitation.cancelled v2 → alice bob #2",
        "any of his devices may"
    );
    assert_eq!(world.bob().accepts("i"), "8010 cancelled (cancelled by alice on phone)");
    assert_eq!(world.alice().on("laptop").cancels("i"), "8010 settled (by alice on phone)");
}

#[test]
fn a_repeat_gets_the_first_reply_again() {
    let mut world = World::new();
    let mut replies = Vec::new();
    for told in ["invitation.received v1 → alice bob #1", "nothing"] {
        assert_eq!(world.alice().invites("bob", "i"), told);
        replies.push(format!("{:?}", world.reply()));
        world.passes(1);
    }
    for told in ["invitation.rejected v2 → alice bob #2", "nothing"] {
        assert_eq!(world.bob().rejects("i"), told);
        replies.push(format!("{:?}", world.reply()));
        world.passes(60);
    }
    assert_eq!(replies[0], replies[1]);
    assert_eq!(replies[2], replies[3]);
}

#[test]
fn an_invite_id_names_one_invitation() {
    let mut world = World::with_class();
    world.alice().invites("bob", "i");
    assert_eq!(world.bob().invites("alice", "i"), "8012 inviteIDTaken");
    assert_eq!(world.alice().invites("carol", "i"), "8012 inviteIDTaken");
    assert_eq!(world.alice().invites_members("class", &["bob"], "i"), "8012 inviteIDTaken");
    let longer = Invite { timeout: 31, ..invite("bob", "i") };
    assert_eq!(world.alice().asks(Command::Invite(Box::new(longer))), "8012 inviteIDTaken");
    world.alice().modifies("i", "new");
    assert_eq!(
        world.alice().invites("bob", "i"),
        "nothing",
        "compared with what was invited, not what it became"
    );
}

#[test]
fn a_repeated_group_invite_names_the_same_people_in_any_order() {
    let mut world = World::with_class();
    world.dave().quits("class");
    world.alice().invites_members("class", &["bob", "dave"], "i");
    assert!(matches!(world.reply(), Reply::Acted(acted) if acted.ignored_invitees == [user("dave")]));
    assert_eq!(world.alice().invites_members("class", &["dave", "bob", "bob"], "i"), "nothing");
    assert_eq!(world.alice().invites_members("class", &["bob"], "i"), "8012 inviteIDTaken");
    assert_eq!(world.alice().invites_members("class", &["bob", "dave", "carol"], "i"), "8012 inviteIDTaken");
}

#[test]
fn strangers_learn_nothing() {
    let mut world = World::new();
    world.alice().invites("bob", "i");
    let unknown = world.carol().accepts("none");
    assert_eq!(unknown, "8010 unknown");
    assert_eq!(world.carol().accepts("i"), unknown);
    assert_eq!(world.carol().cancels("i"), unknown);
    assert_eq!(world.carol().modifies("i", "x"), unknown);
    assert_eq!(world.alice().accepts("i"), "8011 notInvitee");
    assert_eq!(world.bob().cancels("i"), "8011 notInviter");
}

#[test]
fn who_cannot_be_invited() {
    let mut world = World::new();
    assert_eq!(world.alice().invites("nobody", "i"), "20003 unknownUser");
    assert_eq!(world.alice().invites("alice", "i"), "6017 invalidParameter");
    assert_eq!(world.error().data.field.as_deref(), Some("invitee"));
    world.bob().blocks("alice", true);
    assert_eq!(world.alice().invites("bob", "i"), "20007 blocked");
    assert_eq!(world.alice().says(to("bob"), "hi"), "20007 blocked");
    assert_eq!(
        world.bob().invites("alice", "j"),
        "invitation.received v1 → alice bob #1",
        "the other way is open"
    );
    world.bob().blocks("alice", false);
    assert_eq!(world.alice().invites("bob", "i"), "invitation.received v1 → alice bob #2");
}

#[test]
fn both_sides_may_modify_while_it_is_open() {
    let mut world = World::new();
    world.alice().invites("bob", "i");
    assert_eq!(world.bob().modifies("i", "video"), "invitation.modified v2 → alice bob");
    let Reply::Acted(acted) = world.reply() else { panic!("{:?}", world.reply()) };
    let Event::InvitationModified(told) = invariants::read(world.events()[0]) else { panic!("not told") };
    assert_eq!(acted.message.as_ref().map(|place| place.seq), Some(1), "the invite's message");
    assert_eq!(told.message, acted.message);
    assert_eq!(world.bob().modifies("i", "video"), "nothing");
    world.passes(30);
    assert_eq!(world.alice().modifies("i", "audio"), "8010 timedOut ()");
    world.looks_at("i");
    let Event::InvitationTimedOut(told) = invariants::read(world.events()[0]) else { panic!("a timeout") };
    assert_eq!((told.data.as_str(), told.version), ("video", 3), "the timeout tells the data as it is");
    assert_eq!(world.alice().modifies("i", "audio"), "8010 settled ()");
}

// ---- switches -----------------------------------------------------------------------------------------------------

#[test]
fn only_those_online_hear_what_leaves_no_trace() {
    let mut world = World::new();
    world.goes_offline("bob");
    let switches = Switches { online_user_only: true, ..Switches::default() };
    let wish = Invite { switches, ..invite("bob", "i") };
    assert_eq!(world.alice().asks(Command::Invite(Box::new(wish))), "invitation.received v1 → alice");
    assert_eq!(world.alice().modifies("i", "x"), "8010 onlineOnly");
    world.passes(30);
    assert_eq!(world.looks_at("i"), "invitation.timedOut v2 → alice");
    assert!(world.server.journal.conversations.is_empty());
}

#[test]
fn switches_are_inherited_by_every_message() {
    let mut world = World::new();
    let switches = Switches {
        online_user_only: false,
        excluded_from_unread: true,
        excluded_from_last_message: true,
        progress: true,
    };
    let wish = Invite { switches, ..invite("bob", "i") };
    world.alice().asks(Command::Invite(Box::new(wish)));
    let marks = |world: &World| {
        let mark = world.events()[0].message.clone().unwrap();
        (mark.sender.to_string(), mark.counted, mark.shown_last)
    };
    assert_eq!(marks(&world), ("alice".to_owned(), false, false));
    world.bob().rejects("i");
    assert_eq!(marks(&world), ("bob".to_owned(), false, false));
}

/// How far it is, as the inviter was told by the last command.
fn steps(world: &World) -> Vec<ProgressStep> {
    let step = |event: &&PlacedEvent| {
        let Event::InvitationProgress(progress) = invariants::read(event) else { return None };
        assert!(event.online_only && event.places.len() == 1 && event.places[0].user == user("alice"));
        Some(progress.step)
    };
    world.events().iter().filter_map(step).collect()
}

#[test]
fn an_inviter_who_wants_to_know_is_told_how_far_it_is() {
    let mut world = World::new();
    let progress = |step| Command::Progress(Progress { id: invite_id("i"), inviter: user("alice"), step });
    let switches = Switches { progress: true, ..Switches::default() };
    let unreachable = vec![user("bob"), user("carol")];
    let wish = Invite { switches, unreachable: unreachable.clone(), ..invite("bob", "i") };
    world.alice().asks(Command::Invite(Box::new(wish.clone())));
    assert_eq!(steps(&world), [ProgressStep::Unreachable]);
    world.alice().asks(Command::Invite(Box::new(wish)));
    assert_eq!(steps(&world), [], "a repeat");
    let before = world.invitation("i").clone();
    world.bob().asks(progress(ProgressStep::Ringing));
    assert_eq!(steps(&world), [ProgressStep::Ringing]);
    assert_eq!(*world.invitation("i"), before, "it makes no version");
    assert_eq!(world.carol().asks(progress(ProgressStep::Ringing)), "8011 notInvitee");
    let other = Command::Progress(Progress {
        id: invite_id("i"),
        inviter: user("carol"),
        step: ProgressStep::Ringing,
    });
    world.bob().asks(other);
    assert_eq!(steps(&world), []);
    world.bob().blocks("alice", true);
    world.bob().asks(progress(ProgressStep::Acknowledged));
    assert_eq!(steps(&world), [], "whoever is blocked learns nothing more");
    world.bob().blocks("alice", false);
    world.bob().asks(progress(ProgressStep::Acknowledged));
    assert_eq!(steps(&world), [ProgressStep::Acknowledged]);
    world.bob().accepts("i");
    world.bob().asks(progress(ProgressStep::Ringing));
    assert_eq!(steps(&world), [], "it rings no more");
    let quiet = Invite { unreachable, ..invite("bob", "quiet") };
    world.alice().asks(Command::Invite(Box::new(quiet)));
    assert_eq!(steps(&world), [], "nobody asked");
}

#[test]
fn a_timeout_tells_an_inviter_that_nobody_was_there_but_of_who_has_blocked_them_and_in_groups_nothing() {
    let mut world = World::with_class();
    let times_out = |world: &mut World, id: &str| {
        world.passes(30);
        world.looks_at(id);
        let events = world.events();
        let Event::InvitationTimedOut(closed) = invariants::read(events[0]) else { panic!("{events:?}") };
        closed.invitee_offline
    };
    world.alice().invites("bob", "there");
    assert!(!times_out(&mut world, "there"));
    world.goes_offline("bob");
    world.alice().invites("bob", "gone");
    assert!(times_out(&mut world, "gone"));
    world.alice().invites_members("class", &["bob"], "group");
    assert!(!times_out(&mut world, "group"));
    world.alice().invites("bob", "blocked");
    world.bob().blocks("alice", true);
    assert!(!times_out(&mut world, "blocked"));
}

#[test]
fn without_deadline_it_is_closed_quietly_at_its_age() {
    let mut world = World::new();
    let wish = Invite { timeout: 0, ..invite("bob", "i") };
    world.alice().asks(Command::Invite(Box::new(wish)));
    world.passes(24 * 3_600 - 1);
    assert_eq!(world.looks_at("i"), "nothing");
    assert!(world.invitation("i").is_open());
    world.passes(1);
    assert_eq!(world.looks_at("i"), "nothing");
    assert_eq!(world.invitation("i").end.as_ref().unwrap().reason(), EndReason::Expired);
    assert_eq!(world.bob().accepts("i"), "8010 timedOut (timedout)");
}

// ---- groups -------------------------------------------------------------------------------------------------------

#[test]
fn a_class_hears_who_takes_part() {
    let mut world = World::with_class();
    let everybody = "alice bob carol dave";
    assert_eq!(
        world.alice().invites_members("class", &["bob", "carol"], "i"),
        format!("invitation.received v1 → {everybody} #1")
    );
    assert_eq!(world.bob().accepts("i"), format!("invitation.accepted v2 → {everybody} #2"));
    assert_eq!(world.dave().accepts("i"), "8011 notInvitee");
    assert_eq!(world.dave().modifies("i", "x"), "8011 notParty");
    world.passes(30);
    assert_eq!(world.looks_at("i"), format!("invitation.timedOut v3 → {everybody} #3"));
    let Event::InvitationTimedOut(told) = invariants::read(world.events()[0]) else { panic!("a timeout") };
    assert_eq!(told.invitee_list, [user("carol")]);
    assert_eq!(world.invitation("i").end.as_ref().unwrap().reason(), EndReason::Completed);
}

#[test]
fn among_parties_nobody_else_hears_and_an_end_is_told_to_the_pending() {
    let mut world = World::with_class();
    let mut wish = invite_members("class", &["bob", "carol"], "i");
    if let Invited::Members { notify, .. } = &mut wish.invited {
        *notify = Notify::Parties;
    }
    assert_eq!(
        world.alice().asks(Command::Invite(Box::new(wish))),
        "invitation.received v1 → alice bob carol #1"
    );
    assert_eq!(world.bob().accepts("i"), "invitation.accepted v2 → alice bob carol #2");
    assert_eq!(world.alice().cancels("i"), "invitation.cancelled v3 → alice carol #3");
}

#[test]
fn who_can_be_invited_in_a_group() {
    let mut world = World::new();
    assert_eq!(world.alice().invites_members("class", &["bob"], "i"), "10010 unknownGroup");
    world.alice().creates("class", &["bob"]);
    assert_eq!(world.dave().invites_members("class", &["bob"], "i"), "10007 notMember");
    assert_eq!(world.alice().invites_members("class", &["alice", "dave"], "i"), "10004 noValidInvitee");
    assert_eq!(world.alice().invites_members("class", &[], "i"), "10004 noValidInvitee");
    assert_eq!(
        world.alice().invites_members("class", &["dave", "bob", "alice", "bob"], "i"),
        "invitation.received v1 → alice bob #1"
    );
}

#[test]
fn an_invitee_who_leaves_is_out_of_it() {
    let mut world = World::with_class();
    world.alice().invites_members("class", &["bob", "carol"], "i");
    assert_eq!(
        world.bob().quits("class"),
        "group.membersRemoved → alice bob carol dave; invitation.rejected v2 → alice bob carol dave #2"
    );
    let Event::InvitationRejected(told) = invariants::read(world.events()[1]) else { panic!("a rejection") };
    assert_eq!((told.invitee, told.reason), (user("bob"), Some(Cause::LeftGroup)));
    assert_eq!(world.bob().accepts("i"), "8010 settled (removed)");
    assert_eq!(world.carol().accepts("i"), "invitation.accepted v3 → alice carol dave #3");
}

#[test]
fn the_last_pending_invitee_who_is_removed_ends_it() {
    let mut world = World::with_class();
    world.bob().invites_members("class", &["carol"], "i");
    assert_eq!(
        world.alice().removes("class", &["carol"]),
        "group.membersRemoved → alice bob carol dave; invitation.rejected v2 → alice bob carol dave #2"
    );
    assert_eq!(world.invitation("i").invitees()[0].state(), InviteeState::Removed);
    assert_eq!(world.invitation("i").end.as_ref().unwrap().reason(), EndReason::Completed);
}

#[test]
fn an_inviter_who_leaves_takes_his_invitations_with_him() {
    let mut world = World::with_class();
    world.bob().invites_members("class", &["carol"], "i");
    world.dave().invites_members("class", &["bob", "carol"], "j");
    assert_eq!(
        world.bob().quits("class"),
        "group.membersRemoved → alice bob carol dave; invitation.cancelled v2 → alice bob carol dave #3; \
         invitation.rejected v2 → alice bob carol dave #4"
    );
    let Event::InvitationCancelled(told) = invariants::read(world.events()[1]) else { panic!("a cancel") };
    assert_eq!((told.invitee_list, told.reason), (vec![user("carol")], Some(Cause::InviterLeft)));
    assert_eq!(world.carol().accepts("i"), "8010 cancelled (cancelled)", "nobody's command did it");
}

#[test]
fn a_dismissed_group_ends_its_invitations_and_its_conversation() {
    let mut world = World::with_class();
    world.alice().invites_members("class", &["bob"], "i");
    assert_eq!(
        world.alice().dismisses("class"),
        "invitation.cancelled v2 → alice bob carol dave; group.dismissed → alice bob carol dave"
    );
    assert_eq!(world.bob().accepts("i"), "8010 cancelled (cancelled)");
    assert_eq!(world.bob().says(in_group("class"), "hi"), "10010 unknownGroup");
    world.dave().creates("class", &["carol"]);
    assert_eq!(world.dave().says(in_group("class"), "hi"), "message.received → carol dave #1");
    assert_eq!(world.carol().reads(in_group("class"), 1), "message.read → carol");
}

#[test]
fn leaving_after_the_deadline_is_too_late_to_be_anything_but_timed_out() {
    let mut world = World::with_class();
    world.alice().invites_members("class", &["bob"], "i");
    world.passes(30);
    assert_eq!(
        world.bob().quits("class"),
        "group.membersRemoved → alice bob carol dave; invitation.timedOut v2 → alice bob carol dave #2"
    );
    assert_eq!(world.looks_at("i"), "nothing");
}

#[test]
fn who_left_the_group_has_no_say_in_it() {
    let mut world = World::with_class();
    world.alice().invites_members("class", &["bob", "carol"], "i");
    world.bob().accepts("i");
    world.alice().removes("class", &["bob"]);
    assert_eq!(world.bob().modifies("i", "x"), "10007 notMember");
    assert_eq!(world.alice().modifies("i", "x"), "invitation.modified v3 → alice carol dave");
}
