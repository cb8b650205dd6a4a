//! The V2TIM interface for C++: what it declares, what it refuses, and calls with plain C.

use serde_json::json;
use tokio::runtime::Runtime;
use wigwag_client::protocol::params::Cancel;
use wigwag_client::protocol::quiet::Silence;
use wigwag_client::protocol::{Event, UserId};
use wigwag_client::{Client, ClientEvent, Events, requests};

use crate::script::Script;
use crate::world::{NOTICE, Program, World, builds};

/// The app that a server without configuration serves.
pub(crate) const APP: &str = "1400000000";

#[test]
fn the_interface_is_the_one_that_is_documented() {
    let program = builds("test/v2tim_declarations.cpp");
    let mut run = Program::starts(&program, &[]);
    run.says("every method is declared");
    run.ends_well();
}

#[test]
fn every_fault_has_the_number_of_the_field() {
    let world = World::new();
    let program = builds("test/v2tim_faults.cpp");
    let (url, alice, bob) = (world.url(), world.token("alice"), world.token("bob"));
    let folder = world.path("alice").display().to_string();
    let mut run = Program::starts(&program, &[&url, APP, &alice, &bob, &folder]);
    run.says("every fault had its code");
    run.ends_well();
}

#[test]
fn groups_from_their_creation_to_their_end() {
    let (world, back_end) = World::with_back_end();
    let program = builds("test/v2tim_groups.cpp");
    let (url, alice, bob, carol) =
        (world.url(), world.token("alice"), world.token("bob"), world.token("carol"));
    let mut run = Program::starts(&program, &[&url, APP, &alice, &bob, &carol]);
    run.says("a back end may say something");
    world.notifies(&back_end, "talk", NOTICE);
    run.says("groups from their creation to their end");
    run.ends_well();
}

#[test]
fn who_is_online_and_what_they_say_of_themselves() {
    let world = World::new();
    let (url, alice, bob) = (world.url(), world.token("alice"), world.token("bob"));
    let mut run = Program::starts(&builds("test/v2tim_statuses.cpp"), &[&url, APP, &alice, &bob]);
    run.says("statuses were told");
    run.ends_well();
}

#[test]
fn lists_are_read_to_their_last_page() {
    let server = Script::new();
    let mut run = Program::starts(&builds("test/v2tim_pages.cpp"), &[&server.url(), APP]);
    let mut bobs = server.signs_in(0);
    let listing = bobs.hears("signaling.listOpen");
    bobs.replies(&listing, &json!({"invitations": []}));
    let group = |id: &str| json!({"groupID": id, "name": "", "ext": "", "joinPolicy": "free", "owner": "bob", "memberCount": 1, "createdAt": 1});
    let member = |id: &str| json!({"userID": id, "role": "member", "joinedAt": 1});
    let pages = [
        ("group.list", None, json!({"groups": [group("first")], "next": "first"})),
        ("group.list", Some("first"), json!({"groups": [group("second")]})),
        ("group.list", None, json!({"groups": [group("first")], "next": "first"})),
        ("group.list", Some("first"), json!({"groups": [group("second")], "next": "first"})),
        ("group.members", None, json!({"members": [member("bob")], "next": "bob"})),
        ("group.members", Some("bob"), json!({"members": [member("carol")]})),
    ];
    for (method, after, page) in pages {
        let asked = bobs.hears(method);
        assert_eq!(asked["params"]["after"].as_str(), after, "{asked}");
        bobs.replies(&asked, &page);
    }
    run.says("every page was read");
    run.ends_well();
}

#[test]
fn cpp_calls_cpp_and_both_call_c() {
    let world = World::new();
    let answers = builds("examples/v2tim_callee.cpp");
    let calls = builds("examples/v2tim_caller.cpp");
    let (url, alice, bob) = (world.url(), world.token("alice"), world.token("bob"));
    let mut bobs = Program::starts(&answers, &[&url, APP, "bob", &bob]);
    bobs.says("connected");

    let mut alices = Program::starts(&calls, &[&url, APP, "alice", &alice, "bob", "dinner?"]);
    let invite_id = alices.says("inviting: ");
    assert_eq!(bobs.says("rings: "), format!("{invite_id} from alice: dinner?"));
    assert_eq!(bobs.says("answered: "), "0");
    assert_eq!(alices.says("accepted by "), "bob");
    alices.ends_well();

    let mut alices = Program::starts(&calls, &[&url, APP, "alice", &alice, "bob", "no"]);
    assert_eq!(alices.says("rejected by "), "bob: not today");
    assert_eq!(alices.ends().code(), Some(3));

    let calls_in_c = builds("examples/caller.c");
    let mut alices = Program::starts(&calls_in_c, &[&url, &alice, "bob", "bye"]);
    assert_eq!(alices.says("accepted by "), "bob");
    bobs.ends_well();

    let answers_in_c = builds("examples/callee.c");
    let mut bobs = Program::starts(&answers_in_c, &[&url, &bob]);
    bobs.says("connected");
    let mut alices = Program::starts(&calls, &[&url, APP, "alice", &alice, "bob", "bye"]);
    assert_eq!(alices.says("accepted by "), "bob");
    bobs.ends_well();
}

#[test]
fn an_app_that_was_killed_is_told_what_rings_and_what_is_over() {
    let world = World::new();
    let answers = builds("examples/v2tim_callee.cpp");
    let calls = builds("examples/v2tim_caller.cpp");
    let (url, alice, bob) = (world.url(), world.token("alice"), world.token("bob"));
    let folder = world.path("bobs").display().to_string();
    let words = [url.as_str(), APP, "bob", &bob, &folder];
    // An orderly end stores how far it was told; a kill stores nothing.
    let mut bobs = Program::starts(&answers, &words);
    bobs.says("connected");
    let mut alices = Program::starts(&calls, &[&url, APP, "alice", &alice, "bob", "bye"]);
    alices.says("accepted by ");
    bobs.ends_well();
    let mut bobs = Program::starts(&answers, &words);
    bobs.says("connected");
    bobs.kill();

    let mut alices = Program::starts(&calls, &[&url, APP, "alice", &alice, "bob", "short", "1"]);
    let short = alices.says("inviting: ");
    assert_eq!(alices.says("timed out: "), "bob");
    let mut alices = Program::starts(&calls, &[&url, APP, "alice", &alice, "bob", "long", "600"]);
    let long = alices.says("inviting: ");
    alices.says("invited");
    let mut bobs = Program::starts(&answers, &words);
    assert_eq!(bobs.says("timed out: "), short);
    assert_eq!(bobs.says("rings: "), format!("{long} from alice: long"));
    alices.says("accepted by ");
    bobs.kill();
}

#[test]
fn an_exception_that_leaves_a_callback_of_the_c_library_ends_the_process() {
    let world = World::new();
    let program = builds("test/throws.cpp");
    let mut run = Program::starts(&program, &[&world.url()]);
    run.says("opened");
    let status = run.ends();
    assert!(!status.success(), "{status}");
}

#[test]
fn cpp_and_the_rust_client_call_each_other() {
    let world = World::new();
    let calls = builds("examples/v2tim_caller.cpp");
    let answers = builds("examples/v2tim_callee.cpp");
    let (url, alice, bob) = (world.url(), world.token("alice"), world.token("bob"));
    let runtime = Runtime::new().unwrap();
    let (client, mut events) = runtime.block_on(Client::builder(&url, bob.as_str()).connect()).unwrap();

    let mut alices = Program::starts(&calls, &[&url, APP, "alice", &alice, "bob", "from C++"]);
    let ring = runtime.block_on(hears(&mut events, "invitation.received"));
    let Event::InvitationReceived(ring) = ring else { panic!("{ring:?}") };
    assert_eq!((ring.data.as_str(), alices.says("inviting: ")), ("from C++", ring.invite_id.to_string()));
    runtime.block_on(client.accept(&requests::answer(ring.invite_id))).unwrap();
    assert_eq!(alices.says("accepted by "), "bob");
    alices.ends_well();

    let mut alices = Program::starts(&answers, &[&url, APP, "alice", &alice]);
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
fn a_ring_that_another_device_silences_ends_in_cpp() {
    let world = World::new();
    let (url, alice, bob) = (world.url(), world.token("alice"), world.token("bob"));
    let mut alices = Program::starts(&builds("examples/v2tim_callee.cpp"), &[&url, APP, "alice", &alice]);
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

#[test]
fn a_cancel_of_some_is_told_as_an_end_to_nobody_else() {
    let world = World::new();
    let (url, alice, bob, carol) =
        (world.url(), world.token("alice"), world.token("bob"), world.token("carol"));
    let mut bobs = Program::starts(&builds("examples/v2tim_callee.cpp"), &[&url, APP, "bob", &bob]);
    let mut carols = Program::starts(&builds("examples/callee.c"), &[&url, &carol]);
    bobs.says("connected");
    carols.says("connected");
    let runtime = Runtime::new().unwrap();
    let invitees = ["dave", "eve"].map(|name| {
        // Users are those who have signed in.
        runtime.block_on(Client::builder(&url, world.token(name)).connect()).unwrap();
        user(name)
    });
    let (client, _events) = runtime.block_on(Client::builder(&url, alice.as_str()).connect()).unwrap();
    let members = invitees.iter().cloned().chain(["bob", "carol"].map(user)).collect();
    let group = runtime.block_on(client.create_group(&requests::group("g", members))).unwrap().group_id;
    let cancels = |taken_back: Option<Vec<UserId>>| {
        let inviting = client.invite_in_group(requests::invite_in_group(group.clone(), invitees.to_vec()));
        let invite_id = inviting.invite_id().clone();
        runtime.block_on(inviting).unwrap();
        let cancel = Cancel { invitee_list: taken_back, ..requests::cancel(invite_id.clone()) };
        runtime.block_on(client.cancel(&cancel)).unwrap();
        invite_id.to_string()
    };
    cancels(Some(vec![user("dave")]));
    let ended = cancels(None);
    // The first that either is told of.
    assert_eq!(bobs.says("cancelled: "), ended);
    assert_eq!(carols.says("cancelled: "), ended);
    bobs.kill();
    carols.kill();
    runtime.block_on(client.close());
}

fn user(name: &str) -> UserId {
    UserId::parse(name).unwrap()
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
