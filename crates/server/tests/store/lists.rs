//! Lists of conversations, of which the stores keep a part: whatever is done, a list is what counting everything would give.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio::sync::oneshot::error::TryRecvError;
use wigwag_engine::command::SendMessage;
use wigwag_engine::{Actor, Command, ConversationId, Request};
use wigwag_protocol::message::{MessageOptions, Peer};
use wigwag_protocol::{GroupId, UserId};
use wigwag_server::store::check::Findings;
use wigwag_server::store::moving::move_all;
use wigwag_server::store::{
    Asker, ConversationPage, ConversationRow, PageRange, Permission, ReplyTo, RetentionCutoffs, SessionId,
    Store, Submission, postgres, sqlite,
};
use wigwag_testbed::{Durability, Postgres};

use crate::checking::KEPT_FOR;
use crate::moving::plan;
use crate::postgres::Database;
use crate::retention::{a_moment_passes, everything_before};
use crate::sqlite::Sqlite;
use crate::words::{
    accept, create_group, group, invite, mark_read, on_phone, revoke, ring, send, text, to, to_group, user,
};
use crate::world::{Backend, Open, Outcome, World, parts_with_batches_of};

const USERS: usize = 5;
const STEPS: usize = 250;

/// Everything that was said, and who has read how much of it.
#[derive(Default)]
struct Model {
    said: BTreeMap<ConversationId, Vec<Said>>,
    last_seqs: BTreeMap<ConversationId, u64>,
    /// By user and conversation in their list: how far they have read.
    read: BTreeMap<(UserId, ConversationId), u64>,
    /// Up to where users have deleted conversations.
    deleted: BTreeMap<(UserId, ConversationId), u64>,
    pinned: BTreeSet<(UserId, ConversationId)>,
    /// Messages so far.
    count: u64,
    time: u64,
}

struct Said {
    seq: u64,
    sender: UserId,
    counted: bool,
    /// Later messages have greater numbers.
    number: u64,
    time: u64,
}

/// A line of a list.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    conversation: ConversationId,
    last_seq: u64,
    read_seq: u64,
    unread: u64,
    pinned: bool,
}

impl Line {
    fn of(row: &ConversationRow) -> Self {
        let ConversationRow { last_seq, read_seq, unread, pinned, .. } = *row;
        Self { conversation: row.conversation.clone(), last_seq, read_seq, unread, pinned }
    }
}

impl Model {
    fn takes(&mut self, outcome: &Outcome) {
        for event in outcome.events() {
            let Some(mark) = &event.message else { continue };
            self.count += 1;
            self.time = event.time;
            let said = Said {
                seq: mark.seq,
                sender: mark.sender.clone(),
                counted: mark.counted,
                number: self.count,
                time: event.time,
            };
            self.said.entry(mark.conversation.clone()).or_default().push(said);
            self.last_seqs.insert(mark.conversation.clone(), mark.seq);
            if let ConversationId::OneToOne(one, other) = &mark.conversation {
                for user in [one, other] {
                    self.read.entry((user.clone(), mark.conversation.clone())).or_default();
                }
            }
        }
    }

    fn last_seq(&self, conversation: &ConversationId) -> u64 {
        self.last_seqs.get(conversation).copied().unwrap_or(0)
    }

    fn reads(&mut self, user: &UserId, conversation: &ConversationId, seq: u64) {
        let seq = seq.min(self.last_seq(conversation));
        if let Some(read) = self.read.get_mut(&(user.clone(), conversation.clone())) {
            *read = seq.max(*read);
        }
    }

    /// Leaves the list with what was said, and is read and not pinned.
    fn deletes(&mut self, user: &UserId, conversation: &ConversationId) {
        let (key, last_seq) = ((user.clone(), conversation.clone()), self.last_seq(conversation));
        if let Some(read) = self.read.get_mut(&key) {
            *read = last_seq;
            self.pinned.remove(&key);
            self.deleted.insert(key, last_seq);
        }
    }

    fn leaves(&mut self, user: &UserId, conversation: &ConversationId) {
        let key = (user.clone(), conversation.clone());
        self.read.remove(&key);
        self.deleted.remove(&key);
        self.pinned.remove(&key);
    }

    /// What an earlier version did not keep.
    fn loses_own_lists(&mut self) {
        self.deleted.clear();
        self.pinned.clear();
    }

    fn deleted_up_to(&self, user: &UserId, conversation: &ConversationId) -> Option<u64> {
        self.deleted.get(&(user.clone(), conversation.clone())).copied()
    }

    fn forgets_before(&mut self, time: u64) {
        for said in self.said.values_mut() {
            said.retain(|said| said.time >= time);
        }
    }

    fn dismisses(&mut self, conversation: &ConversationId) {
        self.said.remove(conversation);
        self.last_seqs.remove(conversation);
        self.read.retain(|(_, of), _| of != conversation);
        self.deleted.retain(|(_, of), _| of != conversation);
        self.pinned.retain(|(_, of)| of != conversation);
    }

    /// The user's list, counted anew. With each line its place: the pinned part stands in front, and in each part the newest message.
    fn list(&self, user: &UserId) -> BTreeMap<Line, (bool, Option<u64>)> {
        let own = self.read.iter().filter(|((reader, _), _)| reader == user);
        let line = |(key, read): (&(UserId, ConversationId), &u64)| {
            let conversation = &key.1;
            let said = || self.said.get(conversation).into_iter().flatten();
            let unread =
                said().filter(|said| said.seq > *read && said.counted && said.sender != *user).count() as u64;
            let newest = said().map(|said| said.number).max();
            let (last_seq, pinned) = (self.last_seq(conversation), self.pinned.contains(key));
            let line = Line { conversation: conversation.clone(), last_seq, read_seq: *read, unread, pinned };
            let is_listed = self.deleted.get(key).is_none_or(|deleted| *deleted < last_seq);
            is_listed.then_some((line, (pinned, newest)))
        };
        own.filter_map(line).collect()
    }
}

/// All pages of a list, of so many lines each.
async fn pages(store: &dyn Store, user: &UserId, limit: usize) -> (Vec<ConversationRow>, u64) {
    let (mut rows, mut after) = (Vec::new(), None);
    loop {
        let ConversationPage { rows: more, total_unread, next } =
            store.conversations(user, PageRange { after, limit }).await.unwrap();
        assert!(
            more.len() <= limit && (next.is_none() || more.len() == limit),
            "a page is full but the last"
        );
        rows.extend(more);
        if next.is_none() {
            return (rows, total_unread);
        }
        after = next;
    }
}

/// Compares a list with the model's, in pages. Lines without a message stand last in their part, in any order.
async fn agrees(store: &dyn Store, model: &Model, user: &UserId, limit: usize) {
    let (rows, total) = pages(store, user, limit).await;
    let expected = model.list(user);
    assert_eq!(total, expected.keys().map(|line| line.unread).sum::<u64>(), "the total of {user}");
    for row in &rows {
        let alone = store.conversation(user, &row.conversation).await.unwrap();
        assert_eq!(format!("{alone:?}"), format!("{:?}", Some(row)), "a line of {user}'s list by itself");
        let deleted = model.deleted_up_to(user, &row.conversation).unwrap_or(0);
        let last = row.last_message.as_ref().and_then(|message| message.seq);
        assert!(last.is_none_or(|seq| seq > deleted), "{user} sees what they have deleted: {row:?}");
    }
    let seen: Vec<Line> = rows.iter().map(Line::of).collect();
    let wanted: BTreeSet<&Line> = expected.keys().collect();
    assert_eq!((seen.iter().collect::<BTreeSet<_>>(), seen.len()), (wanted, expected.len()), "{user}'s list");
    assert!(
        seen.is_sorted_by_key(|line| std::cmp::Reverse(expected[line])),
        "the order of {user}'s list: {seen:?}"
    );
    for (of, conversation) in model.read.keys().filter(|(of, _)| of == user) {
        let deleted = store.deleted_up_to(of, conversation).await.unwrap();
        assert_eq!(deleted, model.deleted_up_to(of, conversation).unwrap_or(0), "what {user} has deleted");
        if model.list(user).keys().all(|line| line.conversation != *conversation) {
            assert!(store.conversation(user, conversation).await.unwrap().is_none(), "{user} has deleted it");
        }
    }
}

/// People who do something at random, and the model of it.
struct Crowd<'a> {
    world: &'a mut World,
    model: Model,
    people: Vec<Actor>,
    groups: [GroupId; 2],
    dice: fastrand::Rng,
    rings: usize,
}

impl Crowd<'_> {
    async fn gathers(&mut self) {
        for actor in self.people.clone() {
            self.world.does(&actor, Command::Register).await.succeeds();
        }
    }

    async fn acts(&mut self) {
        let actor = self.people[self.dice.usize(..USERS)].clone();
        let other = self.people[self.dice.usize(..USERS)].clone();
        let team = self.groups[self.dice.usize(..2)].clone();
        match self.dice.u8(..48) {
            0..14 => self.says(&actor, to(&other.user)).await,
            14..19 => self.says(&actor, to_group(&team)).await,
            19..25 => self.reads(&actor, to(&other.user)).await,
            25..28 => self.reads(&actor, to_group(&team)).await,
            28..30 => self.rings(&actor, &other).await,
            30 => self.takes_back(&actor, &other).await,
            31..35 => self.changes_group(&actor, &other, &team).await,
            // Retention first merges what SQLite has not merged yet.
            35..37 => while self.world.store().retain(everything_before(0)).await {},
            37 => self.forgets().await,
            38..41 => self.pins(&actor, to(&other.user)).await,
            41 => self.pins(&actor, to_group(&team)).await,
            42..44 => self.deletes(&actor, &other, to(&other.user)).await,
            44..46 => self.deletes(&actor, &other, to_group(&team)).await,
            _ => self.world.reopens().await,
        }
    }

    async fn says(&mut self, actor: &Actor, peer: Peer) {
        let options =
            MessageOptions { excluded_from_unread: self.dice.u8(..5) == 0, ..MessageOptions::default() };
        let said = (0..self.dice.usize(1..4))
            .map(|_| (actor, send(SendMessage { options: options.clone(), ..text(peer.clone(), "words") })))
            .collect();
        for outcome in self.world.together(said).await {
            self.model.takes(&outcome);
        }
    }

    async fn reads(&mut self, actor: &Actor, peer: Peer) {
        let conversation = ConversationId::with(&actor.user, &peer);
        let seq = self.dice.u64(..self.model.last_seq(&conversation) + 2);
        // Together with a message, so that one batch has both.
        let both = vec![(actor, send(text(peer.clone(), "I read"))), (actor, mark_read(peer, seq))];
        let [said, read] = <[Outcome; 2]>::try_from(self.world.together(both).await).unwrap();
        self.model.takes(&said);
        if read.0.reply().is_ok() {
            self.model.reads(&actor.user, &conversation, seq);
        }
    }

    async fn pins(&mut self, actor: &Actor, peer: Peer) {
        let (key, on) =
            ((actor.user.clone(), ConversationId::with(&actor.user, &peer)), self.dice.u8(..4) > 0);
        let pinned = self.world.does(actor, Command::PinConversation { peer, on }).await;
        if pinned.events().is_empty() {
            return;
        }
        if on {
            self.model.pinned.insert(key)
        } else {
            self.model.pinned.remove(&key)
        };
    }

    /// Between messages, so that one batch has them all; sometimes nothing is said.
    async fn deletes(&mut self, actor: &Actor, other: &Actor, peer: Peer) {
        let conversation = ConversationId::with(&actor.user, &peer);
        let there = match &peer {
            Peer::User(_) => to(&actor.user),
            Peer::Group(_) => peer.clone(),
        };
        let mut all = vec![(actor, Command::DeleteConversation(peer))];
        let (before, after) = (self.dice.bool(), self.dice.bool());
        if before {
            all.insert(0, (other, send(text(there.clone(), "before"))));
        }
        if after {
            all.push((other, send(text(there, "after"))));
        }
        for (place, outcome) in self.world.together(all).await.into_iter().enumerate() {
            self.model.takes(&outcome);
            if place == usize::from(before) && outcome.0.reply().is_ok() {
                self.model.deletes(&actor.user, &conversation);
            }
        }
    }

    async fn rings(&mut self, actor: &Actor, other: &Actor) {
        self.rings += 1;
        let id = format!("ring-{}", self.rings);
        for command in [(actor, invite(ring(&id, &other.user))), (other, accept(&id))] {
            let outcome = self.world.does(command.0, command.1).await;
            self.model.takes(&outcome);
        }
    }

    async fn takes_back(&mut self, actor: &Actor, other: &Actor) {
        let conversation = ConversationId::between(&actor.user, &other.user);
        let last = self.model.last_seq(&conversation);
        // It counts as unread as before.
        self.world.does(actor, revoke(to(&other.user), last)).await;
    }

    async fn changes_group(&mut self, actor: &Actor, other: &Actor, team: &GroupId) {
        let conversation = ConversationId::Group(team.clone());
        let seq = self.model.last_seq(&conversation);
        match self.dice.u8(..6) {
            0 | 1 => {
                let made = self.world.does(actor, create_group(team, &[&other.user])).await;
                if made.0.reply().is_ok() {
                    for user in [&actor.user, &other.user] {
                        self.model.read.insert((user.clone(), conversation.clone()), 0);
                    }
                }
            }
            2 | 3 => {
                let joined = self.world.does(actor, Command::JoinGroup(team.clone())).await;
                if !joined.events().is_empty() {
                    self.model.read.insert((actor.user.clone(), conversation), seq);
                }
            }
            4 => {
                let gone = self.world.does(actor, Command::QuitGroup(team.clone())).await;
                if !gone.events().is_empty() {
                    self.model.leaves(&actor.user, &conversation);
                }
            }
            _ => {
                let dismissed = self.world.does(actor, Command::DismissGroup(team.clone())).await;
                if dismissed.0.reply().is_ok() {
                    self.model.dismisses(&conversation);
                }
            }
        }
    }

    /// Retention drops what is older than some message.
    async fn forgets(&mut self) {
        let now = a_moment_passes(self.world).await;
        let times: Vec<u64> = self.model.said.values().flatten().map(|said| said.time).collect();
        let time = if self.dice.bool() { now } else { self.dice.choice(times).unwrap_or(now) };
        let cutoffs = RetentionCutoffs { invitations: 0, calls: 0, ..everything_before(time) };
        while self.world.store().retain(cutoffs).await {}
        self.model.forgets_before(time);
    }

    async fn agrees(&mut self) {
        let limit = self.dice.usize(1..5);
        let store = self.world.store();
        for actor in &self.people {
            agrees(store, &self.model, &actor.user, limit).await;
        }
    }
}

/// `WIGWAG_STORE_SEED`, to see a failure again; else a new one.
#[expect(clippy::disallowed_methods, reason = "this is how a person chooses a seed")]
fn seed() -> u64 {
    let given = std::env::var("WIGWAG_STORE_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = given.unwrap_or_else(|| fastrand::u64(..));
    println!("WIGWAG_STORE_SEED={seed}");
    seed
}

fn person(number: usize) -> Actor {
    on_phone(&user(&format!("user-{number}")))
}

fn crowd(world: &mut World, seed: u64) -> Crowd<'_> {
    let people = (0..USERS).map(person).collect();
    let groups = [group("one"), group("two")];
    let dice = fastrand::Rng::with_seed(seed);
    Crowd { world, model: Model::default(), people, groups, dice, rings: 0 }
}

async fn lives(world: &mut World, seed: u64) -> Model {
    let mut crowd = crowd(world, seed);
    crowd.gathers().await;
    for _ in 0..STEPS {
        crowd.acts().await;
        crowd.agrees().await;
    }
    crowd.model
}

pub(crate) fn is_sound(findings: &Findings) {
    assert!(findings.is_empty(), "{:?}", findings.kept);
}

async fn all_agree(world: &World, model: &Model) {
    for number in 0..USERS {
        agrees(world.store(), model, &person(number).user, 3).await;
    }
}

/// Besides, everything is moved to PostgreSQL in the end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_on_sqlite_are_what_counting_gives() {
    let (seed, from) = (seed(), Sqlite::new());
    let mut world = World::new(Box::new(from.clone())).await;
    let model = lives(&mut world, seed).await;
    world.closes().await;
    is_sound(&sqlite::check(&from.path()).unwrap());

    let server = Postgres::start(Durability::Fast);
    let to = Database::of(&server, "postgres", 1);
    move_all(&plan(&from, &to), |_| {}).await.unwrap();
    is_sound(&postgres::check(to.settings(), KEPT_FOR).await.unwrap());
    let world = World::new(Box::new(to)).await;
    all_agree(&world, &model).await;
    world.store().close().await;
}

/// Besides, one database loses all that the newest schema has, and is upgraded.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_on_postgres_are_what_counting_gives() {
    let seed = seed();
    let server = Postgres::start(Durability::Fast);
    let mut world = World::new(Box::new(Database::of(&server, "postgres", 1))).await;
    let mut model = lives(&mut world, seed).await;
    world.closes().await;
    let settings = Database::of(&server, "postgres", 1);
    is_sound(&postgres::check(settings.settings(), KEPT_FOR).await.unwrap());

    let before = "DROP FUNCTION lists_read, lists_said, lists_dropped, lists_summed CASCADE;
        ALTER TABLE readers DROP COLUMN newest, DROP COLUMN unread, DROP COLUMN deleted_seq, DROP COLUMN pinned;
        ALTER TABLE users DROP COLUMN unread;
        DROP INDEX disabled_users, departures_of_user; ALTER TABLE users DROP COLUMN disabled_since, DROP COLUMN deleted_at, DROP COLUMN quiet, DROP COLUMN rang, DROP COLUMN status;
        DROP FUNCTION members_counted CASCADE; ALTER TABLE groups DROP COLUMN member_count;
        DROP INDEX owners, open_of_inviter, open_of_invitee, open_of_group;
        CREATE INDEX open_invitations_of_inviter ON invitations (inviter) WHERE due_at IS NOT NULL;
        CREATE INDEX open_invitations_of_invitee ON invitations (invitee) WHERE due_at IS NOT NULL AND invitee IS NOT NULL;
        CREATE INDEX open_invitations_of_group ON invitations (group_id) WHERE due_at IS NOT NULL AND group_id IS NOT NULL;
        DROP TABLE api_keys, kept_replies, webhooks, push_tokens, rings, boards; DELETE FROM refinery_schema_history WHERE version >= 9";
    server.sql("postgres", before);
    model.loses_own_lists();
    world.reopens().await;
    is_sound(&postgres::check(settings.settings(), KEPT_FOR).await.unwrap());
    all_agree(&world, &model).await;
    world.store().close().await;
}

/// What is left on the disk of a server that is killed has all messages of the last moment in the journal and none of them in the
/// tables; an earlier version's has nothing of what the newest schema keeps.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_are_the_same_after_a_crash_and_after_an_upgrade() {
    let seed = seed();
    let (from, crashed) = (Sqlite::new(), Sqlite::new());
    let mut world = World::new(Box::new(from.clone())).await;
    let mut crowd = crowd(&mut world, seed);
    crowd.gathers().await;
    for _ in 0..STEPS {
        crowd.acts().await;
    }
    let [one, other] = [person(0), person(1)];
    for peer in [&one.user, &other.user] {
        let other = if *peer == one.user { &other } else { &one };
        crowd.says(other, to(peer)).await;
    }
    let mut model = crowd.model;
    for suffix in ["", "-wal"] {
        let file = |of: &Sqlite| format!("{}{suffix}", of.path().display());
        std::fs::copy(file(&from), file(&crashed)).unwrap();
    }
    world.closes().await;
    let mut world = World::new(Box::new(crashed.clone())).await;
    all_agree(&world, &model).await;
    world.closes().await;
    is_sound(&sqlite::check(&crashed.path()).unwrap());

    let before = "DROP INDEX lists; DROP INDEX groups_in_list; DROP INDEX pins; ALTER TABLE readers DROP COLUMN newest;
        ALTER TABLE readers DROP COLUMN unread; ALTER TABLE readers DROP COLUMN deleted_seq;
        ALTER TABLE readers DROP COLUMN pinned; ALTER TABLE users DROP COLUMN unread;
        DROP INDEX disabled_users; ALTER TABLE users DROP COLUMN disabled_since;
        DROP INDEX departures_of_user; ALTER TABLE users DROP COLUMN deleted_at;
        ALTER TABLE users DROP COLUMN quiet; ALTER TABLE users DROP COLUMN rang; DROP INDEX users_with_status; ALTER TABLE users DROP COLUMN status;
        DROP TRIGGER members_came; DROP TRIGGER members_gone; DROP INDEX members_by_name; DROP INDEX owners;
        ALTER TABLE members DROP COLUMN name; ALTER TABLE groups DROP COLUMN member_count;
        DELETE FROM marks WHERE name IN ('merges', 'listed_calls'); DROP TABLE kept_replies; DROP TABLE webhooks; DROP TABLE push_tokens; DROP TABLE rings; DROP TABLE boards;
        PRAGMA user_version = 5";
    rusqlite::Connection::open(crashed.path()).unwrap().execute_batch(before).unwrap();
    model.loses_own_lists();
    world.reopens().await;
    all_agree(&world, &model).await;
    world.closes().await;
    is_sound(&sqlite::check(&crashed.path()).unwrap());
}

/// Messages come and are merged while somebody reads their list over and over. What is unread only grows, to what was sent.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_is_read_while_rows_are_merged_is_whole() {
    const ROUNDS: u64 = 200;
    let (from, mut sessions) = (Sqlite::new(), 0);
    let Open { store, mut committed, .. } = from.clone().open(parts_with_batches_of(64)).await;
    let mut all_do = async |commands: Vec<(Actor, Command)>| {
        let mut left = commands.len();
        for (actor, command) in commands {
            sessions += 1;
            let heard_at = tokio::time::Instant::now();
            let asker = Asker { session: SessionId(sessions), connected_at: u64::MAX, heard_at };
            let request = Request::By(actor, command);
            store
                .submit(Submission {
                    request,
                    reply_to: ReplyTo::Session(asker),
                    once: None,
                    permission: Permission::NotNeeded,
                })
                .unwrap();
        }
        while left > 0 {
            left -= committed.recv().await.unwrap().len();
        }
    };
    let reader = person(0).user;
    let writes = (1..USERS).map(|number| (person(number), send(text(to(&reader), "hello"))));
    all_do((0..USERS).map(|number| (person(number), Command::Register)).collect()).await;
    all_do(writes.clone().collect()).await;

    let (stop, mut stopped) = tokio::sync::oneshot::channel();
    let (lists, user) = (Arc::clone(&store), reader.clone());
    let reading = tokio::spawn(async move {
        let mut unread = 0;
        while stopped.try_recv() == Err(TryRecvError::Empty) {
            let (rows, total) = pages(&*lists, &user, USERS).await;
            let of: BTreeSet<_> = rows.iter().map(|row| &row.conversation).collect();
            assert_eq!((rows.len(), of.len()), (USERS - 1, USERS - 1), "each conversation once");
            assert!((unread..=ROUNDS * (USERS as u64 - 1)).contains(&total), "{unread} before {total}");
            unread = total;
        }
    });
    for _ in 1..ROUNDS {
        all_do(writes.clone().collect()).await;
        while store.retain(everything_before(0)).await {}
    }
    stop.send(()).unwrap();
    reading.await.unwrap();
    assert_eq!(pages(&*store, &reader, USERS).await.1, ROUNDS * (USERS as u64 - 1));
    store.close().await;
}
