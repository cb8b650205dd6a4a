//! Calls in C++: each step and each end, and the two examples with each other.

use serde_json::{Value, json};

use crate::script::Script;
use crate::v2tim::APP;
use crate::world::{Program, World, builds};

#[test]
fn calls_from_their_first_ring_to_their_end() {
    let world = World::new();
    let program = builds("test/v2tim_calls.cpp");
    let (url, alice, bob, carol) =
        (world.url(), world.token("alice"), world.token("bob"), world.token("carol"));
    let mut run = Program::starts(&program, &[&url, APP, &alice, &bob, &carol]);
    run.says("calls from their first ring to their end");
    run.ends_well();
}

#[test]
fn each_step_is_told_once_though_the_client_knows_more() {
    let mut run = Program::starts(&builds("test/call_steps.cpp"), &[]);
    run.says("every step was told once");
    run.ends_well();
}

#[test]
fn a_ring_that_was_over_offline_does_not_ring_again_by_its_event() {
    let server = Script::new();
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("wigwag-cursor-bob"), json!({"userID": "bob", "cursor": 5}).to_string())
        .unwrap();
    let words = [&server.url(), APP, home.path().to_str().unwrap()];
    let mut run = Program::starts(&builds("test/v2tim_replays.cpp"), &words);
    let mut bobs = server.signs_in(5);
    let call = json!({"callID": "i", "roomID": "r", "mediaType": "audio"});
    let waits = json!({
        "inviteID": "i", "inviter": "alice", "invitees": [{"userID": "bob", "state": "pending"}], "data": "", "timeout": 1,
        "createdAt": 1, "deadline": 1_001, "remainingMs": 1_000, "status": "open", "version": 1, "call": call,
    });
    // The client fills its book by itself; the library asks once more.
    for _ in 0..2 {
        let listing = bobs.hears("signaling.listOpen");
        bobs.replies(&listing, &json!({"invitations": [waits]}));
    }
    assert_eq!(run.says("rings: "), "i");
    drop(bobs);
    assert_eq!(run.says("ring ended: "), "i");

    let mut bobs = server.signs_in(5);
    let about = |kind: &str, more: &Value| {
        let mut event = json!({
            "type": format!("invitation.{kind}"), "inviteID": "i", "inviter": "alice", "inviteeList": ["bob"], "data": "", "version": 1,
        });
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        event
    };
    bobs.tells(
        6,
        about("received", &json!({"timeout": 1, "deadline": 1_001, "remainingMs": 0, "call": call})),
    );
    bobs.tells(7, about("timedOut", &json!({"version": 2})));
    bobs.tells(8, json!({"type": "call.seen", "upTo": 7}));
    assert_eq!(run.says(""), "seen: 7");

    let of_call = json!({"callID": "j", "roomID": "r", "mediaType": "audio"});
    let rings = json!({
        "type": "invitation.received", "inviteID": "j", "inviter": "alice", "inviteeList": ["bob"], "data": "", "version": 1,
        "timeout": 60, "deadline": 60_001, "remainingMs": 60_000, "call": of_call,
    });
    bobs.tells(9, rings);
    assert_eq!(run.says(""), "rings: j");
    bobs.tells(10, json!({"type": "invitation.silenced", "inviteID": "j", "invitee": "bob"}));
    assert_eq!(run.says(""), "ring ended: j");
    run.kill();
}

#[test]
fn two_programs_call_each_other_and_hang_up() {
    let world = World::new();
    let answers = builds("examples/call_callee.cpp");
    let calls = builds("examples/call_caller.cpp");
    let (url, alice, bob) = (world.url(), world.token("alice"), world.token("bob"));
    let mut bobs = Program::starts(&answers, &[&url, APP, "bob", &bob]);
    bobs.says("connected");

    let mut alices = Program::starts(&calls, &[&url, APP, "alice", &alice, "bob", "dinner?"]);
    let call_id = alices.says("calling: ");
    assert_eq!(bobs.says("rings: "), format!("{call_id} from alice: audio dinner?"));
    assert_eq!(bobs.says("in the call: "), format!("{call_id} by p2p"));
    assert_eq!(bobs.says("ring ended: "), format!("{call_id} 0"));
    assert_eq!(alices.says("joined: "), "bob");
    assert_eq!(bobs.says("signal from "), "alice: hello");
    assert_eq!(alices.says("signal from "), "bob: you too");
    assert_eq!(alices.says("ended: "), format!("{call_id} 2"));
    alices.ends_well();
    assert_eq!(bobs.says("left: "), "alice");
    assert_eq!(bobs.says("ended: "), format!("{call_id} 2"));

    let mut alices = Program::starts(&calls, &[&url, APP, "alice", &alice, "bob", "no"]);
    let call_id = alices.says("calling: ");
    assert_eq!(bobs.says("ring ended: "), format!("{call_id} 1"));
    alices.says("ended: ");
    assert_eq!(alices.ends().code(), Some(3));

    let mut alices = Program::starts(&calls, &[&url, APP, "alice", &alice, "bob", "ring on", "1"]);
    let call_id = alices.says("calling: ");
    assert_eq!(bobs.says("ring ended: "), format!("{call_id} 5"));
    alices.says("ended: ");
    assert_eq!(alices.ends().code(), Some(4));

    let mut alices = Program::starts(&calls, &[&url, APP, "alice", &alice, "bob", "bye"]);
    alices.says("ended: ");
    alices.ends_well();
    bobs.ends_well();
}

#[test]
fn a_call_rings_again_after_the_program_was_killed() {
    let world = World::new();
    let answers = builds("examples/call_callee.cpp");
    let calls = builds("examples/call_caller.cpp");
    let (url, alice, bob) = (world.url(), world.token("alice"), world.token("bob"));
    let folder = world.path("bobs").display().to_string();
    let words = [url.as_str(), APP, "bob", &bob, &folder];
    let mut bobs = Program::starts(&answers, &words);
    bobs.says("connected");
    let mut alices = Program::starts(&calls, &[&url, APP, "alice", &alice, "bob", "ring on", "600"]);
    let call_id = alices.says("calling: ");
    bobs.says("rings: ");
    bobs.kill();
    let mut bobs = Program::starts(&answers, &words);
    assert_eq!(bobs.says("rings: "), format!("{call_id} from alice: audio ring on"));
    bobs.kill();
    alices.kill();
}
