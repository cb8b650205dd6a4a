//! Certificates, and connections under TLS.

use std::path::Path;
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::World;

impl World {
    /// A server under TLS with this configuration, and its certificate. Its figures have an address of their own, without TLS.
    pub(crate) fn sealed(config: &str) -> (Self, CertificateDer<'static>) {
        let mut world = Self::prepared("");
        let (cert, key) = (world.file("cert.pem"), world.file("key.pem"));
        let trusted = certificate(&cert, &key);
        let pair = format!("[tls]\ncert = '{}'\nkey = '{}'\n", cert.display(), key.display());
        world.configure(&format!("{config}{pair}[metrics]\nlisten = \"127.0.0.1:0\"\n"));
        world.resume();
        (world, trusted)
    }
}

/// Writes a new pair; gives the certificate.
pub(crate) fn certificate(cert: &Path, key: &Path) -> CertificateDer<'static> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(cert, made.cert.pem()).unwrap();
    std::fs::write(key, made.signing_key.serialize_pem()).unwrap();
    CertificateDer::from_pem_slice(made.cert.pem().as_bytes()).unwrap()
}

/// A connection to who has this certificate; `None` when the server shows another.
pub(crate) async fn tls(address: &str, trusted: &CertificateDer<'static>) -> Option<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.ok()
}
