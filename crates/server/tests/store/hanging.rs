//! A database that keeps its connections and says nothing: nobody waits in silence, and it is used again when it answers.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::{Instant, interval};
use wigwag_protocol::Reason;
use wigwag_testbed::{Durability, Postgres};

use crate::postgres::Database;
use crate::words::{send, text, to};
use crate::world::World;

/// What clients are promised.
const ANSWERED: Duration = Duration::from_secs(5);
/// Longer than a command may wait, so that some have to be answered at every moment.
const HANGS: Duration = Duration::from_secs(6);
/// By then it is in use again: a connection is tried for a second at the most.
const RECOVERS: Duration = Duration::from_secs(2);
/// Between two commands: faster than a connection is made.
const PAUSE: Duration = Duration::from_millis(5);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_that_keep_coming_are_answered_in_time_and_do_not_keep_it_from_recovering() {
    let server = Postgres::start(Durability::Fast);
    server.create_database("hangs");
    let mut world = World::new(Box::new(Database::of(&server, "hangs", 1))).await;
    let (alice, bob) = (world.joins("alice").await, world.joins("bob").await);
    let mut asked = HashMap::new();
    let mut pace = interval(PAUSE);
    server.pause();
    let resumes = Instant::now() + HANGS;
    let (mut hangs, mut refused) = (true, 0);
    loop {
        let now = pace.tick().await;
        if hangs && now >= resumes {
            server.resume();
            hangs = false;
        }
        assert!(now < resumes + RECOVERS, "it is not used again");
        let session = world.submits(alice.clone(), send(text(to(&bob.user), "hello"))).unwrap();
        asked.insert(session, now);
        let heard = world.has_heard();
        // Events of a commit in doubt may be told late, to no session.
        let answers: Vec<_> = heard.iter().filter_map(|one| Some((one.0.origin()?.1, one))).collect();
        for (session, answer) in &answers {
            let waited = asked[session].elapsed();
            assert!(waited < ANSWERED, "answered after {waited:?}");
            if answer.0.reply().is_err() {
                assert_eq!(answer.reason(), Reason::StoreUnavailable);
                refused += 1;
            }
        }
        if answers.iter().any(|(_, answer)| answer.0.reply().is_ok()) {
            break;
        }
    }
    assert!(!hangs, "it is paused");
    assert!(refused > 0, "nobody was refused");
}
