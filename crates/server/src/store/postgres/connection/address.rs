//! The database's address, and connections made from it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Pool, PoolError, RecyclingMethod, Runtime};
use rustls_native_certs::load_native_certs;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::store::postgres::opening::OpenError;

/// How long a new connection may take. Later, the client would have been given up.
const CONNECT_LIMIT: Duration = Duration::from_secs(2);
/// How long a query may wait for a free connection.
const WAIT_LIMIT: Duration = Duration::from_secs(2);
/// Settings of connections that read. A query that takes longer finds nobody waiting. Nothing that has to be durable is
/// written on these connections; the writer has its own.
const READING: &str = "SET synchronous_commit = off; SET statement_timeout = '4s'; SET idle_in_transaction_session_timeout = '5s'";

/// The parsed address of a database server.
pub(crate) struct DatabaseAddress {
    pub(crate) config: Config,
    tls: Option<MakeRustlsConnect>,
}

impl DatabaseAddress {
    /// Reads `postgres://user:password@host:port/database?sslmode=…`. `ca` is a file of certificates (PEM) to trust besides
    /// the system's.
    pub(crate) fn parse(url: &str, ca: Option<&Path>) -> Result<Self, OpenError> {
        let mut config: Config = url.parse().map_err(|error| OpenError::Address(said(&error)))?;
        let encrypted = config.get_ssl_mode() == SslMode::Require;
        // Everything but `require` may end up unencrypted, and only `disable` says that the operator accepts that.
        if !encrypted && config.get_ssl_mode() != SslMode::Disable && !is_near(&config) {
            return Err(OpenError::Exposed);
        }
        if !encrypted {
            config.ssl_mode(SslMode::Disable);
        }
        config
            .application_name("wigwag")
            .connect_timeout(CONNECT_LIMIT)
            .keepalives_idle(Duration::from_secs(30));
        // Unacknowledged bytes for this long mean that the other machine is gone.
        config.tcp_user_timeout(Duration::from_secs(10));
        let tls = encrypted.then(|| trusting(ca)).transpose()?;
        Ok(Self { config, tls })
    }

    /// Host, port and database for the log, without the password.
    pub(crate) fn place(&self) -> String {
        let hosts = self.config.get_hosts().iter().map(|host| match host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(path) => path.display().to_string(),
        });
        let ports: Vec<String> = self.config.get_ports().iter().map(ToString::to_string).collect();
        let database = self.config.get_dbname().or(self.config.get_user()).unwrap_or_default();
        format!("{}:{}/{database}", hosts.collect::<Vec<_>>().join(","), ports.join(","))
    }

    /// Opens a connection outside the pool.
    pub(crate) async fn connect(&self) -> Result<Client, tokio_postgres::Error> {
        match &self.tls {
            None => {
                let (client, connection) = self.config.connect(NoTls).await?;
                tokio::spawn(connection);
                Ok(client)
            }
            Some(tls) => {
                let (client, connection) = self.config.connect(tls.clone()).await?;
                tokio::spawn(connection);
                Ok(client)
            }
        }
    }

    /// A pool of at most `connections` connections.
    pub(crate) fn pool(&self, connections: usize) -> Result<Pool, OpenError> {
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = match &self.tls {
            None => Manager::from_config(self.config.clone(), NoTls, recycling),
            Some(tls) => Manager::from_config(self.config.clone(), tls.clone(), recycling),
        };
        Pool::builder(manager)
            .max_size(connections)
            .runtime(Runtime::Tokio1)
            .create_timeout(Some(CONNECT_LIMIT))
            .wait_timeout(Some(WAIT_LIMIT))
            .post_create(Hook::async_fn(|client, _| {
                Box::pin(async move { client.batch_execute(READING).await.map_err(HookError::Backend) })
            }))
            .build()
            .map_err(|error| OpenError::Other(error.to_string()))
    }
}

/// Whether all hosts are this machine, where nobody can listen in between.
fn is_near(config: &Config) -> bool {
    config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
        }
        Host::Unix(_) => true,
    })
}

fn trusting(ca: Option<&Path>) -> Result<MakeRustlsConnect, OpenError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(load_native_certs().certs);
    if let Some(path) = ca {
        let explain = |why: &dyn std::fmt::Display| OpenError::Authority(path.to_owned(), why.to_string());
        let file = CertificateDer::pem_file_iter(path).map_err(|error| explain(&error))?;
        let before = roots.len();
        for certificate in file {
            let certificate = certificate.map_err(|error| explain(&error))?;
            roots.add(certificate).map_err(|error| explain(&error))?;
        }
        if roots.len() == before {
            return Err(explain(&"there is no certificate in it"));
        }
    }
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| OpenError::Other(error.to_string()))?;
    Ok(MakeRustlsConnect::new(config.with_root_certificates(roots).with_no_client_auth()))
}

/// The driver's error in one line with its cause, which the driver's own text leaves out.
pub(crate) fn said(error: &tokio_postgres::Error) -> String {
    if let Some(said) = error.as_db_error() {
        return said.message().to_owned();
    }
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

/// The same for a library's error that wraps the driver's.
pub(crate) fn said_below(error: &(dyn std::error::Error + 'static)) -> String {
    let below = std::iter::successors(Some(error), |error| error.source());
    below.filter_map(|error| error.downcast_ref()).map(said).next().unwrap_or_else(|| error.to_string())
}

/// The same for the pool's error.
pub(crate) fn words(error: &PoolError) -> String {
    match error {
        PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => said(error),
        PoolError::Timeout(_)
        | PoolError::Closed
        | PoolError::NoRuntimeSpecified
        | PoolError::PostCreateHook(_) => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_machines_are_reached_encrypted_or_by_an_express_word() {
        let refused = |url: &str| matches!(DatabaseAddress::parse(url, None), Err(OpenError::Exposed));
        assert!(refused("postgres://wigwag@db.example/wigwag"));
        assert!(refused("postgres://wigwag@db.example/wigwag?sslmode=prefer"));
        assert!(refused("postgres://wigwag@db.example/wigwag?application_name=sslmode=require"));
        for url in [
            "postgres://wigwag@127.0.0.1/wigwag",
            "postgres://wigwag@localhost:5433/wigwag",
            "postgres:///wigwag?host=/run/postgresql&user=wigwag",
            "postgres://wigwag@db.example/wigwag?sslmode=disable",
            "postgresql://wigwag@db.example/wigwag?sslmode=require",
        ] {
            assert!(!refused(url), "{url}");
        }
    }

    #[test]
    fn a_file_without_certificates_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        std::fs::write(&path, "no certificate").unwrap();
        let url = "postgres://wigwag@db.example/wigwag?sslmode=require";
        let error = DatabaseAddress::parse(url, Some(&path)).err().unwrap().to_string();
        assert!(error.contains("ca.pem") && error.contains("no certificate in it"), "{error}");
    }

    #[test]
    fn a_place_tells_no_password() {
        let address = DatabaseAddress::parse("postgres://me:secret@127.0.0.1:5433/calls", None).unwrap();
        assert_eq!(address.place(), "127.0.0.1:5433/calls");
    }
}
