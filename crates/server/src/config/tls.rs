//! `[tls]`

use std::path::PathBuf;

/// Encryption of connections.
#[derive(Debug, Clone, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct TlsConfig {
    /// PEM file with the certificate and those that signed it, in this order, such as fullchain.pem. Set together
    /// with key. Both files are read again when they change; a bad new pair leaves the old one in use.
    #[config(env = "WIGWAG_TLS_CERT")]
    pub cert: Option<PathBuf>,

    /// PEM file with the certificate's private key.
    #[config(env = "WIGWAG_TLS_KEY")]
    pub key: Option<PathBuf>,

    /// Serve without TLS on an address that other machines can reach. Tokens and calls can then be read on the way:
    /// only right behind a proxy that does TLS, or in a network you trust.
    #[config(default = false, env = "WIGWAG_TLS_PLAIN")]
    pub plain: bool,
}
