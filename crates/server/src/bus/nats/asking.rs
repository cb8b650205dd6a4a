//! Asks all other nodes at once who is online there.

use std::collections::BTreeSet;

use async_nats::Subscriber;
use futures_util::StreamExt;
use futures_util::future::join_all;
use tokio::time::{Instant, timeout_at};
use wigwag_protocol::UserId;

use super::{ANSWER_LIMIT, Line};
use crate::bus::wire;
use crate::store::shared::NodeId;

/// Users in one message: 33 KB of the longest names, far below what NATS takes, and each node answers it under one lock.
const AT_ONCE: usize = 500;

/// What is known so far of users, and who has not answered yet.
struct Answers {
    online: Vec<bool>,
    silent: BTreeSet<NodeId>,
}

impl Line {
    /// For each of these users, whether another node has them; `None` when nobody has and not all nodes have answered.
    pub(super) async fn ask_all(&self, users: &[UserId], nodes: &BTreeSet<NodeId>) -> Vec<Option<bool>> {
        if nodes.is_empty() {
            return vec![Some(false); users.len()];
        }
        // Listens before it looks, so that no loss goes unheard.
        let lost = self.lost.notified();
        tokio::pin!(lost);
        lost.as_mut().enable();
        if !self.is_connected() {
            return vec![None; users.len()];
        }
        let until = Instant::now() + ANSWER_LIMIT;
        let asking = users.chunks(AT_ONCE).map(|part| self.ask_some(part, nodes, until));
        tokio::select! {
            answers = join_all(asking) => answers.concat(),
            () = lost => vec![None; users.len()],
        }
    }

    async fn ask_some(
        &self,
        users: &[UserId],
        nodes: &BTreeSet<NodeId>,
        until: Instant,
    ) -> Vec<Option<bool>> {
        let mut answers = Answers { online: vec![false; users.len()], silent: nodes.clone() };
        let reply = self.client.new_inbox();
        if let Ok(mut replies) = self.client.subscribe(reply.clone()).await {
            let question = wire::who(users).into();
            let asked = self.client.publish_with_reply(self.subjects.presence(), reply, question).await;
            if asked.is_ok() {
                // Who has not answered by then stays silent, and says nothing of anybody.
                timeout_at(until, answers.gather(&mut replies)).await.ok();
            }
        }
        answers.conclude()
    }
}

impl Answers {
    async fn gather(&mut self, replies: &mut Subscriber) {
        while !self.silent.is_empty()
            && let Some(message) = replies.next().await
        {
            // What cannot be understood, such as NATS's word that nobody listens, is no answer.
            if let Ok(wire::Message::Here { node, online }) = wire::read(&message.payload) {
                self.hear(node, &online);
            }
        }
    }

    fn hear(&mut self, node: NodeId, online: &[usize]) {
        self.silent.remove(&node);
        for place in online {
            if let Some(is_online) = self.online.get_mut(*place) {
                *is_online = true;
            }
        }
    }

    fn conclude(self) -> Vec<Option<bool>> {
        let complete = self.silent.is_empty();
        self.online.into_iter().map(|is_online| (is_online || complete).then_some(is_online)).collect()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn answers(nodes: &[u128]) -> Answers {
        let silent = nodes.iter().map(|node| NodeId(Uuid::from_u128(*node))).collect();
        Answers { online: vec![false; 3], silent }
    }

    #[test]
    fn nobody_is_offline_before_every_node_has_said_so() {
        let mut two = answers(&[1, 2]);
        two.hear(NodeId(Uuid::from_u128(1)), &[1]);
        two.hear(NodeId(Uuid::from_u128(1)), &[1]);
        assert_eq!(two.conclude(), [None, Some(true), None]);
        let mut both = answers(&[1, 2]);
        both.hear(NodeId(Uuid::from_u128(1)), &[1]);
        both.hear(NodeId(Uuid::from_u128(2)), &[]);
        assert_eq!(both.conclude(), [Some(false), Some(true), Some(false)]);
    }

    #[test]
    fn a_node_that_is_not_known_yet_counts_where_it_has_somebody_and_places_that_are_not_there_count_nowhere()
    {
        let mut one = answers(&[1]);
        one.hear(NodeId(Uuid::from_u128(9)), &[0, 3, usize::MAX]);
        assert_eq!(one.conclude(), [Some(true), None, None]);
    }
}
