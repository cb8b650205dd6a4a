//! What nodes agree on through the store that they share: which nodes live, which of them fires overdue deadlines, and which
//! session of a device counts. The bus only makes this quick; what it loses is found here.

use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;
use wigwag_engine::Due;
use wigwag_protocol::{Device, UserId};

use super::{SessionId, SignedIn, Store, StoreError};
use crate::auth::{ApiKey, Revocation};

/// A node that has said nothing for this long counts as dead. Its deadlines are fired by others within two seconds of its
/// end, and a node that only stood still for a moment is not put out.
pub const NODE_PATIENCE: Duration = Duration::from_secs(2);

/// Names a node; kept in its data folder, so that it is the same one after a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub Uuid);

impl std::fmt::Display for NodeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.simple().fmt(f)
    }
}

/// A node's name, and the properties that all nodes of a cluster must have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeCard {
    /// The node's name.
    pub node: NodeId,
    /// Major and minor version, such as `0.1`: nodes of one series understand each other.
    pub series: String,
    /// A digest of the app ID and the app key. All nodes must have the same, because every node must accept a token made for
    /// any of them.
    pub app: String,
    /// Whether it can tell other nodes what happens.
    pub has_bus: bool,
}

/// Why a node may not join those that live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stranger {
    /// A live node of another series.
    OtherSeries(String),
    /// A live node with another app ID or app key.
    OtherApp,
    /// A live node, and one of the two has no bus: its devices would not hear of each other's events.
    NoBus,
}

/// A session as the whole cluster names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionName {
    /// The node it is on.
    pub node: NodeId,
    /// Its name on that node.
    pub session: SessionId,
}

/// A device's session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    /// The user of the device.
    pub user: UserId,
    /// The device that sits on it.
    pub device: Device,
    /// The session that has the seat.
    pub session: SessionName,
    /// When its connection was made, server time in ms: of a device's sessions the one on the newest connection stays.
    pub connected_at: u64,
}

/// How many seats one user may have.
#[derive(Debug, Clone, Copy)]
pub struct SeatBounds {
    /// In all.
    pub per_user: usize,
    /// Of one platform; 0 = any number.
    pub per_platform: usize,
}

/// The outcome of a claim.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claimed {
    /// A newer connection of the device has the seat: this session has to go.
    pub refused: bool,
    /// The session of the same device that has to go.
    pub replaced: Option<SessionName>,
    /// The oldest sessions of the user or of the platform, when there are too many.
    pub over_limit: Vec<SessionName>,
}

/// The differences that a node finds when it compares its sessions with the store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckUp {
    /// The newest cursor of each user.
    pub heads: Vec<(UserId, u64)>,
    /// Sessions that have lost their seat to another.
    pub displaced: Vec<SessionName>,
}

/// A store that several nodes use at once.
#[async_trait]
pub trait SharedStore: Store {
    /// Enters the node among the live ones, without any session, unless those who live do not go with it.
    async fn enter(&self, card: &NodeCard) -> Result<Result<(), Stranger>, StoreError>;

    /// Says that the node lives, and returns all that do. It is not among them itself when the others have taken it out
    /// meanwhile; then it has to enter again. Nodes that were silent for `patience` are taken out, with their sessions.
    async fn beat(&self, node: NodeId, patience: Duration) -> Result<Vec<NodeId>, StoreError>;

    /// Takes the node and its sessions out.
    async fn leave(&self, node: NodeId) -> Result<(), StoreError>;

    /// Takes the lease of this name for `term` if nobody else holds it, or prolongs it. Returns whether the node holds it now.
    async fn lease(&self, name: &str, node: NodeId, term: Duration) -> Result<bool, StoreError>;

    /// What was due before `before` (server time in ms) and is not settled, the oldest first.
    async fn overdue(&self, before: u64, limit: usize) -> Result<Vec<(u64, Due)>, StoreError>;

    /// Gives the device's seat to this session, and takes the oldest seats of its user that are too many.
    async fn claim(&self, seat: &Seat, bounds: SeatBounds) -> Result<Claimed, StoreError>;

    /// Gives seats back, as far as they are still these sessions'.
    async fn release(&self, seats: &[Seat]) -> Result<(), StoreError>;

    /// Compares seats with the store; a seat that nobody has any more (the table does not outlive a crash of the
    /// database) is given back to its session.
    async fn check_up(&self, seats: &[Seat]) -> Result<CheckUp, StoreError>;

    /// The revocations of the last `within`, or all of them.
    async fn revocations(&self, within: Option<Duration>) -> Result<Vec<Revocation>, StoreError>;

    /// Takes tokens back on every node. Later revocations of a user cover earlier ones.
    async fn revoke(&self, revocation: &Revocation) -> Result<(), StoreError>;

    /// All keys of back ends, by name.
    async fn api_keys(&self) -> Result<Vec<ApiKey>, StoreError>;

    /// How many have a session on some node.
    async fn signed_in(&self) -> Result<SignedIn, StoreError>;

    /// The devices of a user that have a session on some node, in byte order of their deviceIDs.
    async fn devices_of(&self, user: &UserId) -> Result<Vec<Device>, StoreError>;
}
