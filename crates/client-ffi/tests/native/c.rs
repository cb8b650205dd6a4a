//! Plain C: the two examples call each other, and what must get a result gets one.

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
    let mut alices = Program::starts(&calls, &[&url, &alice, "bob", "long"]);
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
