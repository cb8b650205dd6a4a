//! No bus: the only node has nobody to tell.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::Notify;
use tokio_util::task::AbortOnDropHandle;
use wigwag_protocol::{CloseCode, UserId};
use wigwag_session::LoggedEvent;

use super::{Asker, Bus};
use crate::store::shared::{NodeId, SessionName};

/// The bus of a single node.
#[derive(Debug, Clone, Copy)]
pub struct NoBus;

#[async_trait]
impl Bus for NoBus {
    async fn follow(&self, _user: &UserId) {}

    fn unfollow(&self, _user: &UserId) {}

    fn publish(&self, _event: &Arc<LoggedEvent>) {}

    fn end_session(&self, _user: &UserId, _session: SessionName, _code: CloseCode) {}

    fn beat(&self, _node: NodeId) {}

    fn knock(&self) {}

    fn answer_knocks(&self, _bell: Arc<Notify>) -> AbortOnDropHandle<()> {
        AbortOnDropHandle::new(tokio::spawn(async {}))
    }

    async fn followed(&self, users: &[UserId]) -> Vec<bool> {
        vec![false; users.len()]
    }

    async fn ask(&self, users: &[UserId], _nodes: &BTreeSet<NodeId>) -> Vec<Option<bool>> {
        vec![Some(false); users.len()]
    }

    fn moved(&self, _users: &[UserId]) {}

    fn answer(&self, _asker: Asker, _node: NodeId, _online: Vec<usize>) {}

    fn is_connected(&self) -> bool {
        true
    }

    async fn close(&self) {}
}
