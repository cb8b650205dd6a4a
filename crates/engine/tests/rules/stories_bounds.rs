//! Stories: how many invitations may be pending for one invitee, and who may reach whom through a group.

use wigwag_engine::command::CreateGroup;
use wigwag_engine::{Command, Limits, Reply};
use wigwag_protocol::group::JoinPolicy;

use crate::world::{World, group_id, user};

#[test]
fn one_inviter_fills_only_a_part_of_an_invitees_list() {
    let mut world = World::with(Limits { pair_open_invitations: 2, ..Limits::default() });
    world.alice().invites("bob", "i");
    world.alice().invites("bob", "j");
    assert_eq!(world.alice().invites("bob", "k"), "7008 tooManyOpenForPair");
    assert!(world.error().data.retryable);
    assert_eq!(world.alice().invites("bob", "j"), "nothing", "a repeat needs no room");
    assert_eq!(world.alice().invites("carol", "l"), "invitation.received v1 → alice carol #1");
    assert_eq!(world.carol().invites("bob", "m"), "invitation.received v1 → bob carol #1");
    assert_eq!(
        world.bob().invites("alice", "n"),
        "invitation.received v1 → alice bob #3",
        "not the other way"
    );
    world.bob().accepts("i");
    assert_eq!(world.alice().invites("bob", "k"), "invitation.received v1 → alice bob #5");
}

#[test]
fn all_inviters_together_fill_an_invitees_list() {
    let mut world = World::with(Limits { invitee_open_invitations: 2, ..Limits::default() });
    world.alice().invites("bob", "i");
    world.carol().invites("bob", "j");
    assert_eq!(world.dave().invites("bob", "k"), "7008 tooManyOpenForInvitee");
    assert!(world.error().data.retryable);
    world.alice().cancels("i");
    assert_eq!(world.dave().invites("bob", "k"), "invitation.received v1 → bob dave #1");
    assert_eq!(world.alice().invites("bob", "l"), "7008 tooManyOpenForInvitee");
    world.passes(30);
    assert_eq!(
        world.alice().invites("bob", "l"),
        "7008 tooManyOpenForInvitee",
        "the timeout is not written yet"
    );
    world.looks_at("k");
    assert_eq!(world.alice().invites("bob", "l"), "invitation.received v1 → alice bob #3");
}

#[test]
fn a_groups_invitation_leaves_out_whoever_has_no_room() {
    let mut world = World::with(Limits { pair_open_invitations: 1, ..Limits::default() });
    world.alice().creates("class", &["bob", "carol", "dave"]);
    world.alice().invites("bob", "i");
    world.alice().invites_members("class", &["bob", "carol"], "j");
    assert_eq!(world.ignored(), ["bob"]);
    assert_eq!(world.invitation("j").invitee(&user("bob")), None);
    world.alice().invites_members("class", &["bob", "carol"], "j");
    assert_eq!(world.ignored(), ["bob"], "a repeat names them again");
    assert_eq!(world.alice().invites_members("class", &["carol", "bob"], "k"), "7008 tooManyOpenForPair");
    world.carol().accepts("j");
    world.alice().invites_members("class", &["carol", "bob"], "k");
    assert_eq!(world.ignored(), ["bob"], "an invitee who answered has room, while others are pending or not");
}

#[test]
fn whoever_leaves_a_group_is_pending_no_more() {
    let mut world = World::with(Limits { pair_open_invitations: 1, ..Limits::default() });
    world.alice().creates("class", &["bob", "carol"]);
    world.alice().invites_members("class", &["bob", "carol"], "i");
    world.bob().quits("class");
    assert_eq!(world.alice().invites("bob", "j"), "invitation.received v1 → alice bob #1");
    world.alice().dismisses("class");
    assert_eq!(world.alice().invites("carol", "k"), "invitation.received v1 → alice carol #1");
}

#[test]
fn whoever_is_blocked_does_not_reach_through_a_group() {
    let mut world = World::new();
    world.bob().creates("friends", &["alice", "carol"]);
    world.bob().blocks("alice", true);
    assert_eq!(world.alice().creates("trap", &["bob", "carol"]), "group.membersAdded → alice carol");
    let Reply::Created(created) = world.reply() else { panic!("not the reply to a create") };
    assert_eq!(created.ignored_members, [user("bob")]);
    assert_eq!(world.alice().adds("trap", &["dave", "bob"]), "20007 blocked", "and dave is not added either");
    assert_eq!(world.alice().invites_members("friends", &["bob"], "i"), "20007 blocked");
    world.alice().invites_members("friends", &["bob", "carol"], "i");
    assert_eq!(world.ignored(), ["bob"], "he is not rung, and carol is");
    assert_eq!(world.bob().accepts("i"), "8011 notInvitee");
    world.bob().invites_members("friends", &["alice"], "j");
    assert_eq!(world.ignored(), [""; 0], "a block works one way");
    world.bob().blocks("alice", false);
    assert_eq!(world.alice().adds("trap", &["bob"]), "group.membersAdded → alice bob carol");
}

#[test]
fn whoever_left_comes_back_by_their_own_wish_only() {
    let mut world = World::new();
    for (group, policy) in [("open", JoinPolicy::Free), ("closed", JoinPolicy::InviteOnly)] {
        world.alice().asks(Command::CreateGroup(Box::new(CreateGroup {
            id: Some(group_id(group)),
            name: String::new(),
            ext: String::new(),
            join_policy: policy,
            members: ["bob", "carol"].map(user).to_vec(),
        })));
        world.bob().quits(group);
        assert_eq!(world.alice().adds(group, &["bob"]), "10007 hasLeft");
        assert_eq!(world.carol().adds(group, &["dave", "bob"]), "10007 hasLeft", "whoever adds them");
        assert_eq!(
            world.bob().joins(group),
            "group.membersAdded → alice bob carol",
            "also where others cannot"
        );
        world.alice().removes(group, &["bob"]);
        assert_eq!(
            world.alice().adds(group, &["bob"]),
            "group.membersAdded → alice bob carol",
            "he was removed"
        );
        world.bob().quits(group);
        world.alice().dismisses(group);
        assert_eq!(world.alice().creates(group, &["bob"]), "group.membersAdded → alice bob", "another group");
    }
}

#[test]
fn a_back_end_puts_back_who_left() {
    let mut world = World::new();
    world.alice().creates("g", &["bob", "carol"]);
    world.bob().quits("g");
    assert_eq!(
        world.alice().through_a_back_end().adds("g", &["bob"]),
        "group.membersAdded → alice bob carol",
        "it answers for its groups"
    );
    world.alice().removes("g", &["bob"]);
    assert_eq!(
        world.alice().adds("g", &["bob"]),
        "group.membersAdded → alice bob carol",
        "he is back as others are"
    );
    world.bob().quits("g");
    world.bob().blocks("alice", true);
    assert_eq!(world.alice().through_a_back_end().adds("g", &["bob"]), "20007 blocked", "a block holds");
}
