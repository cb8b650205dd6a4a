//! Every `next` that the server can give fits the schema of the `after` that takes it, and the server reads it.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use wigwag_protocol::message::ConversationView;
use wigwag_protocol::{CallId, GroupId, InviteId, UserId};
use wigwag_session::OpenPlace;
use wigwag_session::query::{CallPlace, ConversationPlace};

use crate::protocol_schema;
use crate::refused_shapes::{client_frames, why_refused};

/// A method, what it needs besides `after`, and the places it may be given.
type Case = (&'static str, Value, Vec<String>);

#[test]
fn every_next_fits_its_after() {
    let (schema, cases) = (client_frames(), cases());
    for (method, params, places) in &cases {
        for place in places {
            let mut params = params.clone();
            params["after"] = place.as_str().into();
            let request = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
            assert!(schema.is_valid(&request), "the schema refuses {request}");
            assert_eq!(why_refused(&request), None, "{request}");
        }
    }
    let tried: BTreeSet<String> = cases.iter().map(|(method, ..)| (*method).to_owned()).collect();
    assert_eq!(tried, methods_with_after());
}

/// Names at the edges of what may be one.
fn cases() -> Vec<Case> {
    let users: Vec<UserId> = read(&["!", "~-~", &"~".repeat(UserId::LONGEST)], UserId::parse);
    let groups: Vec<GroupId> = read(&["!", "1-2", &"~".repeat(GroupId::LONGEST)], GroupId::parse);
    let longest = " ".repeat(InviteId::LONGEST);
    let invites = [" ", "two words", "1-2", "~", &longest];
    let invites: Vec<InviteId> = read(&invites, InviteId::parse);
    let user_names: Vec<String> = users.iter().map(ToString::to_string).collect();
    let open = each_time(&invites, |created_at, id| OpenPlace { created_at, id: id.clone() }.to_string());
    let calls =
        each_time(&invites, |created_at, id| CallPlace { created_at, id: CallId::opened_by(id) }.to_string());
    let with_users = users.iter().flat_map(|one| users.iter().map(move |other| format!("c2c:{one} {other}")));
    let names: Vec<String> = with_users.chain(groups.iter().map(|group| format!("group:{group}"))).collect();
    let in_part = |pinned: bool| {
        each_time(&names, move |last_seq, name| ConversationPlace::text_of(&view(name, last_seq, pinned)))
    };
    let conversations = [in_part(false), in_part(true)].concat();
    let group_names = groups.iter().map(ToString::to_string).collect();
    vec![
        ("signaling.get", json!({"inviteID": "i"}), user_names.clone()),
        ("signaling.listOpen", json!({}), open),
        ("call.list", json!({}), calls),
        ("message.receipts", json!({"userID": "bob", "seq": 1}), user_names.clone()),
        ("conversation.list", json!({}), conversations),
        ("group.members", json!({"groupID": "class"}), user_names.clone()),
        ("group.list", json!({}), group_names),
        ("user.listBlocked", json!({}), user_names),
    ]
}

fn read<T, E: std::fmt::Debug>(texts: &[&str], parse: impl Fn(&str) -> Result<T, E>) -> Vec<T> {
    texts.iter().map(|text| parse(text).expect("a name")).collect()
}

/// The places of these at the least and at the greatest number that a `u64` holds.
fn each_time<T>(names: &[T], place: impl Fn(u64, &T) -> String) -> Vec<String> {
    [0, u64::MAX].iter().flat_map(|number| names.iter().map(|name| place(*number, name))).collect()
}

fn view(conversation: &str, last_seq: u64, pinned: bool) -> ConversationView {
    let view = json!({"conversation": conversation, "lastSeq": last_seq, "readSeq": 0, "unread": 0, "pinned": pinned});
    serde_json::from_value(view).expect("a conversation")
}

fn methods_with_after() -> BTreeSet<String> {
    let document = protocol_schema::document();
    let takes_after = |method: &Value| {
        let reference = method["params"]["$ref"].as_str().unwrap_or_default();
        let name = reference.rsplit('/').next().unwrap_or_default();
        document["$defs"][name]["properties"].get("after").is_some()
    };
    let methods = document["methods"].as_object().expect("methods");
    methods.iter().filter(|(_, method)| takes_after(method)).map(|(name, _)| name.clone()).collect()
}

/// JSON Schema counts characters and the server bytes. They are the same only where a pattern keeps a text to ASCII; every other bound
/// is told in words.
#[test]
fn the_schema_bounds_no_text_by_its_characters() {
    fn look(at: &Value, path: &str, bounded: &mut usize) {
        if let Some(most) = at.get("maxLength") {
            let pattern = at["pattern"].as_str().unwrap_or_default();
            assert!(matches!(pattern, "^[ -~]+$" | "^[!-~]+$"), "{path} has at most {most} characters");
            *bounded += 1;
        }
        let members = at.as_object().into_iter().flatten().map(|(name, inner)| (name.clone(), inner));
        let entries = at.as_array().into_iter().flatten().enumerate();
        for (name, inner) in members.chain(entries.map(|(place, inner)| (place.to_string(), inner))) {
            look(inner, &format!("{path}/{name}"), bounded);
        }
    }
    let mut bounded = 0;
    look(&protocol_schema::document(), "", &mut bounded);
    assert!(bounded >= 6, "{bounded} texts have a bound");
}
