//! `[bus]`

use super::EngineUrl;

/// How several servers tell each other what has happened.
#[derive(Debug, Clone, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct BusConfig {
    /// Address of a NATS server, such as "nats://host:4222", or "tls://host:4222" with TLS; of a cluster, several
    /// with commas between. A user and password, or a token, may stand before the host: "nats://user:password@host".
    /// Needed as soon as several servers share a PostgreSQL store, on each of them; a single one needs none.
    /// Servers of another store must not use the same NATS with the same sdk_app_id.
    #[config(env = "WIGWAG_BUS_URL")]
    pub url: Option<EngineUrl>,
}
