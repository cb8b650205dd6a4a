//! A second list for stores that several nodes use at once: what [`SharedStore`] promises, and what the common promises
//! mean when two nodes write. Each case has a database of its own and two nodes on it.

mod calls;
mod nodes;
mod seats;
mod writing;

use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::task::LocalSet;
use uuid::Uuid;
use wigwag_engine::Actor;
use wigwag_server::store::shared::{NodeId, SharedStore};

use crate::world::{Backend, Open, Parts, World};
use crate::{LONGEST_CASE, report};

/// A database that nodes can be opened on.
#[async_trait]
pub(crate) trait Ground: Send + Sync {
    /// Opens the store as this node.
    async fn node(&self, node: NodeId, parts: Parts) -> (Arc<dyn SharedStore>, Open);
}

/// A promise and the story that shows it.
struct Case {
    name: &'static str,
    story: for<'a> fn(&'a mut Node, &'a mut Node) -> Story<'a>,
}

type Story<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

macro_rules! cases {
    ($($topic:ident: $($story:ident),+;)+) => {
        &[$($(Case {
            name: concat!("shared::", stringify!($topic), "::", stringify!($story)),
            story: |one, other| Box::pin($topic::$story(one, other)),
        }),+),+]
    };
}

/// Every case. A shared store passes all of them.
const CASES: &[Case] = cases! {
    nodes:
        living_nodes_know_each_other,
        strangers_may_not_enter,
        the_silent_are_taken_out_with_their_sessions,
        who_leaves_gives_everything_back,
        one_holds_a_lease_until_its_term_is_over,
        what_is_overdue_is_found_whoever_made_it;
    seats:
        the_newest_connection_has_the_seat,
        a_platform_has_so_many_seats,
        a_user_has_so_many_seats,
        what_another_has_is_not_given_back,
        a_check_up_tells_heads_and_displaced_sessions,
        a_check_up_gives_lost_seats_back,
        of_two_check_ups_at_once_the_newer_connection_keeps_its_seat,
        an_older_connection_never_ends_a_newer_one,
        devices_that_come_together_leave_as_many_as_allowed,
        a_first_try_that_its_repeat_has_overtaken_is_not_carried_out,
        an_older_seat_or_a_lost_one_keeps_nobody_from_asking;
    writing:
        of_two_accepts_on_two_nodes_one_wins,
        two_busy_nodes_leave_no_gap,
        names_are_given_once,
        the_limit_of_open_invitations_is_one_for_all_nodes,
        the_limit_of_a_users_groups_is_one_for_all_nodes,
        the_limit_of_pending_invitations_is_one_for_all_nodes,
        invitations_without_deadline_make_room_on_every_node,
        what_one_node_has_written_the_other_decides_on,
        whom_a_user_knows_is_known_to_every_node,
        a_dismissed_group_leaves_nothing_open,
        who_is_online_elsewhere_is_told;
    calls:
        two_who_call_each_other_at_two_nodes_meet,
        of_two_who_open_a_room_one_has_it,
        who_answers_one_is_busy_or_is_rung_by_the_other,
        steps_of_one_call_at_two_nodes_come_one_after_the_other;
};

/// A node: its store, and the people who use it there.
pub(crate) struct Node {
    pub(crate) id: NodeId,
    pub(crate) world: World,
    shared: Slot,
}

type Slot = Arc<Mutex<Option<Arc<dyn SharedStore>>>>;

impl Node {
    async fn opens(ground: Arc<dyn Ground>, number: u128) -> Self {
        let id = NodeId(Uuid::from_u128(number));
        let shared = Slot::default();
        let world = World::new(Box::new(Member { ground, id, shared: Arc::clone(&shared) })).await;
        Self { id, world, shared }
    }

    pub(crate) fn store(&self) -> Arc<dyn SharedStore> {
        self.shared.lock().clone().unwrap()
    }
}

/// How a node's world opens its store.
struct Member {
    ground: Arc<dyn Ground>,
    id: NodeId,
    shared: Slot,
}

#[async_trait]
impl Backend for Member {
    async fn open(&mut self, parts: Parts) -> Open {
        let (store, open) = self.ground.node(self.id, parts).await;
        *self.shared.lock() = Some(store);
        open
    }
}

/// Registers users at one node; all nodes know them.
pub(crate) async fn join<const COUNT: usize>(node: &mut Node, names: [&str; COUNT]) -> [Actor; COUNT] {
    let mut people = Vec::new();
    for name in names {
        people.push(node.world.joins(name).await);
    }
    people.try_into().unwrap()
}

/// Runs every case, each on a database that `fresh` makes for the case of that number.
pub(crate) async fn all_cases(fresh: impl Fn(usize) -> Arc<dyn Ground>) {
    let mut failed = Vec::new();
    for (number, case) in CASES.iter().enumerate() {
        let story = tokio::time::timeout(LONGEST_CASE, whole_case(fresh(number), case));
        // A task of its own, so that its panic is the case's and not the run's.
        let told = LocalSet::new().run_until(async { tokio::task::spawn_local(story).await }).await;
        failed.extend(report(case.name, &told));
    }
    assert!(failed.is_empty(), "{} of {} cases failed: {}", failed.len(), CASES.len(), failed.join(", "));
}

/// The story; then everything either node told must be readable at both.
async fn whole_case(ground: Arc<dyn Ground>, case: &Case) {
    let mut one = Node::opens(Arc::clone(&ground), 1).await;
    let mut other = Node::opens(ground, 2).await;
    (case.story)(&mut one, &mut other).await;
    one.world.told.joins(std::mem::take(&mut other.world.told));
    one.world.recalls_what_it_told().await;
    std::mem::swap(&mut one.world.told, &mut other.world.told);
    other.world.recalls_what_it_told().await;
    for mut node in [one, other] {
        node.world.closes().await;
    }
}
