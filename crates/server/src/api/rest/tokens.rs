//! Tokens: issued and revoked.
//!
//! Neither changes anything in the store, so [`Command::MarkTime`] stands for both: a repeat hears when the first request came.
//! A token is made from its user, that time and its life, so a repeat makes the same one, and no token is kept.

use std::time::Duration;

use wigwag_engine::{Command, Reply};
use wigwag_protocol::UserId;
use wigwag_protocol::rest::Problem;
use wigwag_protocol::rest::operations::{CreateToken, RevokeTokens};
use wigwag_protocol::rest::token::{IssueToken, IssuedToken, LONGEST_LIFE_S, TokenKind, TokensRevoked};

use super::asked::Asked;
use super::{Answer, Answered, BackEnds, failed, unexpected};
use crate::auth::{Revocation, mint_jwt, mint_user_sig};
use crate::clock::wall_ms;
use crate::store::Once;

impl Answer for CreateToken {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        let IssueToken { kind, expires_in } = asked.body;
        if !(1..=LONGEST_LIFE_S).contains(&expires_in) {
            let words = format!("expiresIn: must be 1 to {LONGEST_LIFE_S} seconds");
            return Err(Problem::invalid("expiresIn", words));
        }
        let user = asked.params.user_id;
        api.check_name(&user).await?;
        let made_at = api.time_of(&user, asked.once).await?;
        let life = Duration::from_secs(expires_in.into());
        let token = match kind {
            TokenKind::UserSig => mint_user_sig(&api.app, &user, made_at, life),
            TokenKind::Jwt => mint_jwt(&api.auth, &api.app, &user, made_at, life),
        };
        let expires_at = (made_at / 1_000 + u64::from(expires_in)) * 1_000;
        Ok(IssuedToken { user_id: user, token, sdk_app_id: api.app.sdk_app_id, expires_at })
    }
}

impl Answer for RevokeTokens {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        let user = asked.params.user_id;
        let at = api.time_of(&user, asked.once).await?;
        let revocation = Revocation::now(user, at);
        api.sign_ins.revoke(&revocation).await.map_err(failed)?;
        tracing::info!(user = %revocation.user, "a back end has revoked a user's tokens");
        Ok(TokensRevoked { made_before: revocation.before_ms })
    }
}

impl BackEnds {
    /// The time of a request by the machine's clock, which tokens are judged by. A repeat hears the first time.
    async fn time_of(&self, user: &UserId, once: Option<Once>) -> Result<u64, Box<Problem>> {
        let Some(once) = once else { return Ok(wall_ms()) };
        // Not server time, which may be ahead of the clock that tokens are judged by.
        match self.act(user, Command::MarkTime(wall_ms()), Some(once)).await? {
            Reply::Done(done) => Ok(done.time),
            Reply::Acted(_)
            | Reply::Sent(_)
            | Reply::Created(_)
            | Reply::AttributesSet(_)
            | Reply::Joined(_) => Err(unexpected()),
        }
    }
}
