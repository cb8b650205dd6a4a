//! Every error that a device hears is one that `spec/` names for what it asked.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;
use wigwag_protocol::{ErrorBody, Method};
use wigwag_sim::contract::check_reply;

/// What a device has asked on its connection.
#[derive(Default)]
pub(crate) struct Asked {
    /// By the id of the request as text; `null` are frames without one. A frame that is no request has no method.
    under: HashMap<String, Vec<Option<Method>>>,
}

impl Asked {
    /// The device sends this text.
    pub(crate) fn notes(&mut self, text: &str) {
        let frame: Value = serde_json::from_str(text).unwrap_or_default();
        let method = frame["method"].as_str().and_then(Method::parse);
        let asked = self.under.entry(frame["id"].to_string()).or_default();
        if !asked.contains(&method) {
            asked.push(method);
        }
    }

    /// The device hears this text. What is asked under an id that cannot be read is answered under none.
    pub(crate) fn hears(&self, text: &str) {
        let frame: Reply = serde_json::from_str(text).unwrap();
        if let Some(error) = frame.error {
            let asked = self.under.get(&frame.id.to_string());
            check_reply(asked.map_or(&[], Vec::as_slice), &error);
        }
    }
}

#[derive(Deserialize)]
struct Reply {
    #[serde(default)]
    id: Value,
    error: Option<ErrorBody>,
}
