//! Connections that speak the native protocol.

use wigwag_protocol::ErrorBody;
use wigwag_protocol::frame::RequestId;
use wigwag_session::codec::native::{self, Native, Unread, write};
use wigwag_session::greeting::Opened;
use wigwag_session::{FirstAsked, Refused};

use super::Arrived;
use super::greeting::{First, Turned, Welcome, Welcomed, greet};
use super::session::Driver;

/// Greets a device and lets its session live.
pub(super) async fn serve(arrived: Arrived) {
    let Arrived { gateway, connection, socket, newcomer } = arrived;
    // Boxed, because the greeting is over soon and the task keeps the room of its largest part.
    let Some(welcomed) = Box::pin(greet(&gateway, socket, connection, Plain)).await else { return };
    newcomer.has_signed_in();
    drop((newcomer, gateway));
    let Welcomed { gateway, mut socket, guest, opened, .. } = welcomed;
    let Opened { id, reply, session } = opened;
    gateway.rings.opened(&guest.actor, reply.open_invitations.as_deref().unwrap_or_default());
    socket.put(write::opened(id, reply));
    Box::new(Driver::new(gateway, socket, guest, session)).run().await;
}

/// The native protocol before the sign-in.
struct Plain;

impl Welcome for Plain {
    type Codec = Native;

    fn hear(&mut self, text: &str, most: usize) -> First<Native> {
        match native::read(text, most) {
            Ok(request) => {
                let asked = request.asks_first();
                First { id: request.id, asked, unread: None }
            }
            Err(Unread { id, error }) => {
                let unread = Some(error.data.reason);
                First { id, asked: FirstAsked::Wrong(error), unread }
            }
        }
    }

    fn refuse(&self, id: Option<RequestId>, refused: Refused<ErrorBody>) -> Turned {
        let error = native::error_of(refused);
        Turned { reason: error.data.reason, frames: vec![write::error(id, &error)] }
    }
}
