//! What does not fit into one frame is read in pages, from the sign-in on.

use serde_json::{Value, json};
use wigwag_protocol::frame::TO_CLIENT_BYTES;

use crate::world::World;

/// The longest payload there is.
const LONG: usize = 16 * 1024;

/// Twenty users ring one, each with the longest payload: more than a frame holds. Every frame to the victim is one that a usual
/// client takes, and together they have everything.
#[tokio::test]
async fn a_user_with_more_open_invitations_than_fit_signs_in_and_reads_them_all() {
    let world = World::start();
    world.person("victim").await;
    for number in 0..20 {
        let mut caller = world.person(&format!("caller-{number}")).await;
        let wish =
            json!({"inviteID": format!("i-{number:02}"), "invitee": "victim", "data": "x".repeat(LONG)});
        caller.does("signaling.invite", wish).await;
    }
    let mut tablet = world.another("victim", "tablet", 7);
    tablet.connects().await;
    let opening = tablet.opening();
    let opened = tablet.does("session.open", opening).await;
    let mut listed = invitations_of(&opened, "openInvitations");
    let mut next = opened["openInvitationsNext"].clone();
    assert!(next.is_string(), "it says that there are more");
    while next.is_string() {
        let page = tablet.does("signaling.listOpen", json!({"after": next})).await;
        listed.extend(invitations_of(&page, "invitations"));
        next = page["next"].clone();
    }
    let made: Vec<String> = (0..20).map(|number| format!("i-{number:02}")).collect();
    assert_eq!(listed, made, "oldest first, each once");
}

/// The names of the invitations in a result that fits into a frame.
fn invitations_of(result: &Value, field: &str) -> Vec<String> {
    let frame = json!({"jsonrpc": "2.0", "id": u64::MAX, "result": result}).to_string();
    assert!(frame.len() <= TO_CLIENT_BYTES, "{} bytes", frame.len());
    let list = result[field].as_array().unwrap();
    list.iter().map(|one| one["inviteID"].as_str().unwrap().to_owned()).collect()
}

/// Between two pages the last conversation of the first one moves to the front, and so does one that was to come. Nothing is told twice,
/// and nothing else is left out.
#[tokio::test]
async fn a_list_goes_on_where_its_page_ended_whatever_moves() {
    let world = World::start();
    let mut alice = world.person("alice").await;
    let names = ["one", "two", "three", "four", "five", "six"];
    let mut friends = world.people(names).await;
    for friend in &mut friends {
        friend.texts("alice", "hello").await;
    }
    let first = alice.does("conversation.list", json!({"limit": 2})).await;
    assert_eq!((friends_in(&first), &first["totalUnread"]), (vec!["six", "five"], &json!(6)));
    for moved in [4, 1] {
        friends[moved].texts("alice", "again").await;
    }
    let second = alice.does("conversation.list", json!({"limit": 2, "after": first["next"]})).await;
    assert_eq!((friends_in(&second), &second["totalUnread"]), (vec!["four", "three"], &json!(8)));
    let third = alice.does("conversation.list", json!({"limit": 2, "after": second["next"]})).await;
    assert_eq!((friends_in(&third), &third["next"]), (vec!["one"], &Value::Null));
    let anew = alice.does("conversation.list", json!({})).await;
    assert_eq!(friends_in(&anew), ["two", "five", "six", "four", "three", "one"]);

    let by_name = alice.does("conversation.list", json!({"after": "c2c:alice four"})).await;
    assert_eq!(friends_in(&by_name), ["three", "one"], "as a node of the version before says it");
    friends[4].texts("six", "between us").await;
    for foreign in ["1-c2c:five six", "1-group:nowhere"] {
        let page = alice.does("conversation.list", json!({"after": foreign})).await;
        assert_eq!(friends_in(&page), [""; 0], "what others say is no place in her list");
    }
    alice.is_refused("invalidParams", "conversation.list", json!({"after": "the front"})).await;
}

/// The other users of the conversations on a page.
fn friends_in(page: &Value) -> Vec<&str> {
    let list = page["conversations"].as_array().unwrap();
    list.iter().map(|one| one["userID"].as_str().unwrap()).collect()
}
