//! Where a device dials.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A port, and the node that stands behind it at the moment.
#[derive(Debug, Clone)]
pub(crate) struct Door {
    port: u16,
    node: Arc<AtomicUsize>,
}

impl Door {
    /// That leads to the first node until told otherwise.
    pub(crate) fn new(port: u16) -> Self {
        Self { port, node: Arc::default() }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The node that its newest connection leads to.
    pub(crate) fn node(&self) -> usize {
        self.node.load(Ordering::SeqCst)
    }

    pub(crate) fn leads_to(&self, node: usize) {
        self.node.store(node, Ordering::SeqCst);
    }
}
