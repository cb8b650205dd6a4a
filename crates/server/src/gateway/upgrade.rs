//! The way from HTTP to WebSocket (RFC 6455 section 4.2).

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tungstenite::handshake::server::create_response_with_body;

use crate::listener::Stream;

/// A request that may become a WebSocket.
pub(super) struct Upgrade {
    response: Response,
    becoming: OnUpgrade,
}

impl Upgrade {
    /// Reads the request, or says what is wrong with it.
    pub(super) fn of(mut request: Request) -> Result<Self, Box<Response>> {
        let response =
            create_response_with_body(&request, Body::empty).map_err(|error| Box::new(refusal(&error)))?;
        let becoming = request.extensions_mut().remove::<OnUpgrade>();
        let becoming = becoming
            .ok_or_else(|| Box::new(text(StatusCode::BAD_REQUEST, "this connection cannot be upgraded\n")))?;
        Ok(Self { response, becoming })
    }

    /// The answer, and what the connection becomes. `None` when it has ended before.
    pub(super) fn accept(self) -> (Response, impl Future<Output = Option<Upgraded>>) {
        let Self { response, becoming } = self;
        let becoming = async move {
            // The listener serves nothing but its own streams.
            let parts = becoming.await.ok()?.downcast::<TokioIo<Stream>>().ok()?;
            // Copied, because even an empty rest keeps the whole buffer of the headers in memory.
            let early = Bytes::copy_from_slice(&parts.read_buf);
            Some(Upgraded { stream: parts.io.into_inner(), early })
        };
        (response, becoming)
    }
}

/// A connection that was upgraded.
pub(super) struct Upgraded {
    pub(super) stream: Stream,
    /// What came right behind the request.
    pub(super) early: Bytes,
}

fn refusal(error: &tungstenite::Error) -> Response {
    let mut response = text(StatusCode::UPGRADE_REQUIRED, format!("this is a WebSocket: {error}\n"));
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    response
}

fn text(status: StatusCode, text: impl IntoResponse) -> Response {
    (status, text).into_response()
}
