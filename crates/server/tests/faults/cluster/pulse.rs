//! How the machine fares: a bystander commits nothing much, again and again. While that takes long, the machine has other
//! things to do, and nobody can be in time.

use std::sync::{Arc, Mutex, Weak};
use std::thread;
use std::time::Duration;

use tokio::time::sleep;
use tokio_postgres::{Client, Error, NoTls};

use super::timeline::{Stall, Timeline};
use crate::load::journal::now_ms;

/// Between two commits.
const PAUSE: Duration = Duration::from_millis(20);
/// Pause and commit are usually over by then, ms.
const USUAL: u64 = 50;
/// A commit without a row: a message in the log that nobody reads.
const NOTHING_MUCH: &str = "SELECT pg_logical_emit_message(true, 'pulse', '')";

/// Notes stalls until the timeline is dropped, in a thread that has nothing else to do.
pub(super) fn feel(url: String, timeline: &Arc<Mutex<Timeline>>) {
    let timeline = Arc::downgrade(timeline);
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            while timeline.strong_count() > 0 {
                // It ends with the database, whose absences are noted by who makes them.
                beat_while_it_lasts(&url, &timeline).await.unwrap_or_default();
                sleep(PAUSE).await;
            }
        });
    });
}

async fn beat_while_it_lasts(url: &str, timeline: &Weak<Mutex<Timeline>>) -> Result<(), Error> {
    let client = connect(url).await?;
    loop {
        let from = now_ms();
        sleep(PAUSE).await;
        client.query_one(NOTHING_MUCH, &[]).await?;
        let Some(timeline) = timeline.upgrade() else { return Ok(()) };
        let until = now_ms();
        if until - from > USUAL {
            timeline.lock().unwrap().stalls.push(Stall { from, until });
        }
    }
}

async fn connect(url: &str) -> Result<Client, Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}
