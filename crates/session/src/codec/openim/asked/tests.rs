//! Frames of both packages, as they were recorded, and frames that are wrong.

use serde_json::json;
use wigwag_protocol::UserId;

use super::*;

fn user(name: &str) -> UserId {
    UserId::parse(name).unwrap()
}

fn frame(name: &str, data: &str) -> Incoming {
    let heading = super::super::frame::Heading { name: name.to_owned(), operation_id: "1".to_owned() };
    Incoming { heading, user_id: "alice".to_owned(), data: data.to_owned(), in_batches: false }
}

fn asks(dialect: Dialect, name: &str, data: &str) -> Request {
    asked(dialect, &frame(name, data), &user("alice"))
        .unwrap_or_else(|error| panic!("{name} {data}: {error:?}"))
}

fn refuses(dialect: Dialect, name: &str, data: &str) -> Error {
    match asked(dialect, &frame(name, data), &user("alice")) {
        Ok(request) => panic!("{name} {data}: {request:?}"),
        Err(error) => error,
    }
}

/// The sample of the seed.
fn rtc() -> Value {
    json!({
        "inviterUserID": "alice", "inviteeUserIDList": ["bob"], "groupID": "", "roomID": "", "timeout": 30,
        "mediaType": "video", "sessionType": 1, "platformID": 5,
    })
}

/// Every form in which the older and the newer client, and apps with functions of their own, put an object.
fn forms(object: &Value) -> [(Dialect, String); 3] {
    [
        (Dialect::Two, object.to_string()),
        (Dialect::Three, json!([object.to_string()]).to_string()),
        (Dialect::Three, json!([object]).to_string()),
    ]
}

#[test]
fn the_form_of_login_shows_the_version() {
    let read = |data: &str| login(&frame("Login", data));
    let two = read(r#"{"userID":"alice","token":"T"}"#).unwrap();
    let three = read(r#"["alice","s3cret"]"#).unwrap();
    assert_eq!((two.dialect, three.dialect), (Dialect::Two, Dialect::Three));
    assert_eq!((two.user, three.token.as_str()), (three.user.clone(), "s3cret"));
    for data in ["", "7", "{}", "[]", r#"["a b","T"]"#, r#"{"userID":5,"token":"T"}"#] {
        assert_eq!(read(data).unwrap_err().kind(), Kind::Arguments, "{data}");
    }
    assert!(!format!("{three:?}").contains("s3cret"), "{three:?} shows the token");
}

#[test]
fn an_invite_is_read_in_every_form() {
    for object in [json!({ "invitation": rtc() }), rtc()] {
        for (dialect, data) in forms(&object) {
            let Request::Invite(calling) = asks(dialect, "SignalingInvite", &data) else { panic!("{data}") };
            let expected = Calling {
                invitees: vec![user("bob")],
                group: None,
                room: None,
                timeout: 30,
                media_type: "video".to_owned(),
                data: String::new(),
                offline_push_info: None,
            };
            assert_eq!(*calling, expected, "{data}");
        }
    }
}

#[test]
fn push_settings_are_an_object_that_may_be_passed_on_or_none() {
    let nested = |levels: usize| {
        let text = format!("{}1{}", r#"{"a":"#.repeat(levels), "}".repeat(levels));
        serde_json::from_str::<Value>(&text).unwrap()
    };
    for none in [json!({}), json!("a text"), json!(7), json!(null)] {
        let around = json!({ "invitation": rtc(), "offlinePushInfo": none });
        let Request::Invite(calling) = asks(Dialect::Two, "SignalingInvite", &around.to_string()) else {
            panic!("{around}")
        };
        assert_eq!(calling.offline_push_info, None, "{around}");
    }
    let message = json!({ "contentType": 101, "textElem": { "content": "hello" } });
    let sending = |push: Value| json!([message, "bob", "", push]).to_string();
    let inviting = |push: Value| json!([{ "invitation": rtc(), "offlinePushInfo": push }]).to_string();
    let Request::Invite(calling) = asks(Dialect::Three, "SignalingInvite", &inviting(nested(32))) else {
        panic!("no invite")
    };
    assert_eq!(calling.offline_push_info, Some(nested(32).to_string()));
    let Request::Send(sent) = asks(Dialect::Three, "SendMessage", &sending(nested(32))) else {
        panic!("no message")
    };
    assert_eq!(sent.offline_push_info.as_ref().unwrap().get(), nested(32).to_string());
    assert_eq!(refuses(Dialect::Three, "SignalingInvite", &inviting(nested(33))).kind(), Kind::Arguments);
    assert_eq!(refuses(Dialect::Three, "SendMessage", &sending(nested(33))).kind(), Kind::Arguments);
}

#[test]
fn an_invite_without_time_rings_for_an_hour_and_one_of_a_group_needs_it() {
    let mut invitation = rtc();
    invitation["timeout"] = json!(0);
    let Request::Invite(calling) = asks(Dialect::Two, "SignalingInvite", &invitation.to_string()) else {
        panic!()
    };
    assert_eq!(calling.timeout, 3_600);
    refuses(Dialect::Two, "SignalingInviteInGroup", &invitation.to_string());
    invitation["groupID"] = json!("class");
    let in_group = asks(Dialect::Two, "SignalingInviteInGroup", &invitation.to_string());
    assert!(matches!(in_group, Request::Invite(calling) if calling.group.is_some()));
}

#[test]
fn an_answer_names_its_call_and_nobody_else_as_the_one_who_acts() {
    let mut invitation = rtc();
    invitation["inviterUserID"] = json!("bob");
    invitation["roomID"] = json!("r1");
    for (dialect, data) in forms(&json!({ "opUserID": "alice", "invitation": invitation })) {
        let Request::Act(Act::Accept, known) = asks(dialect, "SignalingAccept", &data) else {
            panic!("{data}")
        };
        assert_eq!((known.inviter.as_str(), known.room.as_str()), ("bob", "r1"));
    }
    let as_bob = json!({ "opUserID": "bob", "invitation": invitation }).to_string();
    let error = refuses(Dialect::Two, "SignalingAccept", &as_bob);
    assert_eq!(error.kind(), Kind::Because(Reason::IdentityMismatch));
}

#[test]
fn what_has_a_wrong_shape_is_refused_with_words() {
    let wrong = [
        ("SignalingInvite", json!({ "invitation": 7 })),
        ("SignalingInvite", json!({ "inviterUserID": "alice", "inviteeUserIDList": "bob" })),
        (
            "SignalingInvite",
            json!({ "inviterUserID": "alice", "inviteeUserIDList": ["bob"], "platformID": 99 }),
        ),
        ("SignalingInvite", json!({ "inviterUserID": "alice", "inviteeUserIDList": ["bob"], "timeout": -1 })),
        ("SignalingInvite", json!({ "inviterUserID": "alice", "inviteeUserIDList": ["bob", "carol"] })),
        ("SignalingInvite", json!({ "inviterUserID": "bob", "inviteeUserIDList": ["carol"] })),
        (
            "SignalingInvite",
            json!({ "inviterUserID": "alice", "inviteeUserIDList": ["bob"], "roomID": "a room" }),
        ),
        ("SignalingAccept", json!({})),
        ("SignalingAccept", json!({ "invitation": { "roomID": "r1" } })),
        ("GetAdvancedHistoryMessageList", json!({ "count": 5 })),
    ];
    for (name, object) in wrong {
        for (dialect, data) in forms(&object) {
            assert!(!refuses(dialect, name, &data).words().is_empty(), "{name} {data}");
        }
    }
    for data in ["{", "7", "{}", "null", r#""x""#] {
        assert_eq!(refuses(Dialect::Three, "SignalingInvite", data).kind(), Kind::Arguments, "{data}");
    }
}

#[test]
fn a_custom_signal_is_read_in_both_orders() {
    let object = json!({ "roomID": "r1", "customInfo": "mute" });
    for data in [r#"["mute","r1"]"#.to_owned(), json!([object.to_string()]).to_string()] {
        let Request::Signal(room, custom) = asks(Dialect::Three, "SignalingSendCustomSignal", &data) else {
            panic!()
        };
        assert_eq!((room.as_str(), custom.as_str()), ("r1", "mute"));
    }
}

#[test]
fn absent_arguments_may_be_null_and_a_pair_of_arguments_has_its_order() {
    let one = asks(Dialect::Three, "GetOneConversation", r#"[1,"bob"]"#);
    let name = asks(Dialect::Three, "GetConversationIDBySessionType", r#"["bob",1]"#);
    let Request::Conversation(peer) = one else { panic!("{one:?}") };
    assert!(matches!(name, Request::ConversationId(same) if same == peer));
    assert!(matches!(
        asks(Dialect::Three, "GetGroupMemberList", r#"["class",null,null,null]"#),
        Request::Members { offset: 0, count: 20, .. }
    ));
}

#[test]
fn every_function_is_read_or_refused_and_the_frame_of_another_user_never() {
    for function in Function::ALL.iter().filter(|function| **function != Function::Login) {
        for (dialect, data) in [(Dialect::Two, ""), (Dialect::Two, "{}"), (Dialect::Three, "[]")] {
            let name = function.as_str();
            if let Err(error) = asked(dialect, &frame(name, data), &user("alice")) {
                assert!(!error.words().is_empty(), "{name}");
            }
            let mut frame = frame(name, data);
            "bob".clone_into(&mut frame.user_id);
            let error = asked(dialect, &frame, &user("alice")).unwrap_err();
            assert_eq!(error.kind(), Kind::Because(Reason::IdentityMismatch), "{name}");
        }
    }
    assert!(matches!(asks(Dialect::Three, "GetFriendList", "[]"), Request::EmptyList));
    assert_eq!(refuses(Dialect::Three, "UploadFile", "[]").code(Dialect::Three), 10_005);
    assert_eq!(refuses(Dialect::Two, "Dance", "").code(Dialect::Two), 1001);
}
