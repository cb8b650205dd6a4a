//! Plain C: the two examples call each other, and what must get a result gets one.

use serde_json::json;
use wigwag_client::protocol::Reason;

use crate::script::Script;
use crate::world::{Program, World, builds};

#[test]
fn two_programs_in_c_call_each_other() {
    let world = World::new();
    let answers = builds("examples/callee.c");
    let calls = builds("examples/caller.c");
    let (url, alice, bob) = (world.url(), world.token("alice"), world.token("bob"));
    let mut bobs = Program::starts(&answers, &[&url, &bob]);
    bobs.says("connected");

    let mut alices = Program::starts(&calls, &[&url, &alice, "bob", "dinner?"]);
    let invite_id = alices.says("inviting: ");
    assert_eq!(bobs.says("rings: "), format!("{invite_id} from alice: dinner?"));
    assert_eq!(bobs.says("answered: "), "WIGWAG_RESULT_OK 0");
    assert_eq!(alices.says("accepted by "), "bob");
    alices.ends_well();

    let mut alices = Program::starts(&calls, &[&url, &alice, "bob", "no"]);
    assert_eq!(alices.says("rejected by "), "bob");
    assert_eq!(alices.ends().code(), Some(3));

    let mut alices = Program::starts(&calls, &[&url, &alice, "nobody", "?"]);
    assert_eq!(alices.says("refused: "), "20003 unknownUser");
    assert_eq!(alices.ends().code(), Some(1));

    let mut alices = Program::starts(&calls, &[&url, &alice, "bob", "bye"]);
    alices.says("accepted by ");
    bobs.ends_well();
}

#[test]
fn a_program_that_was_killed_is_told_what_rings_and_what_is_over() {
    let world = World::new();
    let answers = builds("examples/callee.c");
    let calls = builds("examples/caller.c");
    let (url, alice, bob) = (world.url(), world.token("alice"), world.token("bob"));
    let cursor = world.path("cursor").display().to_string();
    let words = [url.as_str(), &bob, &cursor];
    // An orderly end stores how far it was told; a kill stores nothing.
    let mut bobs = Program::starts(&answers, &words);
    bobs.says("connected");
    let mut alices = Program::starts(&calls, &[&url, &alice, "bob", "bye"]);
    alices.says("accepted by ");
    bobs.ends_well();
    let mut bobs = Program::starts(&answers, &words);
    bobs.says("connected");
    bobs.kill();

    let mut alices = Program::starts(&calls, &[&url, &alice, "bob", "short", "1"]);
    let short = alices.says("inviting: ");
    alices.says("timed out");
    let mut alices = Program::starts(&calls, &[&url, &alice, "bob", "long", "600"]);
    let long = alices.says("inviting: ");
    alices.says("invited");
    let mut bobs = Program::starts(&answers, &words);
    // In the order in which it happened.
    assert_eq!(bobs.says("timed out: "), short);
    assert_eq!(bobs.says("rings: "), format!("{long} from alice: long"));
    alices.says("accepted by ");
    bobs.kill();
}

#[test]
fn bad_input_gets_a_result() {
    let world = World::new();
    let program = builds("test/bad_input.c");
    let (url, alice, bob) = (world.url(), world.token("alice"), world.token("bob"));
    let mut run = Program::starts(&program, &[&url, &alice, &bob]);
    run.says("every fault had its result");
    run.ends_well();
}

#[test]
fn a_fork_while_the_threads_start_is_told_as_one() {
    let program = builds("test/forks.c");
    let mut run = Program::starts(&program, &["ws://127.0.0.1:1"]);
    run.says("every fork was told as one");
    run.ends_well();
}

#[test]
fn nothing_is_asked_about_an_invitation_that_is_known() {
    let server = Script::new();
    let mut run = Program::starts(&builds("test/known.c"), &[&server.url(), "a token"]);
    let mut bobs = server.signs_in(0);
    let listing = bobs.hears("signaling.listOpen");
    bobs.replies(&listing, &json!({"invitations": []}));
    bobs.tells(
        1,
        json!({
            "type": "invitation.received", "inviteID": "i", "inviter": "alice", "inviteeList": ["bob"], "data": "", "timeout": 30,
            "version": 1,
        }),
    );
    assert_eq!(run.says("added: "), "8012 alreadyKnown");
    let read = bobs.hears("signaling.get");
    assert_eq!(read["params"]["inviteID"], "last");
    drop(bobs);
    run.kill();
}

#[test]
fn what_is_open_is_asked_for_again_in_the_next_session_when_the_server_could_not_say_it() {
    let server = Script::new();
    let home = tempfile::tempdir().unwrap();
    let cursor = home.path().join("cursor");
    std::fs::write(&cursor, json!({"userID": "bob", "cursor": 5}).to_string()).unwrap();
    let words = [&server.url(), "a token", cursor.to_str().unwrap()];
    let mut run = Program::starts(&builds("examples/callee.c"), &words);
    let open = json!({ "invitations": [{
        "inviteID": "i", "inviter": "alice", "invitees": [{"userID": "bob", "state": "pending"}], "data": "dinner?", "timeout": 30,
        "createdAt": 1, "status": "open", "version": 1,
    }]});
    let mut bobs = server.signs_in(5);
    // The client fills its book by itself; the library asks for one more, behind it.
    for _ in 0..2 {
        let listing = bobs.hears("signaling.listOpen");
        if listing["params"]["limit"] == 1 {
            bobs.refuses(&listing, Reason::StoreUnavailable);
        } else {
            bobs.replies(&listing, &open);
        }
    }
    drop(bobs);

    let mut bobs = server.signs_in(5);
    let listing = bobs.hears("signaling.listOpen");
    bobs.replies(&listing, &open);
    assert_eq!(run.says("rings: "), "i from alice: dinner?");
    run.kill();
}
