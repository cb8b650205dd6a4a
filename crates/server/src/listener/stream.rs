//! A connection as it was accepted: plain, or under TLS. What TLS keeps of it is known, so that whoever counts what a connection costs
//! can count that as well.
//!
//! rustls bounds it: a record that has not ended (18 KiB), one that was not read (16 KiB), and [`UNSENT`] for what the peer does not
//! take.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::counted::Counted;

/// Bytes that TLS takes before the peer takes any: one record. Left alone it takes 64 KiB, and whoever waits behind it would be told
/// later that the peer reads too slowly.
const UNSENT: usize = 16 * 1024;

/// The longest record there is, with its header and what encryption adds (RFC 5246 section 6.2.3). More than this is never kept of
/// one that has not ended: what was read beyond it were records without content.
const RECORD: usize = 18 * 1024;

/// A connection.
pub struct Stream(Kind);

enum Kind {
    Plain(Counted),
    /// Boxed, because TLS is many times as large as the rest.
    Sealed(Box<TlsStream<Counted>>),
}

impl Stream {
    pub(super) fn plain(stream: Counted) -> Self {
        Self(Kind::Plain(stream))
    }

    /// Shakes hands.
    pub(super) async fn sealed(acceptor: TlsAcceptor, stream: Counted) -> io::Result<Self> {
        let accepting = acceptor.accept_with(stream, |connection| connection.set_buffer_limit(Some(UNSENT)));
        let mut tls = Box::new(accepting.await?);
        // The handshake is over, and none of it is kept.
        tls.get_mut().0.was_opened();
        Ok(Self(Kind::Sealed(tls)))
    }

    /// Bytes that TLS keeps: what the peer does not take, what was not read, and a record that has not ended.
    pub fn kept(&mut self) -> usize {
        let Kind::Sealed(tls) = &mut self.0 else { return 0 };
        let (stream, connection) = tls.get_mut();
        let Ok(state) = connection.process_new_packets() else { return 0 };
        state.tls_bytes_to_write() + state.plaintext_bytes_to_read().max(stream.unopened().min(RECORD))
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().0 {
            Kind::Plain(stream) => Pin::new(stream).poll_read(cx, into),
            Kind::Sealed(tls) => {
                let before = into.filled().len();
                ready!(Pin::new(&mut **tls).poll_read(cx, into))?;
                if into.filled().len() > before {
                    tls.get_mut().0.was_opened();
                }
                Poll::Ready(Ok(()))
            }
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.get_mut().0 {
            Kind::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Kind::Sealed(tls) => Pin::new(&mut **tls).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().0 {
            Kind::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Kind::Sealed(tls) => Pin::new(&mut **tls).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().0 {
            Kind::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Kind::Sealed(tls) => Pin::new(&mut **tls).poll_shutdown(cx),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match &mut self.get_mut().0 {
            Kind::Plain(stream) => Pin::new(stream).poll_write_vectored(cx, parts),
            Kind::Sealed(tls) => Pin::new(&mut **tls).poll_write_vectored(cx, parts),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match &self.0 {
            Kind::Plain(stream) => stream.is_write_vectored(),
            Kind::Sealed(tls) => tls.is_write_vectored(),
        }
    }
}
