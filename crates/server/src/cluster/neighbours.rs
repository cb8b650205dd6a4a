//! What a session has to do with other nodes.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use wigwag_protocol::{CloseCode, Device, UserId};

use super::Cluster;
use crate::store::shared::{Claimed, Seat, SessionName};
use crate::store::{SessionId, StoreError};

/// The other nodes, as a session sees them.
#[derive(Clone)]
pub enum Neighbours {
    /// There are none: the registry knows everybody.
    None,
    /// There may be some.
    Cluster(Arc<Cluster>),
}

/// A session that opens; it is in the registry already.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// Whose.
    pub user: UserId,
    /// On which device.
    pub device: Device,
    /// Its name on this node.
    pub session: SessionId,
    /// When its connection was made, server time in ms.
    pub connected_at: u64,
}

/// Whether a session may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seating {
    /// It has its device's seat.
    Taken,
    /// A newer connection of its device has it.
    Refused,
}

impl Neighbours {
    /// Announces an opening session to the cluster. After this returns, other nodes' events for its user reach this node, and the
    /// sessions that it displaces have been told to close.
    pub async fn arrive(&self, arrival: Arrival) -> Result<Seating, StoreError> {
        match self {
            Self::None => Ok(Seating::Taken),
            Self::Cluster(cluster) => Box::pin(cluster.arrive(arrival)).await,
        }
    }

    /// A session has ended.
    pub fn leave(&self, session: SessionId) {
        match self {
            Self::None => {}
            Self::Cluster(cluster) => cluster.seats.leave(session),
        }
    }

    /// A user has been away for longer than the grace.
    pub fn forget(&self, user: &UserId) {
        match self {
            Self::None => {}
            Self::Cluster(cluster) => cluster.bus.unfollow(user),
        }
    }

    /// Whether there can be no other nodes.
    pub fn are_none(&self) -> bool {
        match self {
            Self::None => true,
            Self::Cluster(_) => false,
        }
    }

    /// How many deaths of other nodes this node has seen.
    pub fn deaths(&self) -> u64 {
        match self {
            Self::None => 0,
            Self::Cluster(cluster) => cluster.deaths.load(Ordering::Relaxed),
        }
    }

    /// Takes or prolongs a lease for `term`. Whether this node has it now: only one node has, and none while the store is
    /// away.
    pub async fn holds(&self, lease: &str, term: Duration) -> bool {
        match self {
            Self::None => true,
            Self::Cluster(cluster) => cluster.store.lease(lease, cluster.node(), term).await.unwrap_or(false),
        }
    }

    /// Takes this node out of the cluster. Call it when all sessions of the node have ended.
    pub async fn part(&self) {
        match self {
            Self::None => {}
            Self::Cluster(cluster) => cluster.leave().await,
        }
    }

    /// Whether nothing can be heard of the other nodes at the moment.
    pub fn are_out_of_earshot(&self) -> bool {
        match self {
            Self::None => false,
            Self::Cluster(cluster) => !cluster.bus.is_connected(),
        }
    }
}

impl Cluster {
    async fn arrive(&self, arrival: Arrival) -> Result<Seating, StoreError> {
        let Arrival { user, device, session, connected_at } = arrival;
        let session = SessionName { node: self.node(), session };
        self.bus.follow(&user).await;
        let seat = Seat { user, device, session, connected_at };
        self.seats.want(seat.clone());
        let Claimed { refused, replaced, over_limit } = self.store.claim(&seat, self.bounds).await?;
        if refused {
            return Ok(Seating::Refused);
        }
        self.seats.take(session.session);
        if let Some(replaced) = replaced {
            self.end(&seat.user, replaced, CloseCode::Replaced);
        }
        for oldest in over_limit {
            self.end(&seat.user, oldest, CloseCode::PlatformLimit);
        }
        Ok(Seating::Taken)
    }
}
