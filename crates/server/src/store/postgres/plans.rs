//! What tests ask of the plans by which PostgreSQL reads.

use wigwag_testbed::{Durability, Postgres};

use super::opening::PostgresSettings;

/// A server of its own with an empty database of the newest schema.
pub(super) async fn migrated() -> Postgres {
    let server = tokio::task::spawn_blocking(|| Postgres::start(Durability::Fast)).await.unwrap();
    let settings = PostgresSettings { url: server.url("postgres"), tls_ca: None, connections: 2 };
    super::migrate(&settings).await.unwrap();
    server
}

/// How PostgreSQL carries a query out, with the rows that each step has given. `types` and `values` are those of its parameters.
pub(super) fn plan(server: &Postgres, query: &str, types: &str, values: &str) -> String {
    let explain = format!(
        "PREPARE asked ({types}) AS {query};
         EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) EXECUTE asked ({values})"
    );
    server.sql("postgres", &explain)
}

/// The most rows that one of these lines of a plan speaks of, each time that it was carried out.
pub(super) fn most_rows<'a>(lines: impl IntoIterator<Item = &'a str>) -> u64 {
    let rows = lines.into_iter().flat_map(|line| line.split("actual rows=").skip(1)).map(|rest| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<u64>().unwrap()
    });
    rows.max().unwrap()
}
