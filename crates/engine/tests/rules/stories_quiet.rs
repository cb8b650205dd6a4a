//! Stories: quiet hours, a second call, and silence.

use wigwag_engine::Command;
use wigwag_engine::command::Invite;
use wigwag_engine::quiet::MOST_EXCEPTIONS;
use wigwag_protocol::quiet::{Quiet, QuietPush, QuietSpan};

use crate::world::{World, invite, invite_id, invite_members, user, video};

fn sleeping() -> Quiet {
    Quiet { until: Some(u64::MAX), ..Quiet::default() }
}

fn sets(world: &mut World, who: &'static str, quiet: Quiet) -> String {
    world.person(who).asks(Command::SetQuiet(Box::new(quiet)))
}

fn silences(world: &mut World, who: &'static str, id: &str) -> String {
    world.person(who).asks(Command::Silence(invite_id(id)))
}

/// For whom the invite of the last command rings without a sound.
fn quiet_ones(world: &World) -> Vec<String> {
    world.events()[0].quiet.iter().map(ToString::to_string).collect()
}

#[test]
fn somebody_who_is_quiet_is_rung_all_the_same_and_only_they_are_told_that_it_makes_no_sound() {
    let mut world = World::with_class();
    assert_eq!(sets(&mut world, "bob", sleeping()), "user.quietChanged → bob");
    assert_eq!(sets(&mut world, "bob", sleeping()), "nothing");
    let ring = Command::Invite(Box::new(invite_members("class", &["dave", "bob", "carol"], "i")));
    assert_eq!(world.alice().asks(ring), "invitation.received v1 → alice bob carol dave #1");
    assert_eq!(quiet_ones(&world), ["bob"]);
    let text = serde_json::to_string(&world.events()[0].event).unwrap();
    assert!(!text.contains("quiet"), "what all are given says nothing of it: {text}");
    let seen = |world: &World, who| world.invitation("i").view_of(&user(who), world.now).quiet;
    assert_eq!(["alice", "bob", "carol"].map(|who| seen(&world, who)), [false, true, false]);
    assert_eq!(world.bob().accepts("i"), "invitation.accepted v2 → alice bob carol dave #2");
    assert!(!seen(&world, "bob"), "it rings no more");
    assert_eq!(sets(&mut world, "bob", Quiet::default()), "user.quietChanged → bob");
    assert!(world.server.journal.quiet.is_empty(), "nothing is kept of who has set nothing");
    assert_eq!(sets(&mut world, "bob", Quiet::default()), "nothing");
    world.alice().invites("bob", "j");
    assert!(quiet_ones(&world).is_empty());
}

#[test]
fn a_second_call_gets_through_and_so_does_an_excepted_user() {
    let mut world = World::new();
    sets(&mut world, "bob", Quiet { except: vec![user("dave")], push: QuietPush::None, ..sleeping() });
    world.dave().invites("bob", "of dave");
    assert!(quiet_ones(&world).is_empty());
    world.alice().invites("bob", "first");
    assert_eq!(quiet_ones(&world), ["bob"]);
    assert_eq!(world.invitation("first").woken().count(), 0, "no push either");
    world.carol().invites("bob", "of carol");
    assert_eq!(quiet_ones(&world), ["bob"]);
    world.alice().cancels("first");
    world.passes(179);
    world.alice().invites("bob", "second");
    assert!(quiet_ones(&world).is_empty());
    assert_eq!(world.invitation("second").woken().count(), 1);
    world.passes(180);
    world.alice().invites("bob", "much later");
    assert_eq!(quiet_ones(&world), ["bob"]);
    // It stays as it was decided, whatever is set afterwards.
    sets(&mut world, "bob", Quiet::default());
    assert_eq!(world.invitation("much later").quiet(), [user("bob")]);
    sets(&mut world, "bob", Quiet { again: false, ..sleeping() });
    for id in ["a", "b"] {
        world.alice().invites("bob", id);
        assert_eq!(quiet_ones(&world), ["bob"], "{id}");
    }
}

#[test]
fn a_repeated_invite_is_no_second_call_and_a_blocked_inviter_no_first() {
    let mut world = World::new();
    sets(&mut world, "bob", sleeping());
    world.bob().blocks("alice", true);
    assert_eq!(world.alice().invites("bob", "i"), "20007 blocked");
    world.bob().blocks("alice", false);
    world.alice().invites("bob", "i");
    assert_eq!(quiet_ones(&world), ["bob"]);
    assert_eq!(world.alice().invites("bob", "i"), "nothing");
    assert_eq!(world.invitation("i").quiet(), [user("bob")]);
}

#[test]
fn a_call_is_quiet_as_any_ring_and_one_who_is_busy_is_not_rung_at_all() {
    let mut world = World::new();
    sets(&mut world, "bob", sleeping());
    let call = |whom, id| Command::Invite(Box::new(Invite { call: Some(video(None)), ..invite(whom, id) }));
    world.alice().asks(call("bob", "i"));
    assert_eq!(quiet_ones(&world), ["bob"]);
    world.bob().accepts("i");
    world.carol().asks(call("bob", "j"));
    assert!(quiet_ones(&world).is_empty());
    let kept = &world.server.journal.quiet[&user("bob")];
    assert_eq!(kept.rang.len(), 1, "carol has not rung: {kept:?}");
}

#[test]
fn silence_is_no_answer_and_nobody_else_hears_of_it() {
    let mut world = World::new();
    world.alice().invites("bob", "i");
    let before = world.invitation("i").clone();
    assert_eq!(silences(&mut world, "bob", "i"), "invitation.silenced → bob");
    assert_eq!(silences(&mut world, "bob", "i"), "nothing");
    let after = world.invitation("i");
    assert_eq!((after.version, after.view(world.now)), (before.version, before.view(world.now)));
    assert!(after.view_of(&user("bob"), world.now).quiet && after.woken().count() == 0);
    assert_eq!(world.bob().accepts("i"), "invitation.accepted v2 → alice bob #2");
    assert_eq!(silences(&mut world, "bob", "i"), "8010 settled (accepted by bob on phone)");

    world.alice().invites("bob", "j");
    silences(&mut world, "bob", "j");
    world.passes(30);
    assert_eq!(silences(&mut world, "bob", "j"), "8010 timedOut (timedout)");
    assert_eq!(world.looks_at("j"), "invitation.timedOut v2 → alice bob #4");
    world.alice().invites("bob", "k");
    assert_eq!(silences(&mut world, "alice", "k"), "8011 notInvitee");
    assert_eq!(silences(&mut world, "carol", "k"), "8010 unknown");
    assert_eq!(silences(&mut world, "carol", "none"), "8010 unknown");
    silences(&mut world, "bob", "k");
    assert_eq!(world.alice().cancels("k"), "invitation.cancelled v2 → alice bob #6");
    assert_eq!(silences(&mut world, "bob", "k"), "8010 cancelled (cancelled by alice on phone)");
}

#[test]
fn of_several_invitees_each_silences_for_themselves() {
    let mut world = World::with_class();
    world.alice().invites_members("class", &["bob", "carol"], "i");
    assert_eq!(silences(&mut world, "carol", "i"), "invitation.silenced → carol");
    assert_eq!(world.invitation("i").quiet(), [user("carol")]);
    assert_eq!(silences(&mut world, "dave", "i"), "8010 unknown", "no party");
    world.bob().rejects("i");
    assert_eq!(world.invitation("i").quiet(), [user("carol")], "what others do leaves it");
}

#[test]
fn what_cannot_be_kept_is_refused_and_says_which_field() {
    let mut world = World::new();
    let span = |from| QuietSpan { days: vec![1], from, to: 1 };
    let table = [
        (Quiet { hours: vec![span(0)], ..Quiet::default() }, "6017 invalidParameter"),
        (Quiet { time_zone: Some("Nowhere".to_owned()), ..Quiet::default() }, "6017 invalidParameter"),
        (Quiet { except: vec![user("a"); MOST_EXCEPTIONS + 1], ..Quiet::default() }, "6017 invalidParameter"),
        (
            Quiet { hours: vec![span(1_440)], time_zone: Some("UTC".to_owned()), ..Quiet::default() },
            "6017 invalidParameter",
        ),
        (Quiet { except: vec![user("a"); MOST_EXCEPTIONS], ..Quiet::default() }, "user.quietChanged → bob"),
    ];
    for (quiet, told) in table {
        assert_eq!(sets(&mut world, "bob", quiet.clone()), told, "{quiet:?}");
    }
}

#[test]
fn a_deleted_user_takes_it_along() {
    let mut world = World::new();
    sets(&mut world, "bob", sleeping());
    world.bob().asks(Command::DeleteUser);
    assert!(world.server.journal.quiet.is_empty());
}
