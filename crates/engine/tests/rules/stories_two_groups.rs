//! A call of one group into which members of another one are invited.

use wigwag_protocol::group::Role;

use crate::world::World;

/// Alice calls bob, of the group `small`, and rings carol of the group `other` into that call.
fn world() -> World {
    let mut world = World::new();
    world.alice().creates("small", &["bob", "carol"]);
    world.alice().creates("other", &["carol", "dave"]);
    world.alice().calls_members("small", "room", &["bob"], "s");
    world.alice().calls_members("other", "room", &["carol"], "o");
    world
}

/// Of the call, `small` hears; of each invitation, its own group.
const SMALL: &str = "alice bob carol";
const OTHER: &str = "alice carol dave";

#[test]
fn each_group_hears_how_its_own_invitation_ends() {
    let mut world = world();
    let heard = world.alice().hangs_up("s");
    let declined = format!("call.declined → {SMALL}");
    let ends = |group: &str| format!("invitation.cancelled v2 → {group} #2; {declined}");
    assert_eq!(heard, format!("{}; {}", ends(SMALL), ends(OTHER)));
    assert_eq!(world.call("s"), "alice left, bob cancelled, carol cancelled ■ cancelled");
}

/// The other group has its history still, in which the end stands.
#[test]
fn an_invitation_of_another_group_ends_with_the_call_of_a_dismissed_one() {
    let mut world = world();
    let heard = world.alice().dismisses("small");
    let others = format!("call.ended → {SMALL}; invitation.cancelled v2 → {OTHER} #2");
    let own = format!("invitation.cancelled v2 → {SMALL}; group.dismissed → {SMALL}");
    assert_eq!(heard, format!("{others}; {own}"));
    assert_eq!(world.carol().accepts("o"), "8010 cancelled (cancelled)");
}

#[test]
fn an_invitation_of_one_to_one_into_the_call_of_a_dismissed_group_has_its_history() {
    let mut world = World::new();
    world.alice().creates("small", &["bob", "carol"]);
    world.alice().calls_members("small", "room", &["bob"], "s");
    world.alice().calls_into("room", "dave", "d");
    let heard = world.alice().dismisses("small");
    let others = format!("call.ended → {SMALL} dave; invitation.cancelled v2 → alice dave #2");
    assert_eq!(heard, format!("{others}; invitation.cancelled v2 → {SMALL}; group.dismissed → {SMALL}"));
}

#[test]
fn who_leaves_one_group_is_in_the_other_one_still() {
    let mut world = world();
    world.alice().makes("small", "bob", Role::Owner);
    let heard = world.alice().quits("small");
    let own = format!(
        "group.membersRemoved → {SMALL}; invitation.cancelled v2 → {SMALL} #2; call.declined → {SMALL}"
    );
    let others = format!("call.hungUp → {SMALL}; invitation.cancelled v2 → {OTHER} #2");
    assert_eq!(heard, format!("{own}; {others}"));
}
