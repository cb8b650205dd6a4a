//! Nodes take their time from the database: also when it is slow to say it, they agree.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;
use wigwag_testbed::{Durability, Postgres};

use crate::doubt::port_of;
use crate::postgres::Database;
use crate::world::World;

/// How long one answer takes.
const SLOW: Duration = Duration::from_millis(800);
/// What clocks of nodes may differ, ms: far less than that, and more than two processes on a busy machine.
const APART: u64 = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_whose_first_look_at_the_clock_takes_long_has_the_time_of_the_others() {
    let server = Postgres::start(Durability::Fast);
    server.create_database("clock");
    let url = server.url("clock");
    let port = port_of(&url);
    let slow = url.replace(&port.to_string(), &slow_at_first(port).await.to_string());
    let mut one = World::new(Box::new(Database::at(url))).await;
    let mut other = World::new(Box::new(Database::at(slow))).await;
    let (before, time, after) = (one.now(), other.now(), one.now());
    assert!((before.saturating_sub(APART)..=after + APART).contains(&time), "{before} {time} {after}");
    one.closes().await;
    other.closes().await;
}

/// A way to a server on this port on which the first answer that has to do with a clock takes long.
async fn slow_at_first(port: u16) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let way = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            tokio::spawn(carry(client, server));
        }
    });
    way
}

async fn carry(mut client: TcpStream, mut server: TcpStream) {
    let (mut asks, mut said) = (vec![0; 65_536], vec![0; 65_536]);
    let mut to_be_slow = false;
    loop {
        tokio::select! {
            asked = client.read(&mut asks) => {
                let asked = &asks[..asked.unwrap_or(0)];
                to_be_slow |= asked.windows(5).any(|window| window == b"clock");
                if asked.is_empty() || server.write_all(asked).await.is_err() {
                    return;
                }
            }
            answered = server.read(&mut said) => {
                let answer = &said[..answered.unwrap_or(0)];
                // Rows that are described in 'T' and follow in 'D': not yet what the preparation of a statement says.
                if to_be_slow && answer.windows(2).any(|window| window == b"D\0") {
                    sleep(SLOW).await;
                    to_be_slow = false;
                }
                if answer.is_empty() || client.write_all(answer).await.is_err() {
                    return;
                }
            }
        }
    }
}
