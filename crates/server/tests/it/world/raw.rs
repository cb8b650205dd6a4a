//! A connection of which a test writes every byte, for what no WebSocket library would send.

use serde_json::json;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

use super::{Device, PATIENCE, request};

const UPGRADE: &[u8] = b"GET /v1/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/// The first byte of a text message that is whole.
pub(crate) const TEXT: u8 = 0x81;
/// The first byte of a close frame.
const CLOSE: u8 = 0x88;
/// The bit of the second byte that says that a mask follows.
const MASKED: u8 = 0x80;
/// What stands in the place of a length of 126 bytes and more.
const TWO_BYTES_OF_LENGTH: u8 = 0x7E;

/// A record of application data that announces 16,384 bytes (RFC 8446 section 5.1).
const RECORD_BEGINS: [u8; 5] = [0x17, 3, 3, 0x40, 0];

/// A connection that has become a WebSocket.
pub(crate) struct Raw<S = TcpStream>(S);

impl Raw {
    /// Connects without TLS.
    pub(crate) async fn connects(address: &str) -> Self {
        Self::upgrades(TcpStream::connect(address).await.unwrap()).await
    }

    /// Connects without TLS and signs in as this device would.
    pub(crate) async fn signs_in(device: &Device, address: &str) -> Self {
        let mut raw = Self::connects(address).await;
        raw.opens(device).await;
        raw
    }
}

impl Raw<TlsStream<TcpStream>> {
    /// Sends so many bytes of a record of TLS that has more, below TLS.
    pub(crate) async fn begins_a_record(&mut self, bytes: usize) {
        let mut record = RECORD_BEGINS.to_vec();
        record.resize(bytes, 0);
        self.0.get_mut().0.write_all(&record).await.unwrap();
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Raw<S> {
    /// Asks for a WebSocket, and reads the answer to its end.
    pub(crate) async fn upgrades(mut stream: S) -> Self {
        stream.write_all(UPGRADE).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(stream.read_u8().await.unwrap());
        }
        Self(stream)
    }

    /// Signs in as this device would.
    pub(crate) async fn opens(&mut self, device: &Device) {
        let open = request(&json!(1), "session.open", &device.opening());
        self.sends(&frame(TEXT, open.as_bytes())).await;
        let (first, reply) = self.hears().await;
        let reply = String::from_utf8(reply).unwrap();
        assert!(first == TEXT && reply.contains("\"result\""), "{reply}");
    }

    /// Sends these bytes.
    pub(crate) async fn sends(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
    }

    /// Sends these bytes, if the server takes them all before it ends the connection.
    pub(crate) async fn can_send(&mut self, bytes: &[u8]) -> bool {
        timeout(PATIENCE, self.0.write_all(bytes)).await.expect("the server takes them or ends it").is_ok()
    }

    /// The next frame: its first byte and its payload.
    pub(crate) async fn hears(&mut self) -> (u8, Vec<u8>) {
        timeout(PATIENCE, self.reads_a_frame()).await.expect("the server says something")
    }

    async fn reads_a_frame(&mut self) -> (u8, Vec<u8>) {
        let first = self.0.read_u8().await.unwrap();
        let length = match self.0.read_u8().await.unwrap() {
            126 => usize::from(self.0.read_u16().await.unwrap()),
            127 => usize::try_from(self.0.read_u64().await.unwrap()).unwrap(),
            short => usize::from(short),
        };
        let mut payload = vec![0; length];
        self.0.read_exact(&mut payload).await.unwrap();
        (first, payload)
    }

    /// A close frame with this code, and then the end of the connection in order: a client whose connection is reset may never
    /// see the code.
    pub(crate) async fn is_closed_with(&mut self, code: u16) {
        let (first, payload) = self.hears().await;
        assert_eq!((first, &payload[..2]), (CLOSE, &code.to_be_bytes()[..]), "{payload:?}");
        self.sends(&frame(CLOSE, &code.to_be_bytes())).await;
        self.0.shutdown().await.unwrap();
        let mut rest = Vec::new();
        timeout(PATIENCE, self.0.read_to_end(&mut rest)).await.expect("the server ends it").unwrap();
        assert!(rest.is_empty(), "{rest:?}");
    }
}

/// A frame as a client sends it: `first` has the bits and the opcode. The mask is zero, so the payload can be read as it is.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    if let Ok(short @ 0..126) = u8::try_from(payload.len()) {
        frame.push(MASKED | short);
    } else {
        frame.push(MASKED | TWO_BYTES_OF_LENGTH);
        frame.extend(u16::try_from(payload.len()).unwrap().to_be_bytes());
    }
    frame.extend([0; 4]);
    frame.extend(payload);
    frame
}
