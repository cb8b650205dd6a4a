//! The key that a back end shows: what it may do with it.

use wigwag_protocol::rest::key::KeyView;
use wigwag_protocol::rest::operations::GetKey;

use super::asked::Asked;
use super::{Answer, Answered, BackEnds};

impl Answer for GetKey {
    async fn answer(_api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        let key = asked.key;
        let created_at = key.created_s.saturating_mul(1_000);
        Ok(KeyView { name: key.name.to_string(), scopes: key.scopes.clone(), created_at })
    }
}
