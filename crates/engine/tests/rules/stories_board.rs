//! Stories of what members write on their group's board.

use wigwag_engine::board::AttributesWish;
use wigwag_engine::{Command, Reply};
use wigwag_protocol::Event;

use crate::world::{Person, World, group_id};

fn sets<const N: usize>(pairs: [(&str, &str); N]) -> AttributesWish {
    let set = pairs.map(|(key, value)| (key.to_owned(), value.to_owned()));
    AttributesWish { set: set.into(), ..AttributesWish::default() }
}

trait Writes {
    fn writes(self, wish: AttributesWish) -> String;
}

impl Writes for Person<'_> {
    fn writes(self, wish: AttributesWish) -> String {
        self.asks(Command::SetAttributes(group_id("class"), Box::new(wish)))
    }
}

fn version(world: &World) -> (bool, u64) {
    let Reply::AttributesSet(set) = world.reply() else { panic!("not the reply to a write") };
    (set.cursor.is_some(), set.version)
}

#[test]
fn every_member_may_write_and_those_online_are_told_what_changed() {
    let mut world = World::with_class();
    let told = world.bob().writes(sets([("seat1", "bob"), ("topic", "tea")]));
    assert_eq!(told, "group.attributesChanged → alice bob carol dave");
    assert_eq!(version(&world), (true, 1));
    assert!(world.events().iter().all(|event| event.online_only), "kept for a minute");
    world.goes_offline("dave");
    let moves = AttributesWish { delete: ["topic".to_owned()].into(), ..sets([("seat1", "carol")]) };
    assert_eq!(world.carol().writes(moves), "group.attributesChanged → alice bob carol");
    let events = world.events();
    let Some(Event::AttributesChanged(changed)) = events.first().map(|placed| &placed.event) else {
        panic!("{events:?}")
    };
    assert_eq!((changed.by.as_str(), changed.version), ("carol", 2));
    assert_eq!(
        (changed.set.clone(), changed.deleted.clone()),
        (sets([("seat1", "carol")]).set, vec!["topic".to_owned()])
    );
}

#[test]
fn a_write_that_changes_nothing_is_told_to_nobody() {
    let mut world = World::with_class();
    world.bob().writes(sets([("seat1", "bob")]));
    assert_eq!(world.alice().writes(sets([("seat1", "bob")])), "nothing");
    assert_eq!(version(&world), (false, 1));
}

#[test]
fn of_two_who_add_to_a_counter_both_count_and_hear_what_it_is() {
    let mut world = World::with_class();
    let adds = |value: i64| AttributesWish { add: [("likes".to_owned(), value)].into(), ..sets([]) };
    for (adds, likes) in [(adds(2), 2), (adds(3), 5), (adds(-6), -1)] {
        assert_eq!(world.bob().writes(adds), "group.attributesChanged → alice bob carol dave");
        let Reply::AttributesSet(set) = world.reply() else { panic!("not the reply to a write") };
        assert_eq!(set.counters["likes"], likes);
    }
    let events = world.events();
    let Some(Event::AttributesChanged(changed)) = events.last().map(|placed| &placed.event) else {
        panic!("{events:?}")
    };
    assert_eq!((changed.version, changed.counters["likes"], changed.set.len()), (3, -1, 0));
    assert_eq!(world.carol().writes(adds(0)), "nothing");
    let Reply::AttributesSet(set) = world.reply() else { panic!("not the reply to a write") };
    assert_eq!((set.version, set.counters["likes"]), (3, -1));
}

#[test]
fn who_is_no_member_writes_nothing() {
    let mut world = World::with_class();
    world.dave().quits("class");
    assert_eq!(world.dave().writes(sets([("seat1", "dave")])), "10007 notMember");
    world.alice().dismisses("class");
    assert_eq!(world.bob().writes(sets([("seat1", "bob")])), "10010 unknownGroup");
}

#[test]
fn of_two_who_take_the_same_seat_the_second_is_refused() {
    let mut world = World::with_class();
    let takes = |name: &str| AttributesWish { if_version: Some(0), ..sets([("seat1", name)]) };
    world.bob().writes(takes("bob"));
    assert_eq!(world.carol().writes(takes("carol")), "10056 attributesChanged");
    let other = AttributesWish { if_version: Some(0), ..sets([("seat2", "carol")]) };
    assert_eq!(world.carol().writes(other), "group.attributesChanged → alice bob carol dave");
}

#[test]
fn writes_of_all_members_together_have_one_pace() {
    let mut world = World::with_class();
    for number in 0..10 {
        world.bob().writes(sets([("count", &number.to_string())]));
    }
    assert_eq!(world.carol().writes(sets([("count", "ten")])), "8511 boardRateLimited");
    assert_eq!(world.error().data.retry_after_ms, Some(200));
    world.passes(1);
    assert_eq!(
        world.carol().writes(sets([("count", "ten")])),
        "group.attributesChanged → alice bob carol dave"
    );
}

#[test]
fn nothing_of_a_dismissed_group_stands_on_the_board_of_its_namesake() {
    let mut world = World::with_class();
    world.bob().writes(sets([("seat1", "bob")]));
    world.alice().dismisses("class");
    world.alice().creates("class", &["bob"]);
    world.bob().writes(sets([("seat1", "bob")]));
    assert_eq!(version(&world), (true, 1));
}
