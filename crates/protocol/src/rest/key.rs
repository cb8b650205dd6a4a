//! The key that a back end shows.

use serde::{Deserialize, Serialize};

use super::Scope;

/// A key, without its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct KeyView {
    /// Its name: 1 to 64 letters, digits, "-", "_" and ".".
    pub name: String,
    /// What it lets its holder do.
    pub scopes: Vec<Scope>,
    /// When it was made, server time in ms.
    pub created_at: u64,
}
