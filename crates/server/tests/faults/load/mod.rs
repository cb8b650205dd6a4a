//! The load: forty devices of thirty users that invite, answer, write and come and go, and note what they are told.

mod calling;
pub(crate) mod device;
pub(crate) mod door;
pub(crate) mod journal;
mod raw;
mod reading;
mod script;
mod sdk;
pub(crate) mod wire;
pub(crate) mod wish;
pub(crate) mod world;

use std::sync::Arc;

use futures_util::future::join_all;
use tokio::task::JoinSet;
use tokio::time::timeout;
use wigwag_client::requests;
use wigwag_protocol::params::{GroupCreate, GroupUsers, UserSetProfile};
use wigwag_protocol::{GroupId, Method, UserId};

use self::device::{PATIENCE, Worker};
use self::door::Door;
use self::journal::{Journal, Seen};
use self::raw::Raw;
pub(crate) use self::reading::View;
use self::script::Script;
use self::sdk::Sdk;
use self::wire::{Gone, Heard, Wire};
use self::world::{USERS, WRITERS, World, user};
use crate::dice::Seed;

/// Everything a run leaves behind.
pub(crate) struct Run {
    pub(crate) journals: Vec<Journal>,
    /// Each user's whole stream, as a device with cursor 0 is told it.
    pub(crate) replays: Vec<(UserId, Vec<Seen>)>,
    /// Each call as `call.get` gives it at last to those who were ever told of it.
    pub(crate) views: Vec<View>,
    /// Whether commands may have been refused because the store was away.
    pub(crate) store_may_be_away: bool,
}

/// Sign-ins at once while the ground is laid.
const AT_ONCE: usize = 25;
/// Most users of one `group.addMembers`.
const ADDED_AT_ONCE: usize = 100;

/// Users, groups and the crowd, before the first fault.
pub(crate) async fn lay_ground(world: &World) {
    let crowd: Vec<UserId> =
        (0..world.setting.crowd).map(|number| user(&format!("crowd-{number:03}"))).collect();
    let everybody: Vec<&UserId> = world.users.iter().chain(&crowd).collect();
    for some in everybody.chunks(AT_ONCE) {
        join_all(some.iter().map(|user| Wire::open(world.port(), user, "ground", None))).await;
    }
    for (owner, group) in world.groups.iter().enumerate() {
        // Every group has a third of the users, its owner among them.
        let members = world.users.iter().skip(owner % 3).step_by(3).cloned().collect();
        make_group(world, (owner, group), members).await;
    }
    make_group(world, (0, &world.crowd), world.users[1..WRITERS].to_vec()).await;
    let (mut wire, _) = Wire::open(world.port(), &world.users[0], "ground", None).await.unwrap();
    for some in crowd.chunks(ADDED_AT_ONCE) {
        let add = GroupUsers { group_id: world.crowd.clone(), user_ids: some.to_vec() };
        let params = serde_json::to_string(&add).unwrap();
        wire.ask(Method::GroupAddMembers, &params).await.unwrap().unwrap();
    }
}

async fn make_group(world: &World, (owner, id): (usize, &GroupId), members: Vec<UserId>) {
    let (mut wire, _) = Wire::open(world.port(), &world.users[owner], "ground", None).await.unwrap();
    let create = GroupCreate { group_id: Some(id.clone()), ..requests::group("", members) };
    let params = serde_json::to_string(&create).unwrap();
    wire.ask(Method::GroupCreate, &params).await.unwrap().unwrap();
}

/// The devices at work.
pub(crate) struct Devices {
    sdks: JoinSet<Worker<Sdk>>,
    raws: JoinSet<Worker<Raw>>,
}

/// How many devices there are: one for each user, and a second one for every third.
pub(crate) const DEVICES: usize = USERS + USERS.div_ceil(3);

impl Devices {
    /// Starts all of them, each at its door. Every fourth is a raw one.
    pub(crate) fn start(seed: Seed, world: &Arc<World>, doors: &[Door]) -> Self {
        let (mut sdks, mut raws) = (JoinSet::new(), JoinSet::new());
        for (place, door) in doors.iter().take(DEVICES).enumerate() {
            let user = if place < USERS { place } else { (place - USERS) * 3 };
            let device = format!("device-{place:02}");
            let dice = seed.dice(place as u64 + 1);
            let script = Script::new(user, device.clone(), place % 2 == 0, dice.clone());
            let is_raw = place % 4 == 0;
            let journal = Journal::new(world.users[user].clone(), device, !is_raw);
            let world = Arc::clone(world);
            if is_raw {
                let raw = Raw::new(door.clone(), dice);
                raws.spawn(Worker::new(raw, script, journal, world).work());
            } else {
                let sdk = Sdk::new(door.clone(), dice, &journal);
                sdks.spawn(Worker::new(sdk, script, journal, world).work());
            }
        }
        Self { sdks, raws }
    }

    /// Waits until each has settled its last command, once the load is over.
    pub(crate) async fn rest(self) -> Result<AtRest, String> {
        Ok(AtRest { sdks: joined(self.sdks).await?, raws: joined(self.raws).await? })
    }
}

async fn joined<D: Send + 'static>(workers: JoinSet<Worker<D>>) -> Result<Vec<Worker<D>>, String> {
    timeout(PATIENCE * 2, workers.join_all())
        .await
        .map_err(|_| "devices did not come to rest after the last fault".to_owned())
}

/// Devices that only listen any more.
pub(crate) struct AtRest {
    sdks: Vec<Worker<Sdk>>,
    raws: Vec<Worker<Raw>>,
}

impl AtRest {
    /// Everybody goes, so that nobody is in a call any more when the lease is over.
    pub(crate) async fn goes_away(&mut self) {
        tokio::join!(
            join_all(self.sdks.iter_mut().map(Worker::goes_away)),
            join_all(self.raws.iter_mut().map(Worker::goes_away))
        );
    }

    /// Has everything told to its end, when nothing will happen any more.
    pub(crate) async fn hear_the_end(self, world: &World) -> Result<Run, String> {
        ring_bells(world).await?;
        let (of_sdks, of_raws) = tokio::join!(
            join_all(self.sdks.into_iter().map(Worker::finish)),
            join_all(self.raws.into_iter().map(Worker::finish))
        );
        let replays = replay_all(world).await?;
        let journals: Vec<Journal> = of_sdks.into_iter().chain(of_raws).collect();
        let views = reading::all(world, &journals).await?;
        Ok(Run { journals, replays, views, store_may_be_away: world.setting.store_may_be_away })
    }
}

/// One last event in every stream, by which devices know that they have heard all.
async fn ring_bells(world: &World) -> Result<(), String> {
    for user in &world.users {
        let ringing = timeout(PATIENCE, async {
            while let Err(why) = ring_bell(world.port(), user).await {
                println!("the bell of {user} has to be rung again: {why}");
            }
        });
        ringing.await.map_err(|_| format!("no bell of {user}"))?;
    }
    Ok(())
}

async fn ring_bell(port: u16, user: &UserId) -> Result<(), Gone> {
    let (mut wire, _) = Wire::open(port, user, "bell", None).await?;
    let bell = UserSetProfile { nickname: Some("bell".to_owned()), ..requests::profile_changes() };
    let params = serde_json::to_string(&bell).unwrap();
    wire.ask(Method::UserSetProfile, &params).await?.map(drop).map_err(Gone::by)
}

async fn replay_all(world: &World) -> Result<Vec<(UserId, Vec<Seen>)>, String> {
    let mut replays = Vec::new();
    for user in &world.users {
        let mut replay = Replay { user, told: Vec::new(), reached: 0 };
        let whole = timeout(PATIENCE, replay.until_its_end(world.port())).await;
        whole.map_err(|_| format!("the stream of {user} did not end"))??;
        replays.push((user.clone(), replay.told));
    }
    Ok(replays)
}

/// A user's stream from its beginning. The balancer cuts connections off, so a long one comes in several pieces.
struct Replay<'a> {
    user: &'a UserId,
    told: Vec<Seen>,
    reached: u64,
}

impl Replay<'_> {
    async fn until_its_end(&mut self, port: u16) -> Result<(), String> {
        loop {
            match self.go_on(port).await {
                Ok(went) => return went,
                Err(why) => println!("the stream of {} broke off at {}: {why}", self.user, self.reached),
            }
        }
    }

    async fn go_on(&mut self, port: u16) -> Result<Result<(), String>, Gone> {
        let (mut wire, opened) = Wire::open(port, self.user, "replay", Some(self.reached)).await?;
        while self.reached < opened.head {
            match wire.hear().await? {
                Heard::Event { follows, seen } => {
                    if follows != self.reached {
                        let (user, reached) = (self.user, self.reached);
                        return Ok(Err(format!("{user}: {seen:?} follows {follows}, not {reached}")));
                    }
                    self.reached = seen.cursor;
                    self.told.push(seen);
                }
                Heard::CaughtUp(cursor) => self.reached = cursor,
                Heard::Reply { .. } => return Ok(Err(format!("{}: a reply to nothing", self.user))),
            }
        }
        Ok(Ok(()))
    }
}
