//! Each engine is started, used, killed and started again.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use wigwag_testbed::{Durability, Nats, Postgres};

#[test]
fn postgres_keeps_what_was_committed_over_a_crash_and_a_stop() {
    let mut server = Postgres::start(Durability::Real);
    server.create_database("shop");
    server.sql("shop", "CREATE TABLE things (name text)");
    server.sql("shop", "INSERT INTO things VALUES ('kettle')");
    let url = server.url("shop");

    server.kill();
    server.start_again();
    assert_eq!(server.url("shop"), url, "the port stays");
    assert_eq!(server.sql("shop", "SELECT name FROM things"), "kettle");
    assert!(server.log().contains("was not properly shut down"), "{}", server.log());

    server.stop();
    server.start_again();
    assert_eq!(server.sql("shop", "SELECT name FROM things"), "kettle");
}

#[test]
fn a_fast_postgres_forces_nothing_to_the_disk_and_sorts_like_a_dictionary() {
    let server = Postgres::start(Durability::Fast);
    assert_eq!(server.sql("postgres", "SHOW fsync"), "off");
    assert_eq!(server.sql("postgres", "SELECT 'a' < 'B', 'a' < 'B' COLLATE \"C\""), "t|f");
}

#[test]
fn two_postgres_servers_do_not_meet() {
    let (one, other) = (Postgres::start(Durability::Fast), Postgres::start(Durability::Fast));
    one.create_database("mine");
    assert_eq!(one.sql("postgres", COUNT), "1");
    assert_eq!(other.sql("postgres", COUNT), "0");
}

const COUNT: &str = "SELECT count(*) FROM pg_database WHERE datname = 'mine'";

#[test]
fn a_paused_postgres_goes_on_where_it_was() {
    let server = Postgres::start(Durability::Fast);
    server.pause();
    let address = server.url("").split_once('@').unwrap().1.trim_end_matches('/').to_owned();
    let mut connection = TcpStream::connect(address).unwrap();
    // An SSLRequest, which a running server answers at once.
    connection.write_all(&[0, 0, 0, 8, 4, 210, 22, 47]).unwrap();
    connection.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    let mut answer = [0; 1];
    assert!(connection.read_exact(&mut answer).is_err(), "a paused server answers nothing");
    server.resume();
    connection.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    connection.read_exact(&mut answer).unwrap();
    assert_eq!(answer, *b"N", "no TLS here");
}

#[test]
fn nats_carries_a_message_and_comes_back_on_its_port() {
    let mut server = Nats::start();
    assert_eq!(said_to_itself(&server.url(), "one"), "one");
    server.kill();
    assert!(TcpStream::connect(address(&server.url())).is_err(), "a killed server listens no more");
    server.start_again();
    assert_eq!(said_to_itself(&server.url(), "two"), "two");
    server.stop();
    server.start_again();
    assert_eq!(said_to_itself(&server.url(), "three"), "three");
}

fn address(url: &str) -> &str {
    url.strip_prefix("nats://").unwrap()
}

/// Subscribes and publishes on one connection; what comes back.
fn said_to_itself(url: &str, word: &str) -> String {
    let mut connection = TcpStream::connect(address(url)).unwrap();
    connection.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let asked =
        format!("CONNECT {{\"verbose\":false}}\r\nSUB talk 1\r\nPUB talk {}\r\n{word}\r\n", word.len());
    connection.write_all(asked.as_bytes()).unwrap();
    let mut lines = BufReader::new(connection).lines().map(Result::unwrap);
    lines.find(|line| line.starts_with("MSG talk 1")).unwrap();
    lines.next().unwrap()
}
