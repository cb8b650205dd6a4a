//! Stories of invitations without a deadline, which apps send as messages: "hang up", "switch to audio".

use wigwag_engine::command::Invite;
use wigwag_engine::invitation::End;
use wigwag_engine::{Command, Limits};
use wigwag_protocol::invitation::EndReason;

use crate::world::{World, invite, invite_members};

fn lasting(whom: &str, id: &str) -> Command {
    Command::Invite(Box::new(Invite { timeout: 0, ..invite(whom, id) }))
}

fn lasting_in_class(id: &str) -> Command {
    Command::Invite(Box::new(Invite { timeout: 0, ..invite_members("class", &["bob"], id) }))
}

/// Of these, those that are open.
fn open(world: &World, ids: &[&'static str]) -> Vec<&'static str> {
    ids.iter().copied().filter(|id| world.invitation(id).is_open()).collect()
}

#[test]
fn only_the_newest_few_to_the_same_user_stay_open() {
    let mut world = World::new();
    world.alice().invites("bob", "call");
    for id in ["one", "two", "three"] {
        world.alice().asks(lasting("bob", id));
        world.passes(1);
    }
    assert_eq!(
        world.alice().asks(lasting("bob", "four")),
        "invitation.received v1 → alice bob #5",
        "and no more"
    );
    assert_eq!(open(&world, &["call", "one", "two", "three", "four"]), ["call", "two", "three", "four"]);
    let closed = world.invitation("one");
    assert_eq!(closed.end.as_ref().map(|end| (end.reason(), end.at)), Some((EndReason::Expired, world.now)));
    assert_eq!(closed.version, 2);
    assert_eq!(world.bob().accepts("one"), "8010 timedOut (timedout)");
    assert_eq!(world.bob().accepts("two"), "invitation.accepted v2 → alice bob #6");
    assert_eq!(world.alice().asks(lasting("bob", "one")), "nothing", "a repeat opens nothing again");
    assert_eq!(open(&world, &["three", "four"]), ["three", "four"]);
}

#[test]
fn each_pair_and_each_group_has_its_own() {
    let mut world = World::with_class();
    for id in ["b1", "b2", "b3"] {
        world.alice().asks(lasting("bob", id));
    }
    for id in ["c1", "c2", "c3"] {
        world.alice().asks(lasting("carol", id));
    }
    for id in ["g1", "g2", "g3"] {
        world.alice().asks(lasting_in_class(id));
    }
    world.bob().asks(lasting("alice", "a1"));
    let all = ["b1", "b2", "b3", "c1", "c2", "c3", "g1", "g2", "g3", "a1"];
    assert_eq!(open(&world, &all), all);
    world.passes(1);
    world.alice().asks(lasting_in_class("g4"));
    assert_eq!(open(&world, &["g1", "g2", "g3", "g4"]), ["g2", "g3", "g4"]);
    assert_eq!(open(&world, &all).len(), all.len() - 1);
}

#[test]
fn what_was_sent_as_a_message_keeps_nobody_from_calling() {
    let mut world = World::with(Limits { open_invitations: 3, ..Limits::default() });
    for (whom, id) in [("bob", "b"), ("carol", "c"), ("dave", "d")] {
        world.alice().asks(lasting(whom, id));
        world.passes(1);
    }
    assert_eq!(world.alice().invites("bob", "call"), "invitation.received v1 → alice bob #2");
    assert_eq!(open(&world, &["b", "c", "d", "call"]), ["c", "d", "call"]);
    world.alice().invites("carol", "second");
    world.alice().invites("dave", "third");
    assert_eq!(open(&world, &["c", "d", "call", "second", "third"]), ["call", "second", "third"]);
    assert_eq!(
        world.alice().invites("bob", "fourth"),
        "7008 tooManyOpenInvitations",
        "calls are counted as ever"
    );
    assert_eq!(world.alice().asks(lasting("bob", "hang up")), "7008 tooManyOpenInvitations");
}

#[test]
fn in_a_full_group_they_make_room_for_everybody() {
    let mut world = World::with(Limits { group_open_invitations: 3, ..Limits::default() });
    world.alice().creates("class", &["bob", "carol", "dave"]);
    for id in ["one", "two", "three"] {
        world.alice().asks(lasting_in_class(id));
        world.passes(1);
    }
    assert_eq!(
        world.bob().invites_members("class", &["carol"], "call"),
        "invitation.received v1 → alice bob carol dave #4",
        "and nobody is told what was closed"
    );
    assert_eq!(open(&world, &["one", "two", "three", "call"]), ["two", "three", "call"]);
    world.carol().asks(lasting_in_class("four"));
    assert_eq!(open(&world, &["two", "three", "call", "four"]), ["three", "call", "four"], "the oldest");
    world.bob().invites_members("class", &["carol"], "second");
    world.bob().invites_members("class", &["carol"], "third");
    assert_eq!(open(&world, &["three", "call", "four", "second", "third"]), ["call", "second", "third"]);
    assert_eq!(world.bob().invites_members("class", &["carol"], "fourth"), "7008 tooManyOpenInGroup");
    assert_eq!(world.carol().asks(lasting_in_class("five")), "7008 tooManyOpenInGroup");
}

#[test]
fn those_of_many_inviters_do_not_fill_an_invitees_list() {
    let mut world = World::with(Limits { invitee_open_invitations: 3, ..Limits::default() });
    world.alice().asks(lasting("bob", "a"));
    world.passes(1);
    world.carol().asks(lasting("bob", "c"));
    world.passes(1);
    world.carol().invites("bob", "call");
    assert_eq!(world.dave().invites("bob", "d"), "invitation.received v1 → bob dave #1");
    assert_eq!(open(&world, &["a", "c", "call", "d"]), ["c", "call", "d"]);
    let closed = world.invitation("a");
    assert_eq!(closed.end.as_ref().map(End::reason), Some(EndReason::Expired));
    world.alice().asks(lasting("bob", "e"));
    assert_eq!(
        open(&world, &["c", "call", "d", "e"]),
        ["call", "d", "e"],
        "they also make room for each other"
    );
    assert_eq!(world.alice().invites("bob", "f"), "invitation.received v1 → alice bob #3");
    assert_eq!(world.dave().invites("bob", "g"), "7008 tooManyOpenForInvitee", "all have a deadline");
    assert_eq!(world.dave().asks(lasting("bob", "h")), "7008 tooManyOpenForInvitee");
    assert_eq!(open(&world, &["call", "d", "e", "f"]), ["call", "d", "f"]);
}

#[test]
fn a_refused_invitation_closes_nothing() {
    let limits = Limits { pair_open_invitations: 2, invitee_open_invitations: 3, ..Limits::default() };
    let mut world = World::with(limits);
    world.alice().creates("class", &["bob", "carol"]);
    world.alice().asks(lasting_in_class("hint"));
    world.carol().invites("bob", "one");
    world.carol().invites("bob", "two");
    assert_eq!(world.carol().invites("bob", "three"), "7008 tooManyOpenForPair");
    assert_eq!(open(&world, &["hint", "one", "two"]), ["hint", "one", "two"]);
    assert_eq!(world.dave().invites("bob", "call"), "invitation.received v1 → bob dave #1");
    assert_eq!(open(&world, &["hint", "one", "two", "call"]), ["one", "two", "call"]);
}

#[test]
fn one_inviters_own_make_room_for_their_call_to_the_same_user() {
    let mut world = World::with(Limits { pair_open_invitations: 2, ..Limits::default() });
    world.alice().creates("class", &["bob", "carol"]);
    world.alice().asks(lasting("bob", "hang up"));
    world.passes(1);
    world.alice().asks(lasting_in_class("hint"));
    world.passes(1);
    assert_eq!(world.alice().invites("bob", "call"), "invitation.received v1 → alice bob #2");
    assert_eq!(open(&world, &["hang up", "hint", "call"]), ["hint", "call"]);
    world.alice().invites_members("class", &["bob", "carol"], "group call");
    assert_eq!(open(&world, &["hint", "call", "group call"]), ["call", "group call"]);
    assert_eq!(world.ignored(), [""; 0], "bob is rung too");
}
