//! What may cross the border of a machine.

use wigwag_protocol::{DeviceId, Platform, UserId};

use crate::cursor::StreamPlace;
use crate::error::Error;
use crate::events::ClientEvent;

/// What a machine is told once.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Sent with the sign-in, to be told early when the token is another user's.
    pub user_id: Option<UserId>,
    /// This device.
    pub device_id: DeviceId,
    /// What kind of device it is.
    pub platform: Platform,
    /// The stored place.
    pub place: Option<StreamPlace>,
    /// Whether the app is told what this device did itself, as events marked `own`.
    pub own_acts: bool,
    /// Whether asking for a token again can give a new one.
    pub renews_token: bool,
    /// How long a command waits for its reply, ms, reconnects included.
    pub request_timeout: u64,
    /// Seed of the reconnect delays.
    pub seed: u64,
}

/// What happened outside.
#[derive(Debug)]
pub enum Input<'a> {
    /// Begin.
    Start,
    /// The provider gave a token, or says why not.
    Token(Result<String, String>),
    /// The connection asked for is there.
    Connected,
    /// A text frame came.
    Frame(&'a str),
    /// Another sign of life came, such as a ping.
    Alive,
    /// The connection, or the attempt to make one, ended.
    Disconnected {
        /// The close code, if the other side sent one.
        code: Option<u16>,
        /// For people.
        why: String,
    },
    /// The app's queue has room again.
    Room,
    /// The app's queue is full: the server's events cannot be taken until [`Input::Room`].
    Full,
    /// The app has taken over everything up to this cursor.
    Taken(u64),
    /// End for good.
    Stop,
}

/// What is to be done outside.
#[derive(Debug)]
pub enum Output {
    /// Ask the provider for a token. A request for one that is still under way is given up.
    FetchToken,
    /// Make a connection.
    Connect,
    /// Drop the connection, or the attempt to make one. Nothing more is expected from it.
    Disconnect,
    /// Send a text frame.
    Send(String),
    /// Tell the app.
    Tell(ClientEvent),
    /// Complete a command.
    Settle {
        /// What [`Machine::command`](super::Machine::command) gave.
        request: u64,
        /// The result as JSON text.
        outcome: Result<String, Error>,
    },
}
