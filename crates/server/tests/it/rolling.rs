//! A rolling restart: the nodes are stopped and started one after the other while people with the SDK call each other
//! through a load balancer. A rolling upgrade is the same, and starts from the program of another version.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::task::{JoinHandle, block_in_place};
use wigwag_client::{Client, ClientEvent, ConnectionState, Error, Events, requests};
use wigwag_protocol::params::Invite;
use wigwag_protocol::result::Acted;
use wigwag_protocol::{DeviceId, Event, InviteId, Platform, Reason, UserId};

use crate::world::{Balancer, Cluster, NO_RATE, PATIENCE, command, user_sig};

/// With the balancer's turns, every node has callers and answerers.
const PAIRS: usize = 3;
/// Calls of each pair before and after each stop and start.
const CALLS: u64 = 10;
/// The data of a caller's last call.
const LAST: &str = "last";
/// People do not wait for their commands. An earlier program refuses settings that it does not know, so these are the oldest ones.
const NO_RATE_BEFORE: &str = "[limits]\ncommands_per_second = 1000\ncommand_burst = 1000\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_rolling_restart_loses_nothing() {
    rolls(block_in_place(|| Cluster::of(3, NO_RATE))).await;
}

/// `make upgrade OLD=…` builds the other version.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs WIGWAG_OLD_BIN, the program of another version"]
#[expect(clippy::disallowed_methods, reason = "this is how a person names the program")]
async fn a_rolling_upgrade_loses_nothing() {
    let program = std::env::var("WIGWAG_OLD_BIN").unwrap();
    rolls(block_in_place(|| Cluster::of_program(3, &program, NO_RATE_BEFORE))).await;
}

/// Every node is stopped, and started with today's program.
async fn rolls(mut cluster: Cluster) {
    let balancer = Balancer::before(&cluster.nodes).await;
    let mut pairs = Vec::new();
    for number in 0..PAIRS {
        pairs.push(Pair::start(&balancer, number).await);
    }
    for node in 0..cluster.nodes.len() {
        go_on(&pairs).await;
        assert!(block_in_place(|| cluster.nodes[node].terminate()).succeeded);
        go_on(&pairs).await;
        block_in_place(|| cluster.nodes[node].resume());
        balancer.learns(node, cluster.nodes[node].address());
    }
    go_on(&pairs).await;
    for pair in pairs {
        pair.ends().await;
    }
    let node = &cluster.nodes[0];
    let checked = block_in_place(|| command(&node.config_file(), &node.data(), &["check"]));
    assert_eq!(checked.code, Some(0), "{checked:?}");
    for node in &cluster.nodes {
        assert!(!node.log().contains("panicked") && !node.log().contains("did not end"), "{}", node.log());
    }
}

/// Every pair makes some calls.
async fn go_on(pairs: &[Pair]) {
    for pair in pairs {
        let (start, before) = (Instant::now(), pair.calls.load(Ordering::Relaxed));
        while pair.calls.load(Ordering::Relaxed) < before + CALLS {
            assert!(start.elapsed() < PATIENCE, "the calls do not go on");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// One who calls, and one who accepts every call.
struct Pair {
    calls: Arc<AtomicU64>,
    enough: Arc<AtomicBool>,
    caller: JoinHandle<Phone>,
    answerer: JoinHandle<Phone>,
}

impl Pair {
    async fn start(balancer: &Balancer, number: usize) -> Self {
        let answerer = Phone::new(balancer, &format!("answerer-{number}")).await;
        let caller = Phone::new(balancer, &format!("caller-{number}")).await;
        let (calls, enough) = (Arc::<AtomicU64>::default(), Arc::<AtomicBool>::default());
        let other = UserId::parse(&format!("answerer-{number}")).unwrap();
        let caller = tokio::spawn(caller.calls(other, Arc::clone(&calls), Arc::clone(&enough)));
        Self { calls, enough, caller, answerer: tokio::spawn(answerer.accepts()) }
    }

    /// Makes a last call, and looks what both have seen.
    async fn ends(self) {
        self.enough.store(true, Ordering::Relaxed);
        let (caller, answerer) = (self.caller.await.unwrap(), self.answerer.await.unwrap());
        let calls = self.calls.load(Ordering::Relaxed);
        // Each call is two places in both streams: the invitation, and that it was accepted.
        caller.has_seen(2 * calls);
        answerer.has_seen(2 * calls);
    }
}

/// A device with the SDK, and what it has seen of its stream.
struct Phone {
    client: Client,
    events: Events,
    told: Vec<u64>,
    replied: Vec<u64>,
    sessions: u32,
}

impl Phone {
    async fn new(balancer: &Balancer, user: &str) -> Self {
        let building = Client::builder(format!("ws://{}", balancer.address), user_sig(user))
            .device(DeviceId::parse("phone").unwrap(), Platform::LINUX);
        let (client, events) = building.connect().await.unwrap();
        Self { client, events, told: Vec::new(), replied: Vec::new(), sessions: 0 }
    }

    async fn calls(mut self, other: UserId, calls: Arc<AtomicU64>, enough: Arc<AtomicBool>) -> Self {
        let mut is_last = false;
        while !is_last {
            is_last = enough.load(Ordering::Relaxed);
            let data = if is_last { LAST } else { "" }.to_owned();
            let invited = self.invites(Invite { data, ..requests::invite(other.clone()) }).await;
            self.replied.extend(invited.cursor);
            self.hears_that_it_was_accepted(&invited.invite_id).await;
            calls.fetch_add(1, Ordering::Relaxed);
        }
        self
    }

    /// The earlier program knows no setting for the pace of calls, so where it is fast the caller waits as they are told.
    async fn invites(&self, invite: Invite) -> Acted {
        loop {
            match self.client.invite(invite.clone()).await {
                Err(Error::Refused(refusal)) if refusal.data.reason == Reason::RateLimited => {
                    let wait = refusal.data.retry_after_ms.unwrap();
                    tokio::time::sleep(Duration::from_millis(wait)).await;
                }
                invited => return invited.unwrap(),
            }
        }
    }

    async fn hears_that_it_was_accepted(&mut self, invite_id: &InviteId) {
        loop {
            if let Event::InvitationAccepted(accepted) = self.hears().await
                && accepted.invite_id == *invite_id
            {
                return;
            }
        }
    }

    async fn accepts(mut self) -> Self {
        loop {
            if let Event::InvitationReceived(received) = self.hears().await {
                let accepted = self.client.accept(&requests::answer(received.invite_id)).await.unwrap();
                self.replied.extend(accepted.cursor);
                if received.data == LAST {
                    return self;
                }
            }
        }
    }

    /// The next event of the stream.
    async fn hears(&mut self) -> Event {
        loop {
            match self.events.next().await.expect("the client goes on") {
                ClientEvent::Happened(happened) => {
                    self.told.push(happened.cursor);
                    return happened.event;
                }
                ClientEvent::State(ConnectionState::Connected { .. }) => self.sessions += 1,
                ClientEvent::State(_) | ClientEvent::Status(_) | ClientEvent::RingOver { .. } => {}
                // Only the first session starts anew.
                ClientEvent::Resynced { .. } => assert!(self.sessions <= 1 && self.told.is_empty()),
                other @ (ClientEvent::Unknown { .. } | ClientEvent::CursorNotStored(_)) => {
                    panic!("{other:?}")
                }
            }
        }
    }

    /// Every place of the stream once, and none told twice. What one did oneself is in the reply; when the reply was lost
    /// it may be in both.
    fn has_seen(&self, places: u64) {
        assert!(self.told.is_sorted_by(|one, next| one < next), "{:?}", self.told);
        let all: BTreeSet<u64> = self.told.iter().chain(&self.replied).copied().collect();
        assert_eq!(all, (1..=places).collect());
        assert!(self.sessions >= 2, "the device was never moved");
    }
}
