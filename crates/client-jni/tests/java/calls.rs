//! Calls in Java: each step and each end, and the two examples with each other and with those in C++.

use crate::APP;
use crate::jvm::Jvm;
use crate::world::{Program, World, builds};

#[test]
fn calls_from_their_first_ring_to_their_end() {
    let world = World::new();
    let users = ["alice", "bob", "carol"].map(|user| world.token(user));
    let [alice, bob, carol] = users.each_ref().map(String::as_str);
    let mut run = Jvm::starts("V2timCalls", &[&world.url(), APP, alice, bob, carol]);
    run.says("calls from their first ring to their end");
    run.ends_well();
}

#[test]
fn each_step_is_told_once_though_the_client_knows_more() {
    let mut run = Jvm::starts("dev.wigwag.v2tim.CallSteps", &[]);
    run.says("every step was told once");
    run.ends_well();
}

#[test]
fn two_jvms_call_each_other_and_hang_up() {
    let world = World::new();
    let (url, alice, bob) = (world.url(), world.token("alice"), world.token("bob"));
    let mut bobs = Jvm::starts("CallCallee", &[&url, APP, "bob", &bob]);
    bobs.says("connected");

    let mut alices = Jvm::starts("CallCaller", &[&url, APP, "alice", &alice, "bob", "dinner?"]);
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

    let mut alices = Jvm::starts("CallCaller", &[&url, APP, "alice", &alice, "bob", "no"]);
    let call_id = alices.says("calling: ");
    assert_eq!(bobs.says("ring ended: "), format!("{call_id} 1"));
    alices.says("ended: ");
    assert_eq!(alices.ends(), Some(3));

    let mut alices = Jvm::starts("CallCaller", &[&url, APP, "alice", &alice, "bob", "ring on", "1"]);
    let call_id = alices.says("calling: ");
    assert_eq!(bobs.says("ring ended: "), format!("{call_id} 5"));
    alices.says("ended: ");
    assert_eq!(alices.ends(), Some(4));

    let mut alices = Jvm::starts("CallCaller", &[&url, APP, "alice", &alice, "bob", "bye"]);
    alices.says("ended: ");
    alices.ends_well();
    bobs.ends_well();
}

#[test]
fn java_and_cpp_call_each_other_and_hang_up() {
    let world = World::new();
    let (url, alice, bob) = (world.url(), world.token("alice"), world.token("bob"));
    let (bobs_words, alices_words) =
        ([url.as_str(), APP, "bob", &bob], [url.as_str(), APP, "alice", &alice, "bob", "bye"]);

    let mut bobs = Program::starts(&builds("examples/call_callee.cpp"), &bobs_words);
    bobs.says("connected");
    let mut alices = Jvm::starts("CallCaller", &alices_words);
    assert_eq!(alices.says("joined: "), "bob");
    alices.says("ended: ");
    alices.ends_well();
    bobs.ends_well();

    let mut bobs = Jvm::starts("CallCallee", &bobs_words);
    bobs.says("connected");
    let mut alices = Program::starts(&builds("examples/call_caller.cpp"), &alices_words);
    assert_eq!(alices.says("joined: "), "bob");
    alices.says("ended: ");
    alices.ends_well();
    bobs.ends_well();
}

#[test]
fn a_call_rings_again_after_the_jvm_was_killed() {
    let world = World::new();
    let (url, alice, bob) = (world.url(), world.token("alice"), world.token("bob"));
    let folder = world.path("bobs").display().to_string();
    let words = [url.as_str(), APP, "bob", &bob, &folder];
    let mut bobs = Jvm::starts("CallCallee", &words);
    bobs.says("connected");
    let mut alices = Jvm::starts("CallCaller", &[&url, APP, "alice", &alice, "bob", "ring on", "600"]);
    let call_id = alices.says("calling: ");
    bobs.says("rings: ");
    bobs.kill();
    let mut bobs = Jvm::starts("CallCallee", &words);
    assert_eq!(bobs.says("rings: "), format!("{call_id} from alice: audio ring on"));
    bobs.kill();
    alices.kill();
}
