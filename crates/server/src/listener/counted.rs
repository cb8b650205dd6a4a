//! A stream that holds its place among the connections until it is dropped, also after an upgrade.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use prometheus_client::metrics::gauge::Gauge;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::task::task_tracker::TaskTrackerToken;

/// One of the places for connections.
pub(super) struct Place {
    _permit: OwnedSemaphorePermit,
    _running: TaskTrackerToken,
    taken: Gauge,
}

impl Place {
    pub(super) fn new(permit: OwnedSemaphorePermit, running: TaskTrackerToken, taken: &Gauge) -> Self {
        taken.inc();
        Self { _permit: permit, _running: running, taken: taken.clone() }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.taken.dec();
    }
}

pub(super) struct Counted {
    // Before the place, so that the socket is closed when the place becomes free.
    stream: TcpStream,
    /// Bytes read since [`Counted::was_opened`].
    unopened: usize,
    _place: Place,
}

impl Counted {
    pub(super) fn new(stream: TcpStream, place: Place) -> Self {
        Self { stream, unopened: 0, _place: place }
    }

    /// Bytes read since what they say was taken by whoever reads through TLS.
    pub(super) fn unopened(&self) -> usize {
        self.unopened
    }

    /// What TLS made of the bytes was taken.
    pub(super) fn was_opened(&mut self) {
        self.unopened = 0;
    }

    fn stream(self: Pin<&mut Self>) -> Pin<&mut TcpStream> {
        Pin::new(&mut self.get_mut().stream)
    }
}

impl AsyncRead for Counted {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = into.filled().len();
        ready!(Pin::new(&mut this.stream).poll_read(cx, into))?;
        this.unopened += into.filled().len() - before;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Counted {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.stream().poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_shutdown(cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream().poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
