//! `sdk/java`: programs of Java's, compiled for Java 8, on a JVM that checks every call of JNI, against a real server.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]

mod calls;
mod jvm;
// The servers, and the peers in C and C++, are those of the C library's tests.
#[allow(dead_code, reason = "they need more of it")]
#[path = "../../../client-ffi/tests/native/script.rs"]
mod script;
#[allow(dead_code, reason = "they need more of it")]
#[path = "../../../client-ffi/tests/native/world.rs"]
mod world;

use serde_json::json;
use tokio::runtime::Runtime;
use wigwag_client::protocol::quiet::Silence;
use wigwag_client::protocol::{Event, UserId};
use wigwag_client::{Client, ClientEvent, Events, requests};

use crate::jvm::Jvm;
use crate::script::Script;
use crate::world::{NOTICE, Program, World, builds};

/// The app that a server without configuration serves.
const APP: &str = "1400000000";

#[test]
fn the_interface_is_the_one_that_is_documented() {
    let mut run = Jvm::starts("Declarations", &[]);
    run.says("every method is declared");
    run.ends_well();
}

#[test]
fn every_fault_has_the_number_of_the_field() {
    let world = World::new();
    let (url, alice, bob) = (world.url(), world.token("alice"), world.token("bob"));
    let folder = world.path("alice").display().to_string();
    let mut run = Jvm::starts("V2timFaults", &[&url, APP, &alice, &bob, &folder]);
    run.says("every fault had its code");
    run.ends_well();
}

#[test]
fn groups_from_their_creation_to_their_end() {
    let (world, back_end) = World::with_back_end();
    let users = ["alice", "bob", "carol"].map(|user| world.token(user));
    let [alice, bob, carol] = users.each_ref().map(String::as_str);
    let mut run = Jvm::starts("V2timGroups", &[&world.url(), APP, alice, bob, carol]);
    run.says("a back end may say something");
    world.notifies(&back_end, "talk", NOTICE);
    run.says("groups from their creation to their end");
    run.ends_well();
}

#[test]
fn who_is_online_and_what_they_say_of_themselves() {
    let world = World::new();
    let (alice, bob) = (world.token("alice"), world.token("bob"));
    let mut run = Jvm::starts("V2timStatuses", &[&world.url(), APP, &alice, &bob]);
    run.says("statuses were told");
    run.ends_well();
}

/// More pages than any client counted before it gave up.
#[test]
fn lists_are_read_to_their_last_page() {
    const PAGES: usize = 150;
    let server = Script::new();
    let mut run = Jvm::starts("V2timPages", &[&server.url(), APP, &PAGES.to_string()]);
    let mut bobs = server.signs_in(0);
    let listing = bobs.hears("signaling.listOpen");
    bobs.replies(&listing, &json!({"invitations": []}));
    let id = |page: usize| format!("g{page:04}");
    let group = |page: usize| json!({"groupID": id(page), "name": "", "ext": "", "joinPolicy": "free", "owner": "bob", "memberCount": 1, "createdAt": 1});
    for page in 1..=PAGES {
        let asked = bobs.hears("group.list");
        assert_eq!(asked["params"]["after"].as_str(), (page > 1).then(|| id(page - 1)).as_deref(), "{asked}");
        let mut groups = json!({"groups": [group(page)]});
        if page < PAGES {
            groups["next"] = json!(id(page));
        }
        bobs.replies(&asked, &groups);
    }
    for after in [None, Some("g0001")] {
        let asked = bobs.hears("group.list");
        assert_eq!(asked["params"]["after"].as_str(), after, "{asked}");
        bobs.replies(&asked, &json!({"groups": [group(1)], "next": "g0001"}));
    }
    run.says("every page was read");
    run.ends_well();
}

#[test]
fn a_client_refuses_what_is_wrong_and_bears_what_its_app_does() {
    let world = World::new();
    let mut run = Jvm::starts("ClientFaults", &[&world.url(), &world.token("alice"), &world.token("bob")]);
    run.says("every fault had its result");
    run.ends_well();
}

#[test]
fn nothing_is_lost_at_the_end_and_nobody_waits_for_ever() {
    let world = World::new();
    let (url, alice, bob) = (world.url(), world.token("alice"), world.token("bob"));
    let folder = world.path("alice");
    std::fs::create_dir(&folder).unwrap();
    let mut run = Jvm::starts("Closing", &[&url, APP, &alice, &bob, &folder.display().to_string()]);
    run.says("nothing is lost at the end");
    run.ends_well();
}

#[test]
fn a_check_that_fails_in_a_callback_fails_the_run() {
    let world = World::new();
    let run = Jvm::starts("Swallowed", &[&world.url(), &world.token("alice")]);
    assert_eq!(run.ends(), Some(97));
}

#[test]
fn nothing_stays_of_logins_and_calls() {
    let world = World::new();
    let mut run = Jvm::starts("Leaks", &[&world.url(), APP, &world.token("alice"), &world.token("bob")]);
    run.says("nothing stays");
    run.ends_well();
}

#[test]
fn two_jvms_call_each_other_and_both_call_c_and_cpp() {
    let world = World::new();
    let (url, alice, bob) = (world.url(), world.token("alice"), world.token("bob"));
    let mut bobs = Jvm::starts("V2timCallee", &[&url, APP, "bob", &bob]);
    bobs.says("connected");

    let mut alices = Jvm::starts("V2timCaller", &[&url, APP, "alice", &alice, "bob", "dinner?"]);
    let invite_id = alices.says("inviting: ");
    assert_eq!(bobs.says("rings: "), format!("{invite_id} from alice: dinner?"));
    assert_eq!(bobs.says("answered: "), "0");
    assert_eq!(alices.says("accepted by "), "bob");
    alices.ends_well();

    let mut alices = Jvm::starts("V2timCaller", &[&url, APP, "alice", &alice, "bob", "no"]);
    assert_eq!(alices.says("rejected by "), "bob: not today");
    assert_eq!(alices.ends(), Some(3));

    let mut alices = Program::starts(&builds("examples/caller.c"), &[&url, &alice, "bob", "from C"]);
    assert_eq!(alices.says("accepted by "), "bob");
    alices.ends_well();
    let words = [url.as_str(), APP, "alice", &alice, "bob", "bye"];
    let mut alices = Program::starts(&builds("examples/v2tim_caller.cpp"), &words);
    assert_eq!(alices.says("accepted by "), "bob");
    alices.ends_well();
    bobs.ends_well();

    let mut bobs = Program::starts(&builds("examples/callee.c"), &[&url, &bob]);
    bobs.says("connected");
    let mut alices = Jvm::starts("V2timCaller", &words);
    assert_eq!(alices.says("accepted by "), "bob");
    alices.ends_well();
    bobs.ends_well();
    let mut bobs = Program::starts(&builds("examples/v2tim_callee.cpp"), &[&url, APP, "bob", &bob]);
    bobs.says("connected");
    let mut alices = Jvm::starts("V2timCaller", &words);
    assert_eq!(alices.says("accepted by "), "bob");
    alices.ends_well();
    bobs.ends_well();
}

#[test]
fn an_app_that_was_killed_is_told_what_rings_and_what_is_over() {
    let world = World::new();
    let (url, alice, bob) = (world.url(), world.token("alice"), world.token("bob"));
    let folder = world.path("bobs").display().to_string();
    let words = [url.as_str(), APP, "bob", &bob, &folder];
    // An orderly end stores how far it was told; a kill stores nothing.
    let mut bobs = Jvm::starts("V2timCallee", &words);
    bobs.says("connected");
    let mut alices = Jvm::starts("V2timCaller", &[&url, APP, "alice", &alice, "bob", "bye"]);
    alices.says("accepted by ");
    bobs.ends_well();
    let mut bobs = Jvm::starts("V2timCallee", &words);
    bobs.says("connected");
    bobs.kill();

    let mut alices = Jvm::starts("V2timCaller", &[&url, APP, "alice", &alice, "bob", "short", "1"]);
    let short = alices.says("inviting: ");
    assert_eq!(alices.says("timed out: "), "bob");
    assert_eq!(alices.ends(), Some(4));
    let mut alices = Jvm::starts("V2timCaller", &[&url, APP, "alice", &alice, "bob", "long", "600"]);
    let long = alices.says("inviting: ");
    alices.says("invited");
    let mut bobs = Jvm::starts("V2timCallee", &words);
    assert_eq!(bobs.says("timed out: "), short);
    assert_eq!(bobs.says("rings: "), format!("{long} from alice: long"));
    alices.says("accepted by ");
    bobs.kill();
}

#[test]
fn java_and_the_rust_client_call_each_other() {
    let world = World::new();
    let (url, alice, bob) = (world.url(), world.token("alice"), world.token("bob"));
    let runtime = Runtime::new().unwrap();
    let (client, mut events) = runtime.block_on(Client::builder(&url, bob.as_str()).connect()).unwrap();

    let mut alices = Jvm::starts("V2timCaller", &[&url, APP, "alice", &alice, "bob", "from Java"]);
    let ring = runtime.block_on(hears(&mut events, "invitation.received"));
    let Event::InvitationReceived(ring) = ring else { panic!("{ring:?}") };
    assert_eq!((ring.data.as_str(), alices.says("inviting: ")), ("from Java", ring.invite_id.to_string()));
    runtime.block_on(client.accept(&requests::answer(ring.invite_id))).unwrap();
    assert_eq!(alices.says("accepted by "), "bob");
    alices.ends_well();

    let mut alices = Jvm::starts("V2timCallee", &[&url, APP, "alice", &alice]);
    alices.says("connected");
    let mut invite = requests::invite(UserId::parse("alice").unwrap());
    "bye".clone_into(&mut invite.data);
    let inviting = client.invite(invite);
    let invite_id = inviting.invite_id().to_string();
    runtime.block_on(inviting).unwrap();
    assert_eq!(alices.says("rings: "), format!("{invite_id} from bob: bye"));
    runtime.block_on(hears(&mut events, "invitation.accepted"));
    alices.ends_well();
    runtime.block_on(client.close());
}

#[test]
fn a_ring_that_another_device_silences_ends_in_java() {
    let world = World::new();
    let (url, alice, bob) = (world.url(), world.token("alice"), world.token("bob"));
    let mut alices = Jvm::starts("V2timCallee", &[&url, APP, "alice", &alice]);
    alices.says("connected");
    let runtime = Runtime::new().unwrap();
    let (other, _events) = runtime.block_on(Client::builder(&url, alice.as_str()).connect()).unwrap();
    let (client, _events_of_bob) = runtime.block_on(Client::builder(&url, bob.as_str()).connect()).unwrap();
    let mut invite = requests::invite(UserId::parse("alice").unwrap());
    "leave it to another device".clone_into(&mut invite.data);
    let inviting = client.invite(invite);
    let invite_id = inviting.invite_id().clone();
    runtime.block_on(inviting).unwrap();
    assert_eq!(alices.says("rings: "), format!("{invite_id} from bob: leave it to another device"));
    runtime.block_on(other.silence(&Silence { invite_id: invite_id.clone() })).unwrap();
    assert_eq!(alices.says("rejected: "), invite_id.to_string());
    // It was no answer: the invitation goes on.
    runtime.block_on(other.accept(&requests::answer(invite_id))).unwrap();
    alices.kill();
}

/// The next event of this type; those before it are passed over.
async fn hears(events: &mut Events, name: &str) -> Event {
    loop {
        let told = events.next().await.expect("the client goes on");
        if let ClientEvent::Happened(happened) = told
            && happened.event.type_name() == name
        {
            return happened.event;
        }
    }
}
