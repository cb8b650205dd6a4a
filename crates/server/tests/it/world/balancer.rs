//! What stands in front of the nodes: each connection goes to the next node that takes it. It remembers nobody.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

use super::World;

/// A load balancer; gone when dropped.
pub(crate) struct Balancer {
    /// Where, as `127.0.0.1:port`.
    pub(crate) address: String,
    nodes: Arc<Mutex<Vec<String>>>,
    accepting: AbortHandle,
}

impl Balancer {
    pub(crate) async fn before(nodes: &[World]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let nodes = nodes.iter().map(|node| node.address().to_owned()).collect();
        let nodes = Arc::new(Mutex::new(nodes));
        let accepting = tokio::spawn(accept(listener, Arc::clone(&nodes))).abort_handle();
        Self { address, nodes, accepting }
    }

    /// The node has started again, at another address.
    pub(crate) fn learns(&self, node: usize, address: &str) {
        address.clone_into(&mut self.nodes.lock()[node]);
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, nodes: Arc<Mutex<Vec<String>>>) {
    let mut turn = 0;
    while let Ok((device, _)) = listener.accept().await {
        let mut candidates = nodes.lock().clone();
        turn = (turn + 1) % candidates.len();
        candidates.rotate_left(turn);
        tokio::spawn(carry(device, candidates));
    }
}

/// A device that no node takes is disconnected, and comes again.
async fn carry(mut device: TcpStream, candidates: Vec<String>) {
    device.set_nodelay(true).unwrap();
    for candidate in candidates {
        if let Ok(mut node) = TcpStream::connect(candidate).await {
            node.set_nodelay(true).unwrap();
            // Either side may end it in any way.
            copy_bidirectional(&mut device, &mut node).await.ok();
            return;
        }
    }
}
