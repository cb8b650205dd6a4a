//! A database that comes back finds a crowd waiting, whose first is about to give up at any moment.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::task::block_in_place;
use tokio::time::{MissedTickBehavior, interval, timeout};
use wigwag_engine::{Actor, Command, Request};
use wigwag_protocol::Reason;
use wigwag_server::store::{Asker, Committed, Permission, ReplyTo, SessionId, Store, Submission};
use wigwag_testbed::{Durability, Postgres};

use crate::postgres::Database;
use crate::words::{on_phone, send, text, to, user};
use crate::world::{Open, parts_with_batches_of, reason_of};

/// Between two commands of the crowd.
const PAUSE: Duration = Duration::from_millis(1);
/// Above what a new connection and a few hundred commands take.
const SOON: Duration = Duration::from_secs(4);
/// Far above the time after which commands are given up.
const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_comes_back_serves_those_who_keep_coming() {
    let mut server = Postgres::start(Durability::Fast);
    server.create_database("crowd");
    let backend = Database::at(server.url("crowd"));
    let Open { store, mut committed, .. } = backend.opened(parts_with_batches_of(512)).await;
    let (alice, bob) = (on_phone(&user("alice")), on_phone(&user("bob")));
    for who in [&alice, &bob] {
        submit(&*store, who, Command::Register);
        comes(&mut committed, |result| result.is_ok()).await;
    }
    block_in_place(|| server.stop());
    let crowd = tokio::spawn(keep_coming(Arc::clone(&store), alice, bob));
    comes(&mut committed, |result| result == Err(Reason::StoreUnavailable)).await;
    block_in_place(|| server.start_again());
    let back = Instant::now();
    comes(&mut committed, |result| result.is_ok()).await;
    assert!(back.elapsed() < SOON, "the first command was carried out after {:?}", back.elapsed());
    crowd.abort();
}

async fn keep_coming(store: Arc<dyn Store>, alice: Actor, bob: Actor) {
    let mut pause = interval(PAUSE);
    pause.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        pause.tick().await;
        submit(&*store, &alice, send(text(to(&bob.user), "hello")));
    }
}

fn submit(store: &dyn Store, actor: &Actor, command: Command) {
    let request = Request::By(actor.clone(), command);
    let asker = Asker { session: SessionId(1), connected_at: 0, heard_at: tokio::time::Instant::now() };
    store
        .submit(Submission {
            request,
            reply_to: ReplyTo::Session(asker),
            once: None,
            permission: Permission::NotNeeded,
        })
        .unwrap();
}

/// Waits for a command that has come to this.
async fn comes(committed: &mut mpsc::Receiver<Vec<Committed>>, this: impl Fn(Result<(), Reason>) -> bool) {
    let coming = async {
        while let Some(batch) = committed.recv().await {
            let result = |one: &Committed| one.reply().map(drop).map_err(reason_of);
            if batch.iter().any(|one| this(result(one))) {
                return;
            }
        }
        panic!("the store has closed");
    };
    timeout(PATIENCE, coming).await.expect("results come in time");
}
