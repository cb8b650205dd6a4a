//! A run: the ground is laid, devices work, the server is killed again and again, and all is told to the end.

use std::sync::Arc;

use futures_util::future::join_all;
use tokio::task::JoinSet;
use tokio::time::timeout;
use wigwag_client::requests;
use wigwag_protocol::params::{GroupCreate, GroupUsers, UserSetProfile};
use wigwag_protocol::{GroupId, Method, UserId};

use crate::device::{Device, PATIENCE, Worker};
use crate::journal::{Journal, Seen};
use crate::killing::Killing;
use crate::plan::Plan;
use crate::process::House;
use crate::raw::Raw;
use crate::sdk::Sdk;
use crate::tables;
use crate::wire::{Heard, Wire};
use crate::world::{CROWD, Script, WRITERS, World, user};

/// Everything a run leaves behind.
pub(crate) struct Run {
    pub(crate) journals: Vec<Journal>,
    /// Each user's whole stream, as a device with cursor 0 is told it.
    pub(crate) replays: Vec<(UserId, Vec<Seen>)>,
}

/// Sign-ins at once while the ground is laid.
const AT_ONCE: usize = 25;
/// Most users of one `group.addMembers`.
const ADDED_AT_ONCE: usize = 100;

pub(crate) async fn run(plan: Plan, house: &House, timeline: &mut String) -> Result<Run, String> {
    let world = Arc::new(World::new(house.port));
    let mut server = house.start();
    server.listens().await?;
    lay_ground(&world).await;
    let (mut sdks, mut raws) = (JoinSet::new(), JoinSet::new());
    start_devices(plan, &world, (&mut sdks, &mut raws));
    let server = Killing::new(plan, &world, house, timeline).all(server).await;
    world.stop_loading();
    let server = server?;
    let (sdks, raws) = (joined(sdks).await?, joined(raws).await?);
    tables::deadlines_have_passed(&house.database(), PATIENCE).await?;
    ring_bells(&world).await?;
    let (of_sdks, of_raws) = tokio::join!(
        join_all(sdks.into_iter().map(Worker::finish)),
        join_all(raws.into_iter().map(Worker::finish))
    );
    let replays = replay_all(&world).await?;
    server.stop().await?;
    let journals = of_sdks.into_iter().chain(of_raws).collect();
    Ok(Run { journals, replays })
}

/// Users, groups and the crowd, before the first kill.
async fn lay_ground(world: &World) {
    let crowd: Vec<UserId> = (0..CROWD).map(|number| user(&format!("crowd-{number:03}"))).collect();
    let everybody: Vec<&UserId> = world.users.iter().chain(&crowd).collect();
    for some in everybody.chunks(AT_ONCE) {
        join_all(some.iter().map(|user| Wire::open(world.port, user, "ground", None))).await;
    }
    for (owner, group) in world.groups.iter().enumerate() {
        // Every group has a third of the users, its owner among them.
        let members = world.users.iter().skip(owner % 3).step_by(3).cloned().collect();
        make_group(world, (owner, group), members).await;
    }
    make_group(world, (0, &world.crowd), world.users[1..WRITERS].to_vec()).await;
    let (mut wire, _) = Wire::open(world.port, &world.users[0], "ground", None).await.unwrap();
    for some in crowd.chunks(ADDED_AT_ONCE) {
        let add = GroupUsers { group_id: world.crowd.clone(), user_ids: some.to_vec() };
        let params = serde_json::to_string(&add).unwrap();
        wire.ask(Method::GroupAddMembers, &params).await.unwrap().unwrap();
    }
}

async fn make_group(world: &World, (owner, id): (usize, &GroupId), members: Vec<UserId>) {
    let (mut wire, _) = Wire::open(world.port, &world.users[owner], "ground", None).await.unwrap();
    let create = GroupCreate { group_id: Some(id.clone()), ..requests::group("", members) };
    let params = serde_json::to_string(&create).unwrap();
    wire.ask(Method::GroupCreate, &params).await.unwrap().unwrap();
}

type Workers<D> = JoinSet<Worker<D>>;

/// One device for each user, and a second one for every third. Every fourth device is a raw one.
fn start_devices(plan: Plan, world: &Arc<World>, (sdks, raws): (&mut Workers<Sdk>, &mut Workers<Raw>)) {
    let second = |number: &usize| number.is_multiple_of(3);
    let devices = (0..world.users.len()).chain((0..world.users.len()).filter(second));
    for (place, user) in devices.enumerate() {
        let device = format!("device-{place:02}");
        let dice = plan.dice(place as u64 + 1);
        let script = Script::new(user, device.clone(), place % 2 == 0, dice.clone());
        let journal = Journal::new(world.users[user].clone(), device);
        let world = Arc::clone(world);
        if place % 4 == 0 {
            let raw = Raw::new(Arc::clone(&world), dice);
            raws.spawn(Worker::new(raw, script, journal, world).work());
        } else {
            let sdk = Sdk::new(Arc::clone(&world), dice, &journal);
            sdks.spawn(Worker::new(sdk, script, journal, world).work());
        }
    }
}

async fn joined<D: Device + 'static>(workers: Workers<D>) -> Result<Vec<Worker<D>>, String> {
    timeout(PATIENCE * 2, workers.join_all())
        .await
        .map_err(|_| "devices did not come to rest after the last start".to_owned())
}

/// One last event in every stream, by which devices know that they have heard all.
async fn ring_bells(world: &World) -> Result<(), String> {
    for user in &world.users {
        let (mut wire, _) = Wire::open(world.port, user, "bell", None).await.map_err(|_| "no bell")?;
        let bell = UserSetProfile { nickname: Some("bell".to_owned()), ..requests::profile_changes() };
        let params = serde_json::to_string(&bell).unwrap();
        wire.ask(Method::UserSetProfile, &params).await.map_err(|_| "no bell")?.map_err(|e| e.to_string())?;
    }
    Ok(())
}

async fn replay_all(world: &World) -> Result<Vec<(UserId, Vec<Seen>)>, String> {
    let mut replays = Vec::new();
    for user in &world.users {
        let replay = timeout(PATIENCE, replay(world.port, user)).await;
        replays.push((user.clone(), replay.map_err(|_| format!("the stream of {user} did not end"))??));
    }
    Ok(replays)
}

async fn replay(port: u16, user: &UserId) -> Result<Vec<Seen>, String> {
    let gone = |_| format!("the stream of {user} broke off");
    let (mut wire, opened) = Wire::open(port, user, "replay", Some(0)).await.map_err(gone)?;
    let (mut told, mut reached) = (Vec::new(), 0);
    while reached < opened.head {
        match wire.hear().await.map_err(gone)? {
            Heard::Event { follows, seen } => {
                if follows != reached {
                    return Err(format!("{user}: {seen:?} follows {follows}, not {reached}"));
                }
                reached = seen.cursor;
                told.push(seen);
            }
            Heard::CaughtUp(cursor) => reached = cursor,
            Heard::Reply { .. } => return Err(format!("{user}: a reply to nothing")),
        }
    }
    Ok(told)
}
