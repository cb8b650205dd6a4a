//! `GET /v1/app`: what a page has to know before anybody signs in.

use serde::Serialize;
use wigwag_protocol::media::MediaProvider;

use crate::auth::App;
use crate::config::Config;

/// What the server says of itself to anybody.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AppCard {
    name: &'static str,
    version: &'static str,
    #[serde(rename = "sdkAppID")]
    sdk_app_id: u32,
    /// Whether a userID is enough to sign in here: see `POST /v1/dev/token`.
    dev_sign_in: bool,
    /// STUN servers for calls from browser to browser.
    stun: Vec<String>,
    /// Who carries the media of calls.
    media: MediaProvider,
}

pub(super) fn card(app: &App, config: &Config) -> AppCard {
    AppCard {
        name: "wigwag",
        version: env!("CARGO_PKG_VERSION"),
        sdk_app_id: app.sdk_app_id,
        dev_sign_in: config.auth.dev_tokens,
        stun: config.web.stun.clone(),
        media: config.calls.provider,
    }
}
