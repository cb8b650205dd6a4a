//! TLS from PEM files, read again when they change.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};
use tokio_util::sync::CancellationToken;

use crate::config::TlsConfig;

/// Between two looks at the files; a renewed certificate is not in a hurry.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Why the certificate cannot be used; one line that names the file.
#[derive(Debug)]
pub struct TlsError(String);

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TlsError {}

/// The certificate in use.
#[derive(Debug)]
pub struct Tls {
    cert: PathBuf,
    key: PathBuf,
    current: RwLock<Arc<ServerConfig>>,
    seen: Mutex<Stamp>,
}

/// What tells one version of the two files from another.
type Stamp = [Option<(SystemTime, u64)>; 2];

impl Tls {
    /// Reads the files. `None` when TLS is not configured.
    pub fn load(tls: &TlsConfig) -> Result<Option<Self>, TlsError> {
        let (Some(cert), Some(key)) = (&tls.cert, &tls.key) else { return Ok(None) };
        let seen = Mutex::new([stamp(cert), stamp(key)]);
        let current = RwLock::new(Arc::new(read(cert, key)?));
        Ok(Some(Self { cert: cert.clone(), key: key.clone(), current, seen }))
    }

    /// Makes TLS of new connections, with the certificate of this moment.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.current.read().unwrap_or_else(PoisonError::into_inner).clone())
    }

    /// Looks at the files again and again until `shutdown`.
    pub(crate) async fn watch(&self, shutdown: &CancellationToken) {
        let looking = async {
            loop {
                tokio::time::sleep(LOOK_EVERY).await;
                self.reload_if_changed();
            }
        };
        shutdown.run_until_cancelled(looking).await;
    }

    /// A bad new pair leaves the old one in use; that it is half-written is seen as a further change when it is whole.
    fn reload_if_changed(&self) {
        let now = [stamp(&self.cert), stamp(&self.key)];
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if *seen == now {
            return;
        }
        *seen = now;
        match read(&self.cert, &self.key) {
            Ok(config) => {
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(config);
                tracing::info!(cert = %self.cert.display(), "the certificate has changed and is in use");
            }
            Err(error) => tracing::error!(%error, "the certificate has changed; the old one stays in use"),
        }
    }
}

fn stamp(path: &Path) -> Option<(SystemTime, u64)> {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

fn read(cert: &Path, key: &Path) -> Result<ServerConfig, TlsError> {
    let wrong = |name: &str, path: &Path, error: &dyn fmt::Display| {
        TlsError(format!("{name} {}: {error}; it must be a PEM file the server can read", path.display()))
    };
    let chain = CertificateDer::pem_file_iter(cert)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| wrong("tls.cert", cert, &error))?;
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| wrong("tls.key", key, &error))?;
    let config = config(chain, private).map_err(|error| {
        TlsError(format!("tls.cert {} with tls.key {}: {error}", cert.display(), key.display()))
    })?;
    Ok(config)
}

fn config(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<ServerConfig, rustls::Error> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Files {
        _folder: tempfile::TempDir,
        config: TlsConfig,
    }

    impl Files {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let path = |name| Some(folder.path().join(name));
            let config = TlsConfig { cert: path("cert.pem"), key: path("key.pem"), plain: false };
            let files = Self { _folder: folder, config };
            files.renew();
            files
        }

        fn renew(&self) {
            let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
            self.write(&made.cert.pem(), &made.signing_key.serialize_pem());
        }

        fn write(&self, cert: &str, key: &str) {
            std::fs::write(self.config.cert.as_ref().unwrap(), cert).unwrap();
            std::fs::write(self.config.key.as_ref().unwrap(), key).unwrap();
        }

        fn load(&self) -> Tls {
            Tls::load(&self.config).unwrap().unwrap()
        }
    }

    /// Which version of the certificate is in use.
    fn version(tls: &Tls) -> *const ServerConfig {
        Arc::as_ptr(&tls.current.read().unwrap())
    }

    /// Makes a change visible even where files have coarse times.
    fn look_as_if_never_seen(tls: &Tls) {
        *tls.seen.lock().unwrap() = [None, None];
        tls.reload_if_changed();
    }

    #[test]
    fn a_changed_certificate_is_taken_over_and_an_unchanged_one_left() {
        let files = Files::new();
        let tls = files.load();
        let first = version(&tls);
        tls.reload_if_changed();
        assert_eq!(version(&tls), first);
        files.renew();
        look_as_if_never_seen(&tls);
        assert_ne!(version(&tls), first);
    }

    #[test]
    fn a_bad_new_pair_leaves_the_old_one_in_use() {
        let files = Files::new();
        let tls = files.load();
        let first = version(&tls);
        files.write("no certificate", "no key");
        look_as_if_never_seen(&tls);
        assert_eq!(version(&tls), first);
    }

    #[test]
    fn a_pair_that_does_not_fit_is_refused_with_both_names() {
        let (files, others) = (Files::new(), Files::new());
        let config = TlsConfig { key: others.config.key.clone(), ..files.config.clone() };
        let error = Tls::load(&config).unwrap_err().to_string();
        assert!(error.contains("cert.pem") && error.contains("key.pem"), "{error}");
    }

    #[test]
    fn a_missing_file_is_named() {
        let files = Files::new();
        std::fs::remove_file(files.config.cert.as_ref().unwrap()).unwrap();
        let error = Tls::load(&files.config).unwrap_err().to_string();
        assert!(error.starts_with("tls.cert ") && error.contains("cert.pem"), "{error}");
    }
}
