//! The writer's connection: prepared statements, several under way at once, and the meaning of an error for the batch.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, Row};

use super::address::{DatabaseAddress, said};
use super::statements::Statement;

/// A parameter of a statement.
pub(crate) type Param<'a> = &'a (dyn ToSql + Sync);

/// Settings of the writer's database session. Its statements are look-ups by key; a plan made while the tables were empty
/// must not scan them later. A lock that is not granted in time, or a transaction whose node is suspended (SIGSTOP, a
/// machine that sleeps), must not hold up other nodes for longer than a client waits.
const SESSION: &str =
    "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_hashjoin = off;
    SET enable_mergejoin = off; SET jit = off; SET lock_timeout = '2s'; SET statement_timeout = '3s';
    SET idle_in_transaction_session_timeout = '2s'";

/// The consequence of a failed statement for its batch.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// Another transaction was faster, or holds the locks: repeat the batch.
    Again(&'static str),
    /// The connection or the database is gone: repeat the batch on a new connection.
    Broken(String),
    /// The database has no room.
    Full,
    /// A command of the batch cannot be written.
    Poisoned(String),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        let Some(said) = error.as_db_error() else { return Self::Broken(error.to_string()) };
        let words = || format!("{} ({})", said.message(), said.code().code());
        match said.code() {
            &SqlState::T_R_DEADLOCK_DETECTED => Self::Again("deadlock"),
            &SqlState::T_R_SERIALIZATION_FAILURE => Self::Again("serialization"),
            &SqlState::LOCK_NOT_AVAILABLE => Self::Again("locked"),
            &SqlState::UNIQUE_VIOLATION => Self::Again("unique"),
            &SqlState::QUERY_CANCELED => Self::Again("slow"),
            &SqlState::DISK_FULL => Self::Full,
            code if is_of_connection(code) => Self::Broken(words()),
            _ => Self::Poisoned(words()),
        }
    }
}

/// Classes 08 (connection), 53 (resources), 57 (operator), 58 (system), and a database that has become read-only because
/// another has taken over.
fn is_of_connection(code: &SqlState) -> bool {
    let class = code.code().get(..2).unwrap_or_default();
    matches!(class, "08" | "53" | "57" | "58")
        || *code == SqlState::READ_ONLY_SQL_TRANSACTION
        || *code == SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT
}

/// A connection with every statement prepared. It does not belong to the pool: a connection that broke or was abandoned in
/// the middle of a transaction must not be used again.
pub(crate) struct WriterConnection {
    client: Client,
    prepared: Vec<tokio_postgres::Statement>,
}

impl WriterConnection {
    /// Connects and prepares all statements.
    pub(crate) async fn open(address: Arc<DatabaseAddress>, patience: Duration) -> Result<Self, String> {
        let opening = async {
            let client = address.connect().await.map_err(|error| said(&error))?;
            client.batch_execute(SESSION).await.map_err(|error| said(&error))?;
            let mut prepared = Vec::with_capacity(Statement::ALL.len());
            for statement in Statement::ALL {
                let ready = client.prepare(statement.sql()).await;
                prepared.push(ready.map_err(|error| said(&error))?);
            }
            Ok(Self { client, prepared })
        };
        tokio::time::timeout(patience, opening).await.unwrap_or_else(|_| Err("it does not answer".to_owned()))
    }

    /// Sends a statement at the first poll, so that several futures polled together are one round trip.
    pub(crate) async fn rows(&self, statement: Statement, params: &[Param<'_>]) -> Result<Vec<Row>, Trouble> {
        Ok(self.client.query(self.prepared(statement), params).await?)
    }

    /// As [`Self::rows`], for a statement without rows.
    pub(crate) async fn run(&self, statement: Statement, params: &[Param<'_>]) -> Result<(), Trouble> {
        self.client.execute(self.prepared(statement), params).await?;
        Ok(())
    }

    pub(crate) async fn begin(&self) -> Result<(), Trouble> {
        Ok(self.client.batch_execute("BEGIN").await?)
    }

    pub(crate) async fn commit(&self) -> Result<(), Trouble> {
        Ok(self.client.batch_execute("COMMIT").await?)
    }

    pub(crate) async fn roll_back(&self) -> Result<(), Trouble> {
        Ok(self.client.batch_execute("ROLLBACK").await?)
    }

    fn prepared(&self, statement: Statement) -> &tokio_postgres::Statement {
        &self.prepared[statement as usize]
    }
}

/// A statement under way.
pub(crate) type Sending<'a, T> = Pin<Box<dyn Future<Output = Result<T, Trouble>> + Send + 'a>>;

/// Polls all of them, from the first to the last, until each is done. Each sends its statement at its first poll, so they are
/// sent in this order and in one round trip. Returns the first failure: those after it only follow from it.
pub(crate) async fn in_order<T: Send>(mut sendings: Vec<Sending<'_, T>>) -> Result<Vec<T>, Trouble> {
    let mut outcomes: Vec<Option<Result<T, Trouble>>> = sendings.iter().map(|_| None).collect();
    poll_fn(|context| {
        let mut all = Poll::Ready(());
        for (sending, outcome) in sendings.iter_mut().zip(&mut outcomes) {
            if outcome.is_none() {
                match sending.as_mut().poll(context) {
                    Poll::Ready(result) => *outcome = Some(result),
                    Poll::Pending => all = Poll::Pending,
                }
            }
        }
        all
    })
    .await;
    outcomes.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_found_by_their_number() {
        for (index, statement) in Statement::ALL.iter().enumerate() {
            assert_eq!(*statement as usize, index);
        }
    }

    #[test]
    fn an_engine_that_goes_is_no_fault_of_the_command() {
        for code in [SqlState::ADMIN_SHUTDOWN, SqlState::CRASH_SHUTDOWN, SqlState::TOO_MANY_CONNECTIONS] {
            assert!(is_of_connection(&code), "{code:?}");
        }
        assert!(!is_of_connection(&SqlState::UNDEFINED_TABLE));
    }
}
