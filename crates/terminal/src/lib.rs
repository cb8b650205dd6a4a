//! The line-oriented client behind `wigwag client`: for people at a terminal and for scripts through a pipe.
//!
//! At a terminal it edits lines and prints events above the prompt. From a pipe it carries out one command after the
//! other, prints results and events line by line, and `wait TYPE` takes the place of sleeping.

mod act;
mod calls;
mod command;
mod find;
mod lines;
#[cfg(test)]
#[expect(dead_code, reason = "the SDK's own tests use more of it")]
#[path = "../../client/src/scripted.rs"]
mod scripted;
mod session;
mod show;
#[cfg(test)]
mod tests;
mod usage;
mod words;

use std::fmt;
use std::io::{self, IsTerminal};
use std::path::PathBuf;

use wigwag_client::{Client, Error, FileCursor, StopReason, Token};
use wigwag_protocol::{DeviceId, Platform};

use self::lines::Screen;
use self::session::Session;

/// Who signs in where, and how to print.
#[derive(Debug, Clone)]
pub struct TerminalOptions {
    /// The server: `ws://` or `wss://`; the path defaults to `/v1/ws`.
    pub url: String,
    /// The user's token, or a way to get one.
    pub token: Token,
    /// This device.
    pub device_id: DeviceId,
    /// What kind of device it is.
    pub platform: Platform,
    /// Where the cursor is kept; `None` starts at the head of the stream each time.
    pub cursor_file: Option<PathBuf>,
    /// Print one JSON object per line instead of text.
    pub json: bool,
}

/// Why the terminal client ended badly.
#[derive(Debug)]
pub enum TerminalError {
    /// The client could not start, or the server could not be reached from a script.
    Client(Error),
    /// The server ended the session for good, or refused the sign-in.
    Stopped(StopReason),
    /// Commands from a pipe failed; each was printed.
    CommandsFailed(u32),
    /// The terminal or the pipe could not be read or written.
    Io(io::Error),
}

impl fmt::Display for TerminalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Client(error) => error.fmt(f),
            Self::Stopped(reason) => reason.fmt(f),
            Self::CommandsFailed(1) => f.write_str("a command failed"),
            Self::CommandsFailed(count) => write!(f, "{count} commands failed"),
            Self::Io(error) => write!(f, "the terminal cannot be used: {error}"),
        }
    }
}

impl std::error::Error for TerminalError {}

impl From<io::Error> for TerminalError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Runs until `quit`, the end of the input, or a final refusal of the server. Interactive when standard input and output
/// are terminals and `json` is off.
pub async fn run(options: TerminalOptions) -> Result<(), TerminalError> {
    let interactive = !options.json && io::stdin().is_terminal() && io::stdout().is_terminal();
    let (lines, screen) = if interactive {
        lines::prompted()?
    } else {
        (lines::piped(), Screen::Plain(Box::new(io::stdout())))
    };
    match start(options, screen, interactive)?.run(lines).await {
        // Whoever read the output has seen enough, as `head` does.
        Err(TerminalError::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        ended => ended,
    }
}

fn start(options: TerminalOptions, screen: Screen, interactive: bool) -> Result<Session, TerminalError> {
    let mut builder = Client::builder(options.url.clone(), options.token)
        .device(options.device_id.clone(), options.platform);
    if let Some(file) = options.cursor_file {
        builder = builder.cursor_store(FileCursor::new(file));
    }
    let started = builder.start().map_err(TerminalError::Client)?;
    Ok(Session::new(
        started,
        screen,
        session::Manner { interactive, json: options.json },
        options.url,
        options.device_id,
    ))
}
