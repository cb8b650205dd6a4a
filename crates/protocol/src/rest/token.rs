//! Tokens to sign in with.

use serde::{Deserialize, Serialize};

use crate::id::UserId;

/// Longest life of a token, seconds: ten years, as `wigwag token` has it.
pub const LONGEST_LIFE_S: u32 = 315_360_000;

/// The token that is wanted.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct IssueToken {
    /// The kind of token.
    pub kind: TokenKind,
    /// Its life, seconds: 180 days when it is left out, ten years at the most.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 315_360_000)))]
    pub expires_in: u32,
}

impl Default for IssueToken {
    fn default() -> Self {
        Self { kind: TokenKind::UserSig, expires_in: 180 * 86_400 }
    }
}

/// The kinds of token that the server makes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum TokenKind {
    /// A UserSig, as Tencent's libraries make them.
    #[default]
    UserSig,
    /// A JWT, HS256.
    Jwt,
}

/// A token.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct IssuedToken {
    /// The user who signs in with it.
    #[serde(rename = "userID")]
    pub user_id: UserId,
    /// The token. Keep it out of logs.
    pub token: String,
    /// The number of the app.
    #[serde(rename = "sdkAppID")]
    pub sdk_app_id: u32,
    /// When it stops counting, ms since the epoch.
    pub expires_at: u64,
}

impl std::fmt::Debug for IssuedToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IssuedToken").field("user_id", &self.user_id).finish_non_exhaustive()
    }
}

/// Tokens that were taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct TokensRevoked {
    /// Tokens made before this time do not count, ms since the epoch. Tokens tell whole seconds, so it is the next one: wait for
    /// it before you issue another.
    pub made_before: u64,
}
