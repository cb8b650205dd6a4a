//! Stories of what back ends tell the members of a group.

use wigwag_engine::command::GroupNotice;
use wigwag_engine::{Command, Limits};
use wigwag_protocol::Event;

use crate::world::{World, group_id, user};

fn notice(data: &str, to: Option<&[&str]>) -> Command {
    let to = to.map(|names| names.iter().map(|name| user(name)).collect());
    Command::NotifyGroup(Box::new(GroupNotice { group: group_id("class"), data: data.to_owned(), to }))
}

#[test]
fn all_members_are_told_and_nobody_did_it() {
    let mut world = World::with_class();
    world.goes_offline("dave");
    let told = world.alice().through_a_back_end().asks(notice("ten o'clock", None));
    assert_eq!(told, "group.notice → alice bob carol dave", "also those who are away");
    let events = world.events();
    assert!(
        events.iter().all(|event| event.actor.is_none() && !event.online_only && event.message.is_none())
    );
    let Some(Event::GroupNotice(notice)) = events.first().map(|placed| &placed.event) else {
        panic!("{events:?}")
    };
    assert_eq!((notice.group_id.as_str(), notice.data.as_str()), ("class", "ten o'clock"));
}

#[test]
fn those_who_are_named_are_told_once_and_others_passed_over() {
    let mut world = World::with_class();
    let some = Some(["dave", "bob", "nobody", "bob"].as_slice());
    assert_eq!(world.alice().through_a_back_end().asks(notice("", some)), "group.notice → bob dave");
    assert_eq!(world.alice().through_a_back_end().asks(notice("", Some(&["nobody"]))), "nothing");
    world.dave().quits("class");
    assert_eq!(world.alice().through_a_back_end().asks(notice("", Some(&["dave"]))), "nothing");
}

#[test]
fn a_notice_has_a_bound_and_a_group() {
    let mut world = World::with(Limits { data_bytes: 4, ..Limits::default() });
    assert_eq!(world.alice().through_a_back_end().asks(notice("four", None)), "10010 unknownGroup");
    world.alice().creates("class", &["bob"]);
    assert_eq!(world.alice().through_a_back_end().asks(notice("four", None)), "group.notice → alice bob");
    assert!(world.alice().through_a_back_end().asks(notice("fives", None)).ends_with("tooLarge"));
}
