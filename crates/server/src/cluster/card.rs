//! What a node shows when it enters.

use crate::auth::App;
use crate::store::shared::{NodeCard, NodeId};

/// This program's card.
pub fn card(node: NodeId, app: &App, has_bus: bool) -> NodeCard {
    NodeCard { node, series: series(env!("CARGO_PKG_VERSION")), app: app.fingerprint(), has_bus }
}

/// Major and minor version.
fn series(version: &str) -> String {
    version.split('.').take(2).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_is_major_and_minor() {
        assert_eq!((series("0.1.0"), series("12.3.4-rc.1")), ("0.1".to_owned(), "12.3".to_owned()));
    }
}
