//! What is taken over, and under which ids.

use std::collections::BTreeSet;

use wigwag_testbed::{Durability, Postgres};

use super::*;

/// What a move does not fill, and why.
const NOT_FILLED: &[(&str, &[&str], &str)] = &[
    ("users", &["paced_until"], "a rate limit starts anew"),
    ("users", &["unread"], "the database's triggers count it"),
    ("readers", &["newest", "unread"], "the database's triggers count them"),
    ("groups", &["paced_until"], "a rate limit starts anew"),
    ("groups", &["member_count"], "the database's triggers count them"),
    ("nodes", &["node", "series", "app", "has_bus", "beat_at"], "nodes enter themselves"),
    ("leases", &["name", "node", "until"], "nodes take them"),
    (
        "seats",
        &["user_id", "device_id", "platform", "node", "session", "connected_at"],
        "sessions claim them",
    ),
    (
        "revocations",
        &["user_id", "before_ms", "revoked_at"],
        "they are in no database before: the command reads them from the data folder, after the move",
    ),
    (
        "api_keys",
        &["name", "scopes", "digest", "created_at"],
        "they are in no database before: the command reads them from the data folder, after the move",
    ),
    ("refinery_schema_history", &["version", "name", "applied_on", "checksum"], "the migrations' own"),
];

type Columns = BTreeSet<(String, String)>;

/// A table or column that somebody adds has to be filled, or listed above with a reason.
#[tokio::test]
async fn every_column_is_filled() {
    let server = tokio::task::spawn_blocking(|| Postgres::start(Durability::Fast)).await.unwrap();
    let settings = PostgresSettings { url: server.url("postgres"), tls_ca: None, connections: 2 };
    super::super::migrate(&settings).await.unwrap();
    let sql = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'";
    let answer = server.sql("postgres", sql);
    let all: Columns = answer.lines().map(|line| owned(line.split_once('|').unwrap())).collect();
    let filled = tables::ALL
        .iter()
        .flat_map(|table| table.columns.iter().map(|(column, _)| owned((table.name, column))));
    let not_filled =
        NOT_FILLED.iter().flat_map(|(table, columns, _)| columns.iter().map(|column| owned((table, column))));
    assert_eq!(all, filled.chain(not_filled).collect(), "the schema, and what a move fills or leaves");
}

fn owned((table, column): (&str, &str)) -> (String, String) {
    (table.to_owned(), column.to_owned())
}

#[test]
fn ids_stand_in_the_order_of_events() {
    let ids: Vec<Uuid> = [(5, 1), (5, 2), (5, 1 << 20), (5, 1 << 40), (6, 3), (1_700_000_000_000, 4)]
        .map(|(time, number)| event_id(EventNumber { time, number }))
        .into();
    assert!(ids.is_sorted_by(|one, next| one < next), "{ids:?}");
}
