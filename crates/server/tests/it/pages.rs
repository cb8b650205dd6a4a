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
