//! Stories: whom a user lets ring them and add them to groups, and how nobody makes themselves known.

use wigwag_engine::Command;
use wigwag_engine::command::Invite;
use wigwag_engine::invitation::Switches;
use wigwag_protocol::group::ReachableBy::{Everybody, Known, Nobody};

use crate::world::{World, in_group, invite, to};

const REFUSED: &str = "20007 blocked";

#[test]
fn each_rule_lets_in_whom_it_names() {
    // The rule; whether a stranger, and whether somebody whom bob has written to, may ring and add him.
    for (rule, stranger, known) in [(Everybody, true, true), (Known, false, true), (Nobody, false, false)] {
        let mut world = World::new();
        world.bob().says(to("carol"), "hello");
        world.bob().lets_reach(rule, rule);
        for (name, may) in [("alice", stranger), ("carol", known)] {
            let rung = world.person(name).invites("bob", name);
            assert_eq!(rung != REFUSED, may, "{rule:?}: {name} rings: {rung}");
            world.person(name).creates(name, &["dave"]);
            let added = world.person(name).adds(name, &["bob"]);
            assert_eq!(added != REFUSED, may, "{rule:?}: {name} adds: {added}");
        }
    }
}

#[test]
fn ringing_and_adding_have_rules_of_their_own() {
    let mut world = World::new();
    assert_eq!(world.bob().lets_reach(Nobody, Everybody), "user.reachChanged → bob");
    assert_eq!(world.bob().lets_reach(Nobody, Everybody), "nothing");
    assert_eq!(world.alice().invites("bob", "i"), REFUSED);
    assert_eq!(world.alice().creates("g", &["bob"]), "group.membersAdded → alice bob");
    let only_add = Command::SetReach { ring: None, add: Some(Nobody) };
    assert_eq!(world.bob().asks(only_add), "user.reachChanged → bob");
    assert_eq!(world.alice().invites("bob", "i"), REFUSED, "what is left out stays");
    assert_eq!(
        world.bob().says(to("alice"), "so"),
        "message.received → alice bob #1",
        "he may speak himself"
    );
    assert_eq!(
        world.alice().says(to("bob"), "so?"),
        "message.received → alice bob #2",
        "messages are no rings"
    );
}

#[test]
fn a_stranger_does_not_become_known_by_what_they_do() {
    let mut world = World::new();
    world.alice().invites("bob", "before");
    assert_eq!(world.bob().rejects("before"), "invitation.rejected v2 → alice bob #2");
    world.bob().lets_reach(Known, Everybody);
    world.alice().creates("trap", &["bob"]);
    world.bob().lets_reach(Known, Known);
    world.alice().says(to("bob"), "hello");
    world.bob().reads(to("alice"), 3);
    world.alice().says(in_group("trap"), "hello");
    assert_eq!(world.alice().invites("bob", "i"), REFUSED, "a rejection is no writing");
    assert_eq!(world.alice().invites_members("trap", &["bob"], "j"), REFUSED);
    world.alice().creates("second", &["bob", "carol"]);
    let unseen = Switches { online_user_only: true, ..Switches::default() };
    let unseen = Command::Invite(Box::new(Invite { switches: unseen, ..invite("bob", "k") }));
    assert_eq!(world.alice().asks(unseen), REFUSED, "however they ring");
    assert_eq!(world.alice().adds("second", &["bob"]), REFUSED);
}

#[test]
fn a_user_gets_to_know_others_by_writing_accepting_or_calling() {
    for deed in ["writes", "accepts", "calls"] {
        let mut world = World::new();
        world.alice().invites("bob", "before");
        match deed {
            "writes" => world.bob().says(to("alice"), "hello"),
            "accepts" => world.bob().accepts("before"),
            _ => world.bob().invites("alice", "back"),
        };
        world.bob().lets_reach(Known, Known);
        assert_eq!(world.alice().invites("bob", "i"), "invitation.received v1 → alice bob #3", "{deed}");
        assert_ne!(world.alice().creates("g", &["bob"]), REFUSED, "{deed}");
        world.alice().lets_reach(Known, Known);
        let back = world.bob().invites("alice", "j");
        assert_ne!(back, REFUSED, "{deed}: alice has rung him");
    }
}

#[test]
fn members_of_a_group_know_each_other() {
    let mut world = World::new();
    world.alice().creates("class", &["carol"]);
    world.bob().joins("class");
    world.bob().lets_reach(Known, Known);
    world.carol().lets_reach(Known, Known);
    assert_eq!(world.carol().invites("bob", "i"), "invitation.received v1 → bob carol #1", "bob has joined");
    assert_eq!(
        world.alice().invites("carol", "k"),
        "invitation.received v1 → alice carol #1",
        "she was added while everybody might ring her"
    );
    assert_eq!(world.alice().creates("second", &["carol"]), "group.membersAdded → alice carol");
    world.alice().removes("class", &["bob"]);
    assert_eq!(world.alice().invites("bob", "l"), REFUSED, "the group is shared no more");
}

#[test]
fn a_group_that_a_stranger_put_a_user_into_counts_when_the_user_has_written() {
    let mut world = World::new();
    world.bob().lets_reach(Known, Everybody);
    world.alice().creates("class", &["bob"]);
    world.carol().joins("class");
    assert_eq!(world.alice().invites("bob", "i"), REFUSED);
    assert_eq!(world.alice().invites_members("class", &["bob"], "i"), REFUSED);
    world.bob().says(in_group("class"), "hello");
    assert_eq!(world.alice().invites("bob", "i"), "invitation.received v1 → alice bob #1");
    assert_eq!(world.carol().invites("bob", "j"), "invitation.received v1 → bob carol #1");
    world.carol().creates("second", &["bob", "dave"]);
    assert_eq!(world.dave().invites("bob", "k"), "invitation.received v1 → bob dave #1", "bob knows carol");
}

#[test]
fn whoever_lets_only_known_users_add_them_knows_the_others_of_the_group() {
    let mut world = World::new();
    world.bob().lets_reach(Known, Known);
    world.bob().says(to("alice"), "hello");
    world.alice().creates("class", &["bob", "carol"]);
    assert_eq!(world.carol().invites("bob", "i"), "invitation.received v1 → bob carol #1");
    world.alice().dismisses("class");
    assert_eq!(world.carol().invites("bob", "j"), REFUSED, "the group is no more, and bob has not answered");
}

#[test]
fn what_a_batch_has_done_to_groups_counts_before_it_is_written() {
    let mut world = World::new();
    world.alice().creates("old", &[]);
    world.bob().joins("old");
    world.bob().lets_reach(Known, Known);
    world.carol().creates("new", &[]);
    world.server.begin_batch();
    world.bob().quits("old");
    assert_eq!(world.alice().invites("bob", "i"), REFUSED);
    world.bob().joins("new");
    assert_eq!(world.carol().invites("bob", "j"), "invitation.received v1 → bob carol #1");
    world.carol().dismisses("new");
    world.server.end_batch();
    assert_eq!(world.carol().invites("bob", "k"), REFUSED);
}

#[test]
fn in_a_group_others_are_rung_without_those_who_let_nobody() {
    let mut world = World::with_class();
    world.bob().lets_reach(Nobody, Nobody);
    let rung = world.alice().invites_members("class", &["bob", "carol"], "i");
    assert_eq!(rung, "invitation.received v1 → alice bob carol dave #1", "all members hear of it");
    assert_eq!(world.ignored(), ["bob"]);
    assert_eq!(world.bob().accepts("i"), "8011 notInvitee");
    assert_eq!(world.alice().invites_members("class", &["bob"], "j"), REFUSED);
    assert_eq!(world.alice().creates("second", &["bob", "carol"]), "group.membersAdded → alice carol");
}

#[test]
fn whoever_lets_nobody_reach_them_can_still_call_join_and_come_back() {
    let mut world = World::new();
    world.bob().lets_reach(Nobody, Nobody);
    world.bob().calls("alice", "c");
    assert_eq!(world.alice().accepts("c"), "invitation.accepted v2 → alice bob #2");
    assert_eq!(world.call("c"), "bob joined, alice joined");
    world.bob().hangs_up("c");
    world.bob().calls("alice", "b");
    assert_eq!(world.alice().calls("bob", "a"), "invitation.accepted v2 → alice bob #4", "both call");
    assert_eq!(world.call("b"), "bob joined, alice joined");
    assert_eq!(world.alice().calls("bob", "again"), REFUSED);
    world.alice().creates("class", &["carol"]);
    assert_eq!(world.bob().joins("class"), "group.membersAdded → alice bob carol");
    world.bob().quits("class");
    assert_eq!(world.bob().joins("class"), "group.membersAdded → alice bob carol");
}

#[test]
fn the_rule_holds_in_calls_and_bars_nobody_from_joining_one() {
    let mut world = World::with_class();
    world.carol().lets_reach(Nobody, Nobody);
    world.alice().calls_into("room", "bob", "c");
    world.bob().accepts("c");
    assert_eq!(world.alice().calls_into("room", "carol", "more"), REFUSED);
    world.bob().lets_reach(Nobody, Nobody);
    assert_eq!(world.dave().calls("bob", "busy"), REFUSED, "a refused user does not learn that bob is busy");
    assert_eq!(world.call("c"), "alice joined, bob joined");
    world.dave().calls_members("class", "hall", &["carol", "alice"], "g");
    assert_eq!(world.ignored(), ["carol"]);
    assert_eq!(world.call("g"), "dave left, alice busy ■ busy");
    world.alice().hangs_up("c");
    world.dave().calls_members("class", "hall", &["carol", "alice"], "h");
    assert_eq!(world.call("h"), "dave joined, alice ringing");
    assert_ne!(world.carol().joins_room("hall"), REFUSED);
    assert_eq!(world.call("h"), "dave joined, alice ringing, carol joined");
}

#[test]
fn what_rings_already_goes_on() {
    let mut world = World::new();
    world.alice().invites("bob", "i");
    world.bob().lets_reach(Nobody, Nobody);
    assert_eq!(world.alice().invites("bob", "i"), "nothing", "a repeat gets its first reply");
    assert_eq!(world.bob().accepts("i"), "invitation.accepted v2 → alice bob #2");
}

#[test]
fn a_block_is_stronger_and_looks_the_same() {
    let mut world = World::new();
    world.bob().says(to("alice"), "hello");
    world.bob().lets_reach(Known, Known);
    world.bob().blocks("alice", true);
    assert_eq!(world.alice().invites("bob", "i"), REFUSED);
    let blocked = world.error();
    assert_eq!(world.carol().invites("bob", "j"), REFUSED);
    assert_eq!(world.error(), blocked, "who is refused cannot tell why");
}
