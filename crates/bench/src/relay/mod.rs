//! The baseline: the same frames over the same library and settings as the server, and nothing else. No store, no rules,
//! no tokens: each request is read, answered to its sender, and told to the other of the two.

mod frames;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use anyhow::{Context, Result};
use axum::Router;
use axum::extract::State;
use axum::extract::ws::{Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::get;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use wigwag_protocol::UserId;

/// The server's read buffer, bytes: large enough for any usual frame, small enough for many connections.
const READ_BUFFER: usize = 512;

/// Frames that may wait for a device; a pair has at most two on the way.
const MAILBOX: usize = 64;

/// One signed-in connection.
struct Device {
    user: UserId,
    cursor: AtomicU64,
    mailbox: Sender<Utf8Bytes>,
    /// The other of the two: a caller calls one callee only.
    peer: OnceLock<Arc<Device>>,
    /// Messages in the conversation of the two, counted at the caller.
    messages: AtomicU64,
}

impl Device {
    fn next_cursor(&self) -> u64 {
        self.cursor.fetch_add(1, Ordering::Relaxed) + 1
    }
}

type Devices = Arc<Mutex<HashMap<UserId, Arc<Device>>>>;

/// Serves until it is killed; prints its address first.
#[tokio::main]
pub(crate) async fn run() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await.context("cannot listen")?;
    println!("relay on ws://{}/v1/ws", listener.local_addr()?);
    let listener = listener.tap_io(|socket| {
        if let Err(error) = socket.set_nodelay(true) {
            eprintln!("cannot set TCP_NODELAY: {error}");
        }
    });
    let app = Router::new().route("/v1/ws", get(upgrade)).with_state(Devices::default());
    axum::serve(listener, app).await.context("cannot serve")
}

async fn upgrade(upgrade: WebSocketUpgrade, State(devices): State<Devices>) -> Response {
    upgrade.read_buffer_size(READ_BUFFER).write_buffer_size(0).on_upgrade(move |socket| async move {
        if let Err(error) = serve(socket, &devices).await {
            eprintln!("connection ended: {error:#}");
        }
    })
}

async fn serve(mut socket: WebSocket, devices: &Devices) -> Result<()> {
    let Some(first) = next_text(&mut socket).await else { return Ok(()) };
    let (device, mailbox) = sign_in(&mut socket, &first, devices).await?;
    let outcome = relay(&mut socket, &device, mailbox, devices).await;
    lock(devices).remove(device.user.as_str());
    outcome
}

async fn sign_in(
    socket: &mut WebSocket,
    first: &str,
    devices: &Devices,
) -> Result<(Arc<Device>, Receiver<Utf8Bytes>)> {
    let (reply, user) = frames::open(first)?;
    let (sender, mailbox) = channel(MAILBOX);
    let device = Arc::new(Device {
        user,
        cursor: AtomicU64::new(0),
        mailbox: sender,
        peer: OnceLock::new(),
        messages: AtomicU64::new(0),
    });
    lock(devices).insert(device.user.clone(), Arc::clone(&device));
    socket.send(Message::text(reply)).await?;
    Ok((device, mailbox))
}

/// One task: whatever comes first of a request and a frame for this device.
async fn relay(
    socket: &mut WebSocket,
    device: &Arc<Device>,
    mut mailbox: Receiver<Utf8Bytes>,
    devices: &Devices,
) -> Result<()> {
    loop {
        tokio::select! {
            text = next_text(socket) => {
                let Some(text) = text else { return Ok(()) };
                let reply = answer(&text, device, devices).await?;
                socket.send(Message::text(reply)).await?;
            }
            pushed = mailbox.recv() => {
                let Some(pushed) = pushed else { return Ok(()) };
                socket.send(Message::Text(pushed)).await?;
            }
        }
    }
}

/// Pushes the event to the other and returns the reply.
async fn answer(text: &str, device: &Arc<Device>, devices: &Devices) -> Result<String> {
    let command = frames::Command::read(text)?;
    let peer = match &command {
        frames::Command::Invite(_, params) => Some(callee(device, &params.invitee, devices)?),
        frames::Command::Accept(..) => device.peer.get(),
        frames::Command::InviteInGroup(..) => None,
    };
    // Whoever was not called is in the group of all.
    let Some(peer) = peer else { return tell_all(command, device, devices) };
    let caller = if matches!(command, frames::Command::Invite(..)) { device } else { peer };
    let place = frames::Place {
        sender: device.next_cursor(),
        peer: peer.next_cursor(),
        message: caller.messages.fetch_add(1, Ordering::Relaxed) + 1,
    };
    let (reply, event) = command.answer(&device.user, &peer.user, &place)?;
    peer.mailbox.send(event.into()).await.context("the other has gone")?;
    Ok(reply)
}

/// Tells everybody else the same text, in a task of its own: this one has to empty its mailbox meanwhile.
fn tell_all(command: frames::Command, device: &Device, devices: &Devices) -> Result<String> {
    let place = frames::Place { sender: device.next_cursor(), peer: 1, message: 1 };
    let (reply, event) = command.answer(&device.user, &device.user, &place)?;
    let event = Utf8Bytes::from(event);
    let others =
        lock(devices).values().filter(|other| other.user != device.user).cloned().collect::<Vec<_>>();
    tokio::spawn(async move {
        for other in others {
            // Who has gone hears nothing.
            other.mailbox.send(event.clone()).await.ok();
        }
    });
    Ok(reply)
}

fn callee<'a>(caller: &'a Arc<Device>, user: &UserId, devices: &Devices) -> Result<&'a Arc<Device>> {
    if let Some(callee) = caller.peer.get() {
        return Ok(callee);
    }
    let callee = lock(devices).get(user).cloned().with_context(|| format!("{user} is not here"))?;
    callee.peer.get_or_init(|| Arc::clone(caller));
    Ok(caller.peer.get_or_init(|| callee))
}

async fn next_text(socket: &mut WebSocket) -> Option<Utf8Bytes> {
    loop {
        match socket.recv().await?.ok()? {
            Message::Text(text) => return Some(text),
            Message::Close(_) => return None,
            Message::Binary(_) | Message::Ping(_) | Message::Pong(_) => {}
        }
    }
}

fn lock(devices: &Devices) -> std::sync::MutexGuard<'_, HashMap<UserId, Arc<Device>>> {
    devices.lock().unwrap_or_else(PoisonError::into_inner)
}
