//! Calls, read at the end by everybody who was ever told of them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::future::try_join_all;
use tokio::time::{sleep, timeout};
use wigwag_protocol::call::CallView;
use wigwag_protocol::params::CallGet;
use wigwag_protocol::result::GotCall;
use wigwag_protocol::{CallId, ErrorBody, Method, UserId};

use super::device::PATIENCE;
use super::journal::{Entry, Journal, Outcome};
use super::wire::Wire;
use super::world::World;

/// Between two tries to connect.
const BEFORE_ANOTHER_TRY: Duration = Duration::from_millis(50);

/// What `call.get` gave to a user.
#[derive(Debug)]
pub(crate) struct View {
    pub(crate) user: UserId,
    pub(crate) call: String,
    pub(crate) told: Result<CallView, Box<ErrorBody>>,
}

pub(super) async fn all(world: &World, journals: &[Journal]) -> Result<Vec<View>, String> {
    let mut known: BTreeMap<&UserId, BTreeSet<&str>> = BTreeMap::new();
    for journal in journals {
        known.entry(&journal.user).or_default().extend(journal.entries.iter().filter_map(names_call));
    }
    let reading = known.into_iter().map(|(user, calls)| read(world.port(), user, calls));
    Ok(try_join_all(reading).await?.into_iter().flatten().collect())
}

fn names_call(entry: &Entry) -> Option<&str> {
    match entry {
        Entry::Saw(seen) => seen.call_id.as_deref(),
        Entry::Answered(_, Outcome::Acked(ack), _) => ack.call.as_ref().map(|call| call.id.as_str()),
        Entry::Answered(_, Outcome::Refused(_) | Outcome::Unknown, _) => None,
    }
}

async fn read(port: u16, user: &UserId, calls: BTreeSet<&str>) -> Result<Vec<View>, String> {
    let mut reader = Reader { port, user, wire: None };
    let mut views = Vec::with_capacity(calls.len());
    for call in calls {
        let asked = timeout(PATIENCE, reader.read(call)).await;
        let told = asked.map_err(|_| format!("{user} cannot read {call}"))?;
        views.push(View { user: user.clone(), call: call.to_owned(), told });
    }
    Ok(views)
}

/// Connects again when its connection is cut, which roads do.
struct Reader<'a> {
    port: u16,
    user: &'a UserId,
    wire: Option<Wire>,
}

impl Reader<'_> {
    async fn read(&mut self, call: &str) -> Result<CallView, Box<ErrorBody>> {
        let get = CallGet { call_id: Some(CallId::parse(call).unwrap()), room_id: None, group_id: None };
        let params = serde_json::to_string(&get).unwrap();
        loop {
            if let Some(wire) = &mut self.wire
                && let Ok(answer) = wire.ask(Method::CallGet, &params).await
            {
                return answer.map(|result| serde_json::from_str::<GotCall>(&result).unwrap().call);
            }
            self.connect().await;
        }
    }

    async fn connect(&mut self) {
        self.wire = None;
        match Wire::open(self.port, self.user, "reader", None).await {
            Ok((wire, _)) => self.wire = Some(wire),
            Err(_) => sleep(BEFORE_ANOTHER_TRY).await,
        }
    }
}
