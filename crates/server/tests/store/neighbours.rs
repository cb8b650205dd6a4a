//! Three nodes on one database, all writing to the same people at once: what they told, taken together, must be what one
//! store would have told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::future::join_all;
use tokio::sync::mpsc;
use wigwag_engine::command::Invite;
use wigwag_engine::{Actor, Command, Request};
use wigwag_protocol::group::Role;
use wigwag_protocol::{GroupId, UserId};
use wigwag_server::store::{Asker, Committed, Permission, ReplyTo, SessionId, Store, Submission};
use wigwag_testbed::{Durability, Postgres};

use crate::postgres::Database;
use crate::words::{
    accept, call_id, cancel, create_group, group, hang_up, invite, join_call, mark_read, on_phone, reject,
    ring, ring_members, send, text, to, to_call, to_group, to_room, user,
};
use crate::world::{Open, parts_with_batches_of};

const NODES: usize = 3;
/// Few, so that they meet often.
const USERS: usize = 12;
const COMMANDS: u64 = 1_500;
/// Small, so that there are many transactions.
const BATCH: usize = 6;
/// Commands of a node that wait: some batches.
const WAITING: usize = 5 * BATCH;

/// The session of all commands; it has no seat.
fn nobody() -> Asker {
    Asker { session: SessionId(0), connected_at: 0, heard_at: tokio::time::Instant::now() }
}

type Streams = BTreeMap<UserId, BTreeMap<u64, String>>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_write_at_once_leave_one_history() {
    let seed = seed();
    println!("WIGWAG_STORE_SEED={seed}");
    let server = Postgres::start(Durability::Fast);
    server.create_database("shared");
    let mut nodes = Vec::new();
    for number in 1..=NODES {
        let mut parts = parts_with_batches_of(BATCH);
        // So few users would often be refused for how much is pending; nothing may be refused for being too much here.
        parts.settings.limits.pair_open_invitations = usize::MAX;
        parts.settings.limits.invitee_open_invitations = usize::MAX;
        nodes.push(Database::of(&server, "shared", number).opened(parts).await);
    }
    let mut told = Streams::new();
    let first = nodes.first_mut().unwrap();
    for command in founding() {
        does(first, command, &mut told).await;
    }
    let mut shares: [Vec<Request>; NODES] = Default::default();
    for (number, request) in load(seed).into_iter().enumerate() {
        shares[number % NODES].push(request);
    }
    let at_once = nodes.iter_mut().zip(shares).map(|(node, share)| carries_out(node, share));
    for committed in join_all(at_once).await.iter().flatten() {
        takes(&mut told, committed);
    }
    recalls(&*nodes[0].store, &told).await;
    knows_who_is_in_calls(&*nodes[0].store).await;
    for node in &nodes {
        node.store.close().await;
    }
}

/// `WIGWAG_STORE_SEED`, to see a failure again; else a new one.
#[expect(clippy::disallowed_methods, reason = "this is how a person chooses a seed")]
fn seed() -> u64 {
    let given = std::env::var("WIGWAG_STORE_SEED").ok().and_then(|seed| seed.parse().ok());
    given.unwrap_or_else(|| fastrand::u64(..))
}

fn person(number: usize) -> Actor {
    on_phone(&user(&format!("user-{number:02}")))
}

fn the_group() -> GroupId {
    group("class")
}

/// Everybody, and a group of them all.
fn founding() -> Vec<Request> {
    let mut requests: Vec<Request> =
        (0..USERS).map(|number| Request::By(person(number), Command::Register)).collect();
    let members: Vec<UserId> = (1..USERS).map(|number| person(number).user).collect();
    let members: Vec<&UserId> = members.iter().collect();
    requests.push(Request::By(person(0), create_group(&the_group(), &members)));
    requests
}

/// Commands of all kinds, many about the same few invitations, so that most of them meet others.
fn load(seed: u64) -> Vec<Request> {
    let mut dice = fastrand::Rng::with_seed(seed);
    let mut invitations = Vec::new();
    let mut requests = Vec::new();
    for number in 0..COMMANDS {
        let actor = person(dice.usize(..USERS));
        let other = person(dice.usize(..USERS)).user;
        let recent = |dice: &mut fastrand::Rng, all: &[String]| {
            let newest = all.len().saturating_sub(6);
            all.get(newest + dice.usize(..6)).cloned().unwrap_or_else(|| "none".to_owned())
        };
        let id = format!("invitation-{number}");
        let command = match dice.u8(..16) {
            0..3 => {
                invitations.push(id.clone());
                invite(ring(&id, &other))
            }
            3 => {
                invitations.push(id.clone());
                invite(ring_members(&id, &the_group(), &[&other, &person(0).user]))
            }
            4 | 5 => accept(&recent(&mut dice, &invitations)),
            6 => reject(&recent(&mut dice, &invitations)),
            7 => cancel(&recent(&mut dice, &invitations)),
            8 => send(text(to(&other), "hello")),
            9 => send(text(to_group(&the_group()), "everybody")),
            10 => mark_read(to_group(&the_group()), dice.u64(1..200)),
            11 | 12 => {
                invitations.push(id.clone());
                invite(call(&mut dice, &id, &other))
            }
            13 => join_call(&recent(&mut dice, &invitations)),
            14 => hang_up(&recent(&mut dice, &invitations)),
            _ => membership(&mut dice, other),
        };
        requests.push(Request::By(actor, command));
    }
    requests
}

/// Of one user or of the group, in one of few rooms or in one of its own.
fn call(dice: &mut fastrand::Rng, id: &str, other: &UserId) -> Invite {
    let members = [other, &person(0).user, &person(1).user];
    let ring = if dice.bool() { ring(id, other) } else { ring_members(id, &the_group(), &members) };
    if dice.bool() { to_call(ring) } else { to_room(ring, &format!("room{}", dice.u8(..3))) }
}

/// By whoever it is; most of these are refused, and must leave no trace.
fn membership(dice: &mut fastrand::Rng, other: UserId) -> Command {
    match dice.u8(..4) {
        0 => Command::RemoveMembers(the_group(), vec![other]),
        1 => Command::AddMembers(the_group(), vec![other]),
        2 => Command::QuitGroup(the_group()),
        _ => Command::SetRole { group: the_group(), user: other, role: Role::Admin },
    }
}

/// Few commands wait at any time, so that none is given up on a machine that is busy with other things.
async fn carries_out(node: &mut Open, share: Vec<Request>) -> Vec<Committed> {
    let mut requests = share.into_iter();
    let mut done = Vec::new();
    let mut waiting = 0;
    loop {
        for request in requests.by_ref().take(WAITING - waiting) {
            node.store
                .submit(Submission {
                    request,
                    reply_to: ReplyTo::Session(nobody()),
                    once: None,
                    permission: Permission::NotNeeded,
                })
                .unwrap();
            waiting += 1;
        }
        if waiting == 0 {
            return done;
        }
        let batch = node.committed.recv().await.unwrap();
        waiting -= batch.len();
        done.extend(batch);
    }
}

async fn does(node: &mut Open, request: Request, told: &mut Streams) {
    node.store
        .submit(Submission {
            request,
            reply_to: ReplyTo::Session(nobody()),
            once: None,
            permission: Permission::NotNeeded,
        })
        .unwrap();
    let committed = next(&mut node.committed).await;
    committed.reply().unwrap();
    takes(told, &committed);
}

async fn next(committed: &mut mpsc::Receiver<Vec<Committed>>) -> Committed {
    committed.recv().await.unwrap().remove(0)
}

fn takes(told: &mut Streams, committed: &Committed) {
    if let Err(refusal) = committed.reply() {
        assert!(!refusal.is_failure(), "nothing may fail here: {refusal:?}");
    }
    for event in committed.events() {
        for place in &event.places {
            let stream = told.entry(place.user.clone()).or_default();
            let before = stream.insert(place.cursor, event.body.clone());
            assert!(before.is_none(), "{} has two events at {}", place.user, place.cursor);
        }
    }
}

/// Who is in a running call is who its record says, and nobody is in two.
async fn knows_who_is_in_calls(store: &dyn Store) {
    let mut joined = BTreeMap::new();
    for number in 0..COMMANDS {
        let id = call_id(&format!("invitation-{number}"));
        let Some(call) = store.call(&id).await.unwrap().filter(|call| call.is_running()) else { continue };
        for user in call.joined() {
            let another = joined.insert(user.clone(), id.clone());
            assert_eq!(another, None, "{user} is in {id} too");
        }
    }
    let running = store.running_calls().await.unwrap().into_iter().collect::<BTreeSet<_>>();
    assert_eq!(running, joined.values().cloned().collect());
    let mut people = store.people_in_calls().await.unwrap();
    people.sort();
    assert_eq!(people, joined.into_keys().collect::<Vec<UserId>>());
}

/// Every stream in the tables is what was told, without gap.
async fn recalls(store: &dyn Store, told: &Streams) {
    for (user, told) in told {
        assert!(told.keys().copied().eq(1..=told.len() as u64), "{user} has a gap: {:?}", told.keys());
        let page = store.events_after(user, 0, usize::from(u16::MAX)).await.unwrap();
        let stored: Vec<(u64, Arc<str>)> =
            page.events.iter().map(|event| (event.cursor, Arc::from(event.body.as_str()))).collect();
        let told: Vec<(u64, Arc<str>)> =
            told.iter().map(|(cursor, body)| (*cursor, Arc::from(body.as_str()))).collect();
        assert_eq!(stored, told, "the stream of {user}");
    }
}
