//! The entrance for OpenIM's JavaScript clients, unmodified (docs/decisions/0009-openim.md).
//!
//! The greeting and the session are those of every connection. What is OpenIM's own is here and in `codec::openim`: a request is
//! carried out as a small program over the door, and an event is told with what has to be looked up for it.

mod calls;
mod chat;
mod driver;
mod followed;
mod groups;
mod lookup;
mod people;
mod places;
mod program;
mod telling;
mod unread;
mod welcome;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::Response;

use super::greeting::greet;
use super::{Arrived, Gateway, upgrade};
use crate::listener::Newcomer;
use driver::Driver;
use welcome::Hello;

pub use places::Places;

/// `GET /openim`, and any path below it. The query has a token in it, which nobody reads or logs: the client says it again.
pub async fn connect(
    State(gateway): State<Arc<Gateway>>,
    Extension(newcomer): Extension<Newcomer>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let hello = Hello::by_query(request.uri().query().unwrap_or_default());
    upgrade(gateway, newcomer, peer, request, move |arrived| serve(arrived, hello))
}

async fn serve(arrived: Arrived, hello: Hello) {
    let Arrived { gateway, connection, socket, newcomer } = arrived;
    // Boxed, because the greeting is over soon and the task keeps the room of its largest part.
    let Some(welcomed) = Box::pin(greet(&gateway, socket, connection, hello)).await else { return };
    newcomer.has_signed_in();
    drop((newcomer, gateway));
    if let Some(driver) = Driver::new(welcomed) {
        driver.run().await;
    }
}
