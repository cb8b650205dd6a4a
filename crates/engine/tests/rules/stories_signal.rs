//! Messages that speak as signaling: the same commands by another road, and no road around the rules.

use serde_json::{Value, json};
use wigwag_engine::command::SendMessage;
use wigwag_engine::{Command, Reply};
use wigwag_protocol::ErrorBody;
use wigwag_protocol::message::{MessageOptions, Peer};
use wigwag_protocol::result::MessageSent;

use crate::world::{Person, World, error_of, in_group, message, to};

const INVITE: u8 = 1;
const CANCEL: u8 = 2;
const ACCEPT: u8 = 3;
const REJECT: u8 = 4;
const TIMEOUT: u8 = 5;

impl Person<'_> {
    fn signals(self, peer: Peer, text: &Value) -> String {
        match Command::sending(custom(peer, text)) {
            Ok(command) => self.asks(command),
            Err(refusal) => panic!("{refusal:?}"),
        }
    }
}

fn custom(peer: Peer, text: &Value) -> SendMessage {
    let content = json!({ "data": text.to_string() });
    let content = serde_json::value::to_raw_value(&content).expect("JSON");
    SendMessage { kind: "custom".to_owned(), content, ..message(peer, "") }
}

/// What a client of the field says about alice's invitation `i` for bob.
fn text(action: u8) -> Value {
    let timeout = if action == INVITE { 30 } else { 0 };
    json!({"businessID": 1, "inviteID": "i", "inviter": "alice", "actionType": action, "inviteeList": ["bob"],
           "data": "ring", "timeout": timeout, "groupID": "", "onlineUserOnly": false})
}

fn with(mut text: Value, field: &str, value: Value) -> Value {
    text[field] = value;
    text
}

/// The same in the group `class`, for these.
fn in_class(action: u8, invitees: &[&str]) -> Value {
    with(with(text(action), "groupID", json!("class")), "inviteeList", json!(invitees))
}

fn sent(world: &World) -> MessageSent {
    let Reply::Sent(sent) = world.reply() else { panic!("no reply to a message: {:?}", world.reply()) };
    sent.clone()
}

#[test]
fn a_call_by_messages_is_a_call() {
    let mut world = World::new();
    assert_eq!(world.alice().signals(to("bob"), &text(INVITE)), "invitation.received v1 → alice bob #1");
    let first = sent(&world);
    assert_eq!((first.conversation.as_str(), first.seq, first.cursor), ("c2c:alice bob", Some(1), Some(1)));
    assert!(!first.message_id.is_empty());
    assert_eq!((world.invitation("i").timeout, world.invitation("i").data.as_str()), (30, "ring"));
    assert_eq!(world.bob().signals(to("alice"), &text(ACCEPT)), "invitation.accepted v2 → alice bob #2");
    assert_eq!(world.alice().cancels("i"), "8010 settled (accepted by bob on phone)");
}

#[test]
fn both_roads_lead_to_one_invitation() {
    let mut world = World::new();
    world.alice().invites("bob", "i");
    assert_eq!(world.bob().signals(to("alice"), &text(REJECT)), "invitation.rejected v2 → alice bob #2");
    assert_eq!(world.bob().on("laptop").accepts("i"), "8010 settled (rejected by bob on phone)");
    assert_eq!(world.alice().signals(to("bob"), &text(INVITE)), "nothing", "the same invite again");
    assert_eq!(world.alice().invites("carol", "i"), "8012 inviteIDTaken");
    assert_eq!(
        world.bob().signals(to("alice"), &with(text(INVITE), "inviter", json!("bob"))),
        "6017 invalidParameter"
    );
    let of_bob = with(with(text(INVITE), "inviter", json!("bob")), "inviteeList", json!(["alice"]));
    assert_eq!(world.bob().signals(to("alice"), &of_bob), "8012 inviteIDTaken");
}

#[test]
fn nobody_is_believed_who_he_is_not() {
    let mut world = World::with_class();
    world.alice().signals(to("bob"), &text(INVITE));
    assert_eq!(world.carol().signals(to("bob"), &with(text(INVITE), "inviteID", json!("j"))), FORGED);
    assert_eq!(world.bob().signals(to("alice"), &text(CANCEL)), "8011 notInviter");
    let mine = with(text(CANCEL), "inviter", json!("bob"));
    assert_eq!(world.bob().signals(to("alice"), &mine), FORGED);
    assert_eq!(world.alice().signals(to("bob"), &text(ACCEPT)), FORGED);
    assert_eq!(
        world.alice().signals(to("bob"), &with(text(ACCEPT), "inviteeList", json!(["alice"]))),
        "8011 notInvitee"
    );
    for action in [CANCEL, ACCEPT, REJECT, TIMEOUT] {
        assert_eq!(world.carol().signals(to("bob"), &text(action)), "8010 unknown", "{action} by a stranger");
        let unknown = with(text(action), "inviteID", json!("x"));
        assert_eq!(world.bob().signals(to("alice"), &unknown), "8010 unknown", "{action} of nothing");
        let elsewhere = with(text(action), "inviteeList", json!([]));
        let by = if action == CANCEL { world.alice() } else { world.bob() };
        assert_eq!(by.signals(to("carol"), &elsewhere), "6017 invalidParameter", "{action} sent elsewhere");
        let by = if action == CANCEL { world.alice() } else { world.bob() };
        assert_eq!(by.signals(in_group("class"), &elsewhere), "6017 invalidParameter", "{action} shouted");
    }
    assert_eq!(world.invitation("i").version, 1, "nothing has happened to it");
}

const FORGED: &str = "8011 identityMismatch";

#[test]
fn in_a_group_each_answers_for_himself() {
    let mut world = World::with_class();
    let told = world.alice().signals(in_group("class"), &in_class(INVITE, &["bob", "carol"]));
    assert_eq!(told, "invitation.received v1 → alice bob carol dave #1");
    assert_eq!(world.dave().signals(in_group("class"), &in_class(ACCEPT, &["dave"])), "8011 notInvitee");
    assert_eq!(world.dave().signals(in_group("class"), &in_class(ACCEPT, &["bob"])), FORGED);
    assert_eq!(world.carol().signals(in_group("class"), &in_class(REJECT, &["bob"])), FORGED);
    assert_eq!(world.carol().signals(in_group("class"), &in_class(REJECT, &["carol", "bob"])), FORGED);
    assert_eq!(world.dave().signals(in_group("class"), &in_class(TIMEOUT, &["bob"])), "8011 notParty");
    assert_eq!(world.carol().signals(in_group("class"), &in_class(TIMEOUT, &["bob"])), FORGED);
    assert_eq!(world.bob().signals(to("alice"), &in_class(ACCEPT, &["bob"])), "6017 invalidParameter");
    assert_eq!(world.bob().signals(in_group("class"), &text(ACCEPT)), "6017 invalidParameter");
    let told = world.bob().signals(in_group("class"), &in_class(ACCEPT, &["bob"]));
    assert_eq!(told, "invitation.accepted v2 → alice bob carol dave #2");
    let told = world.alice().signals(in_group("class"), &in_class(CANCEL, &["carol"]));
    assert_eq!(told, "invitation.cancelled v3 → alice bob carol dave #3");
}

#[test]
fn an_invite_goes_to_those_it_names() {
    let mut world = World::with_class();
    for (peer, text) in [
        (to("carol"), text(INVITE)),
        (to("bob"), with(text(INVITE), "inviteeList", json!(["bob", "carol"]))),
        (to("bob"), with(text(INVITE), "inviteeList", json!([]))),
        (to("bob"), in_class(INVITE, &["bob"])),
        (in_group("class"), text(INVITE)),
        (in_group("class"), with(in_class(INVITE, &["bob"]), "groupID", json!("club"))),
    ] {
        assert_eq!(world.alice().signals(peer, &text), "6017 invalidParameter", "{text}");
    }
    assert_eq!(
        world.alice().signals(to("erin"), &with(text(INVITE), "inviteeList", json!(["erin"]))),
        "20003 unknownUser"
    );
    assert_eq!(
        world.alice().signals(in_group("class"), &in_class(INVITE, &["erin"])),
        "10004 noValidInvitee"
    );
}

#[test]
fn the_clock_of_a_client_settles_nothing() {
    let mut world = World::new();
    world.alice().signals(to("bob"), &text(INVITE));
    world.passes(29);
    for late in [0, 2] {
        world.passes(late);
        assert_eq!(world.bob().signals(to("alice"), &text(TIMEOUT)), "nothing");
        let sent = sent(&world);
        assert_eq!((sent.message_id.as_str(), sent.seq, sent.cursor), ("", None, None));
        assert_eq!(world.alice().signals(to("bob"), &text(TIMEOUT)), "nothing");
        assert_eq!(world.invitation("i").version, 1);
    }
    assert_eq!(world.looks_at("i"), "invitation.timedOut v2 → alice bob #2");
    assert_eq!(world.bob().signals(to("alice"), &text(TIMEOUT)), "nothing");
}

#[test]
fn what_is_for_those_who_are_online_leaves_no_message() {
    let mut world = World::new();
    let only = with(text(INVITE), "onlineUserOnly", json!(true));
    assert_eq!(world.alice().signals(to("bob"), &only), "invitation.received v1 → alice bob");
    assert_eq!((sent(&world).message_id.as_str(), sent(&world).seq), ("", None));
    assert_eq!(world.bob().signals(to("alice"), &text(ACCEPT)), "invitation.accepted v2 → alice bob");
}

#[test]
fn what_the_message_of_an_invite_sets_is_the_invitations() {
    let mut world = World::new();
    let options = MessageOptions {
        online_user_only: false,
        excluded_from_unread: true,
        excluded_from_last_message: true,
        ..MessageOptions::default()
    };
    let push = serde_json::value::to_raw_value(&json!({"title": "Alice"})).expect("JSON");
    let message = custom(to("bob"), &text(INVITE));
    let message = SendMessage { options, offline_push_info: Some(push), ..message };
    world.alice().asks(Command::sending(message).expect("signaling"));
    let made = world.invitation("i");
    assert!(made.switches.excluded_from_unread && made.switches.excluded_from_last_message);
    assert_eq!(made.offline_push_info.as_deref(), Some(r#"{"title":"Alice"}"#));
    let options = MessageOptions { online_user_only: true, ..MessageOptions::default() };
    let message = custom(to("bob"), &with(text(INVITE), "inviteID", json!("brief")));
    let message = SendMessage { options, ..message };
    let told = world.alice().asks(Command::sending(message).expect("signaling"));
    assert_eq!(told, "invitation.received v1 → alice bob");
    assert!(world.invitation("brief").switches.online_user_only);
}

#[test]
fn sent_again_it_is_answered_again() {
    let mut world = World::new();
    let keyed = |peer, text: &Value| {
        let message = SendMessage { client_msg_id: Some("key".to_owned()), ..custom(peer, text) };
        Command::sending(message).expect("signaling")
    };
    world.alice().asks(keyed(to("bob"), &text(INVITE)));
    let first = sent(&world);
    for (device, command) in [
        ("laptop", keyed(to("bob"), &text(INVITE))),
        ("phone", Command::sending(custom(to("bob"), &text(INVITE))).expect("signaling")),
    ] {
        assert_eq!(world.alice().on(device).asks(command), "nothing");
        assert_eq!(format!("{:?}", sent(&world)), format!("{first:?}"), "{device}");
    }
    let another = keyed(to("bob"), &with(text(INVITE), "inviteID", json!("another")));
    assert_eq!(world.alice().asks(another), "6017 clientMsgIDTaken");
    world.bob().signals(to("alice"), &text(ACCEPT));
    let accepted = sent(&world);
    assert_eq!(world.bob().signals(to("alice"), &text(ACCEPT)), "nothing");
    assert_eq!(format!("{:?}", sent(&world)), format!("{accepted:?}"));
    let on_laptop = world.bob().on("laptop").signals(to("alice"), &text(ACCEPT));
    assert_eq!(on_laptop, "8010 settled (accepted by bob on phone)");
}

#[test]
fn what_clients_would_believe_is_never_passed_on() {
    let refused = |text: &str| -> Option<ErrorBody> {
        let content = serde_json::value::to_raw_value(&json!({ "data": text })).expect("JSON");
        let message = SendMessage { kind: "custom".to_owned(), content, ..message(to("bob"), "") };
        Command::sending(message).err().map(|refusal| error_of(&refusal))
    };
    let error = refused(r#"{"businessID":1,"actionType":3,"inviteID":"i"}"#).expect("refused");
    assert_eq!((error.code, error.data.field.as_deref()), (6017, Some("content")));
    assert!(error.message.contains("inviter"), "{error}");
    assert!(refused(r#"{"businessID":"av_call","actionType":3,"inviteID":"i"}"#).is_none());
    let twice = r#"{"data":"hello","data":"{\"businessID\":1,\"actionType\":3}"}"#.to_owned();
    let content = serde_json::value::RawValue::from_string(twice).expect("JSON");
    let message = SendMessage { kind: "custom".to_owned(), content, ..message(to("bob"), "") };
    assert!(Command::sending(message).is_err(), "of two fields of one name a browser takes the last");
}

#[test]
fn a_text_that_is_nearly_signaling_is_a_message() {
    let mut world = World::new();
    let nearly = with(text(INVITE), "businessID", json!("av_call"));
    assert_eq!(world.alice().signals(to("bob"), &nearly), "message.received → alice bob #1");
}
