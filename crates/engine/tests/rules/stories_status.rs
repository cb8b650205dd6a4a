//! Stories: what users say of themselves.

use wigwag_engine::Command;

use crate::world::{World, user};

fn says(world: &mut World, who: &'static str, status: &str) -> String {
    world.person(who).asks(Command::SetStatus(status.to_owned()))
}

/// What the server keeps of it.
fn kept(world: &World, who: &'static str) -> String {
    world.server.journal.statuses.get(&user(who)).cloned().unwrap_or_default()
}

#[test]
fn only_the_users_own_devices_hear_of_it_and_only_of_what_is_new() {
    let mut world = World::with_class();
    assert_eq!(says(&mut world, "bob", ""), "nothing");
    assert_eq!(says(&mut world, "bob", "in a call"), "user.statusChanged → bob");
    assert_eq!(says(&mut world, "bob", "in a call"), "nothing");
    assert_eq!(kept(&world, "bob"), "in a call");
    assert_eq!(says(&mut world, "bob", ""), "user.statusChanged → bob");
    assert_eq!(kept(&world, "bob"), "");
}

#[test]
fn it_has_at_most_a_hundred_bytes() {
    let mut world = World::new();
    let most = "é".repeat(50);
    assert_eq!(says(&mut world, "bob", &most), "user.statusChanged → bob");
    assert_eq!(says(&mut world, "bob", &format!("{most}!")), "8001 tooLarge");
    assert_eq!(kept(&world, "bob"), most);
}

#[test]
fn whoever_has_been_gone_for_too_long_says_nothing_any_more_and_is_told_so() {
    let mut world = World::new();
    says(&mut world, "bob", "in a call");
    assert_eq!(world.misses("bob"), "nothing", "they are back");
    assert_eq!(kept(&world, "bob"), "in a call");
    world.goes_offline("bob");
    assert_eq!(world.misses("bob"), "user.statusChanged → bob");
    assert_eq!(kept(&world, "bob"), "");
    assert_eq!(world.misses("bob"), "nothing");
}
