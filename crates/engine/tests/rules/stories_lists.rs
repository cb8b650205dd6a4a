//! Stories of what users do with their lists of conversations.

use wigwag_engine::Command;
use wigwag_engine::decide::MOST_PINNED;
use wigwag_protocol::Event;
use wigwag_protocol::message::Peer;

use crate::world::{Person, World, in_group, to};

trait Lists {
    fn pins(self, peer: Peer, on: bool) -> String;
    fn deletes(self, peer: Peer) -> String;
}

impl Lists for Person<'_> {
    fn pins(self, peer: Peer, on: bool) -> String {
        self.asks(Command::PinConversation { peer, on })
    }

    fn deletes(self, peer: Peer) -> String {
        self.asks(Command::DeleteConversation(peer))
    }
}

#[test]
fn a_pin_is_told_to_its_user_alone_and_only_when_it_changes_something() {
    let mut world = World::with_class();
    world.alice().says(to("bob"), "hi");
    assert_eq!(world.bob().pins(to("alice"), true), "conversation.pinned → bob");
    assert_eq!(world.bob().pins(to("alice"), true), "nothing");
    assert_eq!(world.alice().pins(to("bob"), false), "nothing");
    assert_eq!(world.bob().pins(in_group("class"), true), "conversation.pinned → bob");
    assert_eq!(world.bob().pins(in_group("class"), false), "conversation.pinned → bob");
}

#[test]
fn only_what_is_in_the_list_can_be_pinned() {
    let mut world = World::with_class();
    assert_eq!(world.bob().pins(to("alice"), true), "6017 invalidParameter");
    world.alice().says(to("bob"), "hi");
    world.bob().deletes(to("alice"));
    assert_eq!(world.bob().pins(to("alice"), true), "6017 invalidParameter");
    world.alice().says(to("bob"), "still there?");
    assert_eq!(world.bob().pins(to("alice"), true), "conversation.pinned → bob");
    assert_eq!(world.person("erin").pins(in_group("class"), true), "10007 notMember");
}

#[test]
fn a_user_pins_so_many_and_no_more_until_one_of_them_goes() {
    let mut world = World::with_class();
    let groups: Vec<String> = (0..=MOST_PINNED).map(|number| format!("group{number}")).collect();
    for name in &groups {
        world.alice().creates(name, &[]);
    }
    let (last, others) = groups.split_last().unwrap();
    for name in others {
        assert_eq!(world.alice().pins(in_group(name), true), "conversation.pinned → alice");
    }
    assert_eq!(world.alice().pins(in_group(last), true), "6017 invalidParameter");
    assert_eq!(world.error().data.field.as_deref(), Some("pinned"));
    assert_eq!(world.alice().deletes(in_group(&others[0])), "conversation.deleted → alice");
    assert_eq!(world.alice().pins(in_group(last), true), "conversation.pinned → alice");
}

#[test]
fn what_is_deleted_is_read_and_its_user_told_up_to_where() {
    let mut world = World::with_class();
    for text in ["one", "two"] {
        world.alice().says(to("bob"), text);
    }
    world.bob().pins(to("alice"), true);
    let told = world.bob().deletes(to("alice"));
    assert_eq!(told, "message.read → alice bob; conversation.deleted → bob");
    let events = world.events();
    let Some(Event::ConversationDeleted(deleted)) = events.last().map(|placed| &placed.event) else {
        panic!("{events:?}")
    };
    assert_eq!((deleted.conversation.as_str(), deleted.seq), ("c2c:alice bob", 2));
    assert_eq!(world.bob().deletes(to("alice")), "nothing");
    // The other one's list is their own.
    assert_eq!(world.alice().deletes(to("bob")), "message.read → alice bob; conversation.deleted → alice");
    world.alice().says(to("bob"), "three");
    assert_eq!(world.bob().pins(to("alice"), false), "nothing", "the pin went with the conversation");
    assert_eq!(world.bob().deletes(to("alice")), "message.read → alice bob; conversation.deleted → bob");
}

#[test]
fn a_group_without_messages_can_be_deleted_and_comes_back_for_who_joins_again() {
    let mut world = World::with_class();
    assert_eq!(world.bob().deletes(in_group("class")), "conversation.deleted → bob");
    assert_eq!(world.bob().deletes(in_group("class")), "nothing");
    assert_eq!(world.person("erin").deletes(in_group("class")), "10007 notMember");
    world.bob().quits("class");
    world.bob().joins("class");
    assert_eq!(world.bob().pins(in_group("class"), true), "conversation.pinned → bob");
}
