//! The connection behind two verbs, so that another transport can take its place.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use futures_util::{SinkExt, StreamExt};
use wigwag_session::session::Ending;

/// A device that does not take a frame for this long is gone.
const SEND_LIMIT: Duration = Duration::from_secs(20);
/// How long a closing handshake may take.
const CLOSE_LIMIT: Duration = Duration::from_secs(2);

/// A WebSocket.
pub(super) struct Socket(pub(super) WebSocket);

/// What came in.
pub(super) enum Heard {
    /// A request.
    Text(Utf8Bytes),
    /// A ping or pong: the device lives.
    Sign,
    /// A binary frame, which the protocol does not have.
    Binary,
    /// A frame over the hard limit; the connection cannot be read any further.
    TooLarge,
    /// The connection is over.
    Gone,
}

/// The connection is over.
#[derive(Debug)]
pub(super) struct Gone;

impl Socket {
    /// The next frame. Nothing is lost when the future is dropped.
    pub(super) async fn hear(&mut self) -> Heard {
        match self.0.next().await {
            Some(Ok(Message::Text(text))) => Heard::Text(text),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Heard::Sign,
            Some(Ok(Message::Binary(_))) => Heard::Binary,
            Some(Err(error)) => lost(error),
            Some(Ok(Message::Close(_))) | None => Heard::Gone,
        }
    }

    /// Sends a frame.
    pub(super) async fn say(&mut self, text: String) -> Result<(), Gone> {
        self.put(text).await?;
        self.flush().await
    }

    /// Adds a frame to what the next flush sends.
    pub(super) async fn put(&mut self, text: String) -> Result<(), Gone> {
        in_time(self.0.feed(Message::Text(text.into()))).await
    }

    /// Sends what was put.
    pub(super) async fn flush(&mut self) -> Result<(), Gone> {
        in_time(self.0.flush()).await
    }

    /// Asks whether the device lives.
    pub(super) async fn ping(&mut self) -> Result<(), Gone> {
        in_time(self.0.send(Message::Ping(Vec::new().into()))).await
    }

    /// Says why, and waits a moment for the device to say so too.
    pub(super) async fn close(mut self, ending: Ending) {
        let frame = match ending {
            Ending::Code(code) => CloseFrame { code: code.number(), reason: code.reason().into() },
            // WebSocket's own code for it.
            Ending::TooLarge => CloseFrame { code: 1009, reason: "frame over the hard limit".into() },
        };
        let closing = async {
            if self.0.send(Message::Close(Some(frame))).await.is_ok() {
                while let Some(Ok(_)) = self.0.next().await {}
            }
        };
        // A device that does not answer has had its chance.
        tokio::time::timeout(CLOSE_LIMIT, closing).await.ok();
    }
}

fn lost(error: axum::Error) -> Heard {
    let inner = error.into_inner();
    let too_large =
        matches!(inner.downcast_ref::<tungstenite::Error>(), Some(tungstenite::Error::Capacity(_)));
    if too_large { Heard::TooLarge } else { Heard::Gone }
}

async fn in_time(sending: impl Future<Output = Result<(), axum::Error>>) -> Result<(), Gone> {
    match tokio::time::timeout(SEND_LIMIT, sending).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(Gone),
    }
}
