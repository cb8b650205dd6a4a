//! A connection that breaks in the middle of a commit: whether it happened or not, the command is carried out once, and who
//! gave it is told so.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use wigwag_protocol::Reason;
use wigwag_testbed::{Durability, Postgres};

use crate::postgres::Database;
use crate::words::{send, text, to};
use crate::world::World;

/// What becomes of the next commit on its way.
#[derive(Clone, Copy, PartialEq)]
enum Next {
    Passes,
    /// It never arrives.
    IsLost,
    /// It arrives, and its answer does not.
    IsUnanswered,
    /// The same, and until it is made to pass nothing else is answered either.
    Stalls,
}

/// Between the store and PostgreSQL.
struct Wire {
    port: u16,
    next: Arc<watch::Sender<Next>>,
}

impl Wire {
    async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let next = Arc::new(watch::Sender::new(Next::Passes));
        let wire = Self { port: listener.local_addr().unwrap().port(), next: Arc::clone(&next) };
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                no_longer_stalls(&next).await;
                let server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                tokio::spawn(carry(client, server, Arc::clone(&next)));
            }
        });
        wire
    }

    fn next_commit(&self, next: Next) {
        self.next.send_replace(next);
    }

    fn has_broken(&self) -> bool {
        *self.next.borrow() == Next::Passes
    }
}

async fn no_longer_stalls(next: &watch::Sender<Next>) {
    next.subscribe().wait_for(|next| *next != Next::Stalls).await.unwrap();
}

/// Both ways until one side ends, or the wire breaks at a commit. Both connections end then.
async fn carry(client: TcpStream, server: TcpStream, next: Arc<watch::Sender<Next>>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let breaks = tokio::select! {
        breaks = requests(&mut from_client, &mut to_server, &next) => breaks,
        _ = tokio::io::copy(&mut from_server, &mut to_client) => None,
    };
    let Some(breaks) = breaks else { return };
    if breaks != Next::IsLost {
        // The server answers once it has committed.
        from_server.readable().await.unwrap();
    }
    no_longer_stalls(&next).await;
    next.send_replace(Next::Passes);
}

/// How it ends at a commit that is not to pass.
async fn requests(
    from: &mut OwnedReadHalf,
    to: &mut OwnedWriteHalf,
    next: &watch::Sender<Next>,
) -> Option<Next> {
    let mut buffer = vec![0; 65_536];
    while let Ok(length) = from.read(&mut buffer).await
        && length > 0
    {
        let bytes = &buffer[..length];
        let commits = bytes.windows(7).any(|window| window == b"COMMIT\0");
        let next = *next.borrow();
        if commits && next == Next::IsLost {
            return Some(next);
        }
        to.write_all(bytes).await.unwrap();
        if commits && next != Next::Passes {
            return Some(next);
        }
    }
    None
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_answer_is_lost_has_happened_once() {
    is_carried_out_once(Next::IsUnanswered).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_is_lost_is_made_good() {
    is_carried_out_once(Next::IsLost).await;
}

async fn is_carried_out_once(breaks: Next) {
    let (_server, wire, mut world) = behind_a_wire().await;
    let (alice, bob) = (world.joins("alice").await, world.joins("bob").await);
    for number in 1..=5 {
        wire.next_commit(breaks);
        let outcome = world.does(&alice, send(text(to(&bob.user), "hello"))).await;
        assert_eq!(outcome.sent().seq, Some(number), "carried out once each");
        assert!(wire.has_broken(), "the connection did not break");
    }
    world.recalls_what_it_told().await;
    world.closes().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_for_a_commit_in_doubt_is_answered_in_time_and_its_events_are_told_later() {
    let (_server, wire, mut world) = behind_a_wire().await;
    let (alice, bob) = (world.joins("alice").await, world.joins("bob").await);
    wire.next_commit(Next::Stalls);
    let asked = Instant::now();
    let refused = world.does(&alice, send(text(to(&bob.user), "hello"))).await;
    assert_eq!(refused.reason(), Reason::StoreUnavailable);
    assert!(asked.elapsed() < Duration::from_secs(5), "after {:?}", asked.elapsed());
    wire.next_commit(Next::Passes);
    let told = world.hears(1).await.remove(0);
    assert!(
        told.0.origin().is_none() && told.events().len() == 1,
        "told late, to nobody's session: {told:?}"
    );
    let outcome = world.does(&alice, send(text(to(&bob.user), "hello again"))).await;
    assert_eq!(outcome.sent().seq, Some(2));
    world.recalls_what_it_told().await;
    world.closes().await;
}

/// A store whose database is at the other end of a wire.
async fn behind_a_wire() -> (Postgres, Wire, World) {
    let server = Postgres::start(Durability::Fast);
    server.create_database("doubt");
    let url = server.url("doubt");
    let port = port_of(&url);
    let wire = Wire::to(port).await;
    let through = url.replace(&port.to_string(), &wire.port.to_string());
    let world = World::new(Box::new(Database::at(through))).await;
    (server, wire, world)
}

/// Of `postgres://user@host:port/database`.
pub(crate) fn port_of(url: &str) -> u16 {
    url.rsplit_once(':').unwrap().1.split('/').next().unwrap().parse().unwrap()
}
