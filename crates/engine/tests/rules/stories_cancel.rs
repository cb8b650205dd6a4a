//! Stories: an invitation is taken back from some invitees, while it goes on for the others.

use wigwag_engine::command::{Cancel, Invite, Invited};
use wigwag_engine::invitation::KEPT_WITHDRAWALS;
use wigwag_engine::{Command, Limits};
use wigwag_protocol::Event;
use wigwag_protocol::event::InvitationClosed;
use wigwag_protocol::invitation::Notify;

use crate::world::{World, answer, group_id, invite_members, user};

#[test]
fn it_goes_on_for_the_others() {
    let mut world = World::with_class();
    world.alice().invites_members("class", &["bob", "carol", "dave"], "i");
    assert_eq!(world.alice().cancels_for(&["bob"], "i"), "invitation.cancelled v2 → alice bob carol dave #2");
    let closed = cancelled(&world);
    assert_eq!((closed.invitee_list, closed.still_open), (vec![user("bob")], true));
    assert_eq!(world.bob().accepts("i"), "8010 cancelled (cancelled by alice on phone)");
    assert_eq!(world.carol().accepts("i"), "invitation.accepted v3 → alice bob carol dave #3");
    assert_eq!(
        world.alice().cancels_for(&["carol", "dave"], "i"),
        "invitation.cancelled v4 → alice bob carol dave #4"
    );
    let closed = cancelled(&world);
    assert_eq!((closed.invitee_list, closed.still_open), (vec![user("dave")], false), "carol had answered");
    assert_eq!(world.alice().cancels("i"), "nothing", "nobody else was pending, so this says the same");
}

#[test]
fn a_cancel_of_all_who_are_pending_ends_it_as_one_without_names() {
    let mut world = World::with_class();
    world.alice().invites_members("class", &["bob", "carol"], "i");
    world.alice().cancels_for(&["carol", "bob", "carol"], "i");
    assert!(!world.invitation("i").is_open());
    world.alice().invites("dave", "j");
    assert_eq!(world.alice().cancels_for(&["dave"], "j"), "invitation.cancelled v2 → alice dave #2");
    assert!(!world.invitation("j").is_open());
}

#[test]
fn a_repeat_gets_the_first_reply_and_no_other() {
    let mut world = World::with_class();
    world.alice().invites_members("class", &["bob", "carol", "dave"], "i");
    world.alice().cancels_for(&["bob"], "i");
    let first = reply(&world);
    world.alice().cancels_for(&["carol"], "i");
    let second = reply(&world);
    assert_eq!(world.alice().cancels_for(&["bob"], "i"), "nothing");
    assert_eq!(reply(&world), first);
    assert_eq!(world.alice().cancels_for(&["carol"], "i"), "nothing");
    assert_eq!(reply(&world), second);
    assert_eq!(
        world.alice().on("laptop").cancels_for(&["bob"], "i"),
        "8010 settled (cancelled by alice on phone)"
    );
    world.dave().rejects("i");
    assert_eq!(world.alice().cancels_for(&["bob"], "i"), "nothing", "also when it has ended");
    assert_eq!(world.alice().cancels_for(&["dave"], "i"), "8010 settled (rejected by dave on phone)");
}

#[test]
fn whom_it_does_not_invite_it_cannot_be_taken_back_from() {
    let mut world = World::with_class();
    world.alice().invites_members("class", &["bob", "carol"], "i");
    assert_eq!(world.alice().cancels_for(&["bob", "dave"], "i"), "6017 invalidParameter");
    let error = world.error();
    assert_eq!(error.data.field.as_deref(), Some("inviteeList"));
    assert_eq!(error.message, "inviteeList names dave, whom this does not invite");
    assert_eq!(world.bob().cancels_for(&["bob"], "i"), "8011 notInviter");
    world.passes(30);
    assert_eq!(world.alice().cancels_for(&["bob"], "i"), "8010 timedOut ()");
    world.looks_at("i");
    assert_eq!(world.alice().cancels_for(&["bob"], "i"), "8010 settled (timedout)");
}

#[test]
fn at_most_as_many_are_named_as_can_be_invited() {
    let mut world = World::with(Limits { invitees: 2, ..Limits::default() });
    world.alice().creates("class", &["bob", "carol"]);
    world.alice().invites_members("class", &["bob", "carol"], "i");
    assert_eq!(world.alice().cancels_for(&["bob"; 3], "i"), "6017 invalidParameter");
    assert_eq!(world.error().message, "inviteeList has more than 2 entries");
    assert!(world.alice().cancels_for(&["bob"; 2], "i").starts_with("invitation.cancelled v2"));
}

#[test]
fn among_the_parties_the_others_see_who_rings_no_more() {
    let mut world = World::with_class();
    let invitees = vec![user("bob"), user("carol")];
    let invited = Invited::Members { group: group_id("class"), invitees, notify: Notify::Parties };
    let wish = Invite { invited, ..invite_members("class", &[], "i") };
    world.alice().asks(Command::Invite(Box::new(wish)));
    assert_eq!(world.alice().cancels_for(&["bob"], "i"), "invitation.cancelled v2 → alice bob carol #2");
    assert_eq!(world.alice().cancels("i"), "invitation.cancelled v3 → alice carol #3");
}

#[test]
fn whoever_was_taken_back_from_may_leave_the_group_and_be_invited_again() {
    let mut world = World::with(Limits { pair_open_invitations: 1, ..Limits::default() });
    world.alice().creates("class", &["bob", "carol"]);
    world.alice().invites_members("class", &["bob", "carol"], "i");
    assert_eq!(world.alice().invites("bob", "j"), "7008 tooManyOpenForPair");
    world.alice().cancels_for(&["bob"], "i");
    assert_eq!(world.alice().invites("bob", "j"), "invitation.received v1 → alice bob #1");
    assert_eq!(world.bob().quits("class"), "group.membersRemoved → alice bob carol");
    assert!(world.invitation("i").is_open());
}

#[test]
fn in_a_call_one_of_several_rings_no_more() {
    let mut world = World::with_class();
    world.alice().calls_members("class", "room", &["bob", "carol"], "c");
    assert_eq!(
        world.alice().cancels_for(&["bob"], "c"),
        "invitation.cancelled v2 → alice bob carol dave #2; call.declined → alice bob carol dave"
    );
    assert_eq!(world.call("c"), "alice joined, bob cancelled, carol ringing");
    let told = world.alice().cancels_for(&["carol"], "c");
    assert!(told.starts_with("invitation.cancelled v3 → alice bob carol dave #3; call.declined"), "{told}");
    assert_eq!(world.call("c"), "alice left, bob cancelled, carol cancelled ■ cancelled");
}

#[test]
fn a_back_end_repeats_itself_without_a_device() {
    let mut world = World::with_class();
    world.alice().invites_members("class", &["bob", "carol"], "i");
    let cancel = || Command::Cancel(Cancel { answer: answer("i", "no"), from: Some(vec![user("bob")]) });
    world.alice().through_a_back_end().asks(cancel());
    assert_eq!(cancelled(&world).device, None);
    let first = reply(&world);
    assert_eq!(world.alice().through_a_back_end().asks(cancel()), "nothing");
    assert_eq!(reply(&world), first);
    assert_eq!(world.bob().accepts("i"), "8010 cancelled (cancelled by alice)");
}

#[test]
fn of_many_cancels_the_newest_are_kept() {
    let names = [
        "m01", "m02", "m03", "m04", "m05", "m06", "m07", "m08", "m09", "m10", "m11", "m12", "m13", "m14",
        "m15", "m16", "m17", "m18",
    ];
    let mut world = World::new();
    for name in names {
        world.person(name).asks(Command::Register);
    }
    world.alice().creates("many", &names);
    world.alice().invites_members("many", &names, "i");
    for name in &names[..=KEPT_WITHDRAWALS] {
        world.alice().cancels_for(&[name], "i");
    }
    assert_eq!(world.invitation("i").withdrawals.len(), KEPT_WITHDRAWALS);
    assert_eq!(world.alice().cancels_for(&["m02"], "i"), "nothing", "a repeat of the oldest that is kept");
    assert_eq!(world.alice().cancels_for(&["m01"], "i"), "8010 settled (cancelled by alice)");
    assert_eq!(
        world.person("m01").accepts("i"),
        "8010 cancelled (cancelled by alice)",
        "from which device is forgotten"
    );
    assert!(world.person("m18").accepts("i").starts_with("invitation.accepted"));
    assert_eq!(
        world.person("m01").accepts("i"),
        "8010 cancelled (cancelled by alice)",
        "also when it has ended"
    );
}

fn cancelled(world: &World) -> InvitationClosed {
    let events = world.events();
    let Event::InvitationCancelled(closed) = &events[0].event else { panic!("{events:?}") };
    closed.clone()
}

fn reply(world: &World) -> String {
    format!("{:?}", world.reply())
}
