//! Tokens: for administrators and for users, and taken back.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use wigwag_protocol::{Platform, UserId};

use super::entry::wrong;
use super::fault::Fault;
use super::{Answered, user};
use crate::api::rest::{BackEnds, failed};
use crate::auth::{Revocation, mint_jwt};
use crate::clock::wall_ms;

/// How long a token counts, seconds. The answer says it, and back ends ask for another in time.
const LIFE_S: u64 = 7 * 24 * 3_600;

#[derive(Deserialize)]
pub(super) struct AdministratorWish {
    secret: String,
    #[serde(rename = "userID")]
    user: String,
}

#[derive(Deserialize)]
pub(super) struct Device {
    #[serde(rename = "userID")]
    user: String,
    #[serde(rename = "platformID")]
    platform: Platform,
}

/// For whoever knows the secret, which is the app key, as with theirs.
pub(super) fn of_administrator(api: &BackEnds, wish: &AdministratorWish) -> Answered {
    let user = user(&wish.user)?;
    if !api.app.key.is(&wish.secret) {
        return Err(wrong(api, Fault::forbidden("the secret is not this server's app key")));
    }
    if !api.openim_administrators.contains(&user) {
        let words =
            "userID is not an administrator: name them in api.openim_administrators of the configuration";
        return Err(Fault::forbidden(words));
    }
    Ok(token(api, &user))
}

pub(super) async fn of_user(api: &BackEnds, wish: Device) -> Answered {
    let user = user(&wish.user)?;
    if api.openim_administrators.contains(&user) {
        return Err(Fault::forbidden("an administrator gets their token by get_admin_token"));
    }
    api.profile(&user).await?;
    Ok(token(api, &user))
}

/// On every platform: a token here does not say for which one it was made.
pub(super) async fn force_logout(api: &BackEnds, wish: Device) -> Answered {
    let user = user(&wish.user)?;
    api.profile(&user).await?;
    api.sign_ins.revoke(&Revocation::now(user.clone(), wall_ms())).await.map_err(failed)?;
    tracing::info!(%user, platform = wish.platform.number(), "a back end has revoked a user's tokens");
    Ok(Value::Null)
}

fn token(api: &BackEnds, user: &UserId) -> Value {
    let token = mint_jwt(&api.auth, &api.app, user, wall_ms(), Duration::from_secs(LIFE_S));
    json!({"token": token, "expireTimeSeconds": LIFE_S})
}
