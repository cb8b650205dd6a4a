//! A connection that breaks in the middle of a commit: whether it happened or not, the command is carried out once, and who
//! gave it is told so.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use wigwag_testbed::{Durability, Postgres};

use crate::postgres::Database;
use crate::words::{send, text, to};
use crate::world::World;

/// What becomes of the next commit on its way.
#[derive(Clone, Copy, PartialEq)]
#[repr(u8)]
enum Next {
    Passes,
    /// It never arrives.
    IsLost,
    /// It arrives, and its answer does not.
    IsUnanswered,
}

/// Between the store and PostgreSQL.
struct Wire {
    port: u16,
    next: Arc<AtomicU8>,
}

impl Wire {
    async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let wire = Self {
            port: listener.local_addr().unwrap().port(),
            next: Arc::new(AtomicU8::new(Next::Passes as u8)),
        };
        let next = Arc::clone(&wire.next);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                tokio::spawn(carry(client, server, Arc::clone(&next)));
            }
        });
        wire
    }

    fn next_commit(&self, next: Next) {
        self.next.store(next as u8, Ordering::SeqCst);
    }

    fn has_broken(&self) -> bool {
        self.next.load(Ordering::SeqCst) == Next::Passes as u8
    }
}

/// Both ways until one side ends, or the wire breaks at a commit. Both connections end then.
async fn carry(client: TcpStream, server: TcpStream, next: Arc<AtomicU8>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let breaks = tokio::select! {
        breaks = requests(&mut from_client, &mut to_server, &next) => breaks,
        _ = tokio::io::copy(&mut from_server, &mut to_client) => false,
    };
    if breaks {
        if next.load(Ordering::SeqCst) == Next::IsUnanswered as u8 {
            // The server answers once it has committed.
            from_server.readable().await.unwrap();
        }
        next.store(Next::Passes as u8, Ordering::SeqCst);
    }
}

/// Whether it ends at a commit that is not to pass.
async fn requests(from: &mut OwnedReadHalf, to: &mut OwnedWriteHalf, next: &AtomicU8) -> bool {
    let mut buffer = vec![0; 65_536];
    while let Ok(length) = from.read(&mut buffer).await
        && length > 0
    {
        let bytes = &buffer[..length];
        let commits = bytes.windows(7).any(|window| window == b"COMMIT\0");
        let next = next.load(Ordering::SeqCst);
        if commits && next == Next::IsLost as u8 {
            return true;
        }
        to.write_all(bytes).await.unwrap();
        if commits && next == Next::IsUnanswered as u8 {
            return true;
        }
    }
    false
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
    let server = Postgres::start(Durability::Fast);
    server.create_database("doubt");
    let url = server.url("doubt");
    let port: u16 = url.rsplit_once(':').unwrap().1.split('/').next().unwrap().parse().unwrap();
    let wire = Wire::to(port).await;
    let through = url.replace(&port.to_string(), &wire.port.to_string());
    let mut world = World::new(Box::new(Database::at(through))).await;
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
