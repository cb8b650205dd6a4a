//! How nodes tell each other what has happened. At most once: what a bus loses, a session finds in the store, because
//! the next cursor has a gap before it, or because its node looks at the heads of its users' streams from time to time.

pub mod alone;
pub mod nats;
mod subject;
mod wire;

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::{Notify, mpsc};
use tokio_util::task::AbortOnDropHandle;
use wigwag_protocol::{CloseCode, UserId};
use wigwag_session::LoggedEvent;

use crate::store::shared::{NodeId, SessionName};

/// What another node says.
#[derive(Debug)]
pub enum Heard {
    /// An event, with the places of one or more users of this node.
    Event(Arc<LoggedEvent>),
    /// A session of this node has to end.
    End {
        /// Whose.
        user: UserId,
        /// Which.
        session: SessionName,
        /// How.
        code: CloseCode,
    },
    /// A node lives.
    Beat(NodeId),
    /// A node asks which of these users are online here; [`Bus::answer`] tells it.
    Who(Vec<UserId>, Asker),
    /// These users may have come to another node, or gone from it.
    Moved(Vec<UserId>),
    /// The connection was lost, or the server does not answer any more: look into the store until it is back.
    Disconnected,
    /// The connection was lost and is back: something may have been missed.
    Reconnected,
}

/// Where the answer to a question goes.
#[derive(Debug)]
pub struct Asker(pub(in crate::bus) String);

/// Connections between the nodes.
#[async_trait]
pub trait Bus: Send + Sync {
    /// From when this returns on, what is said to the user is heard here. A bus that is away is no error: what is missed
    /// until it is back is found in the store.
    async fn follow(&self, user: &UserId);

    /// The user's devices are not here any more.
    fn unfollow(&self, user: &UserId);

    /// Tells the other nodes of an event, each user's part to the nodes that follow them.
    fn publish(&self, event: &Arc<LoggedEvent>);

    /// Ends a session of another node.
    fn end_session(&self, user: &UserId, session: SessionName, code: CloseCode);

    /// Says that this node lives.
    fn beat(&self, node: NodeId);

    /// Tells the node that pushes, if one listens, that an invitation has gone a step.
    fn knock(&self);

    /// Rings the bell whenever another node knocks, until what is returned is dropped.
    fn answer_knocks(&self, bell: Arc<Notify>) -> AbortOnDropHandle<()>;

    /// Which of these users another node follows; `true` when the bus does not answer.
    async fn followed(&self, users: &[UserId]) -> Vec<bool>;

    /// Which of these users are online at other nodes: `false` when all of `nodes` say that they are not there, `None` when one of
    /// them did not answer and no other has them.
    async fn ask(&self, users: &[UserId], nodes: &BTreeSet<NodeId>) -> Vec<Option<bool>>;

    /// Tells the other nodes that these users may have come here, or gone.
    fn moved(&self, users: &[UserId]);

    /// Answers a question for `node`, with the places in it of the users who are online there.
    fn answer(&self, asker: Asker, node: NodeId, online: Vec<usize>);

    /// Whether it is connected at the moment.
    fn is_connected(&self) -> bool;

    /// Sends what is queued and goes.
    async fn close(&self);
}

/// What comes out of a bus, in the order of arrival.
pub type Hearing = mpsc::Receiver<Heard>;
