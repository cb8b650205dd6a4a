//! Clients: opened, closed, asked where they stand.

use std::ffi::{CStr, c_char};
use std::sync::Arc;
use std::time::Duration;

use wigwag_client::protocol::{DeviceId, IdError, Platform, UserId};
use wigwag_client::{Builder, Client, ConnectionState, FileCursor, Token};

use crate::abi::types::{WigwagClient, WigwagOptions, WigwagResult, WigwagState, WigwagText};
use crate::callback::{Listener, User, length_of};
use crate::guard::{Fault, guarded, in_callback, last_error};
use crate::life::{LatestToken, Life, Parts, Task, calls};
use crate::{foreign, library, registry};

/// The version of the library, such as "0.1.0".
#[unsafe(no_mangle)]
pub extern "C" fn wigwag_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// What went wrong last on this thread, for developers; empty when nothing has. Valid until the next function fails on this thread.
#[unsafe(no_mangle)]
pub extern "C" fn wigwag_last_error() -> *const c_char {
    last_error()
}

/// The name of a result, such as "WIGWAG_RESULT_OK"; of a number that is none, "WIGWAG_RESULT_UNKNOWN".
#[unsafe(no_mangle)]
pub extern "C" fn wigwag_result_name(result: i32) -> *const c_char {
    let known = NAMES.iter().find(|(known, _)| *known as i32 == result);
    known.map_or(c"WIGWAG_RESULT_UNKNOWN", |(_, name)| name).as_ptr()
}

const NAMES: [(WigwagResult, &CStr); 15] = [
    (WigwagResult::Ok, c"WIGWAG_RESULT_OK"),
    (WigwagResult::NullPointer, c"WIGWAG_RESULT_NULL_POINTER"),
    (WigwagResult::NotUtf8, c"WIGWAG_RESULT_NOT_UTF8"),
    (WigwagResult::InvalidArgument, c"WIGWAG_RESULT_INVALID_ARGUMENT"),
    (WigwagResult::UnknownClient, c"WIGWAG_RESULT_UNKNOWN_CLIENT"),
    (WigwagResult::Busy, c"WIGWAG_RESULT_BUSY"),
    (WigwagResult::InCallback, c"WIGWAG_RESULT_IN_CALLBACK"),
    (WigwagResult::Forked, c"WIGWAG_RESULT_FORKED"),
    (WigwagResult::Panicked, c"WIGWAG_RESULT_PANICKED"),
    (WigwagResult::System, c"WIGWAG_RESULT_SYSTEM"),
    (WigwagResult::Refused, c"WIGWAG_RESULT_REFUSED"),
    (WigwagResult::TimedOut, c"WIGWAG_RESULT_TIMED_OUT"),
    (WigwagResult::Disconnected, c"WIGWAG_RESULT_DISCONNECTED"),
    (WigwagResult::Stopped, c"WIGWAG_RESULT_STOPPED"),
    (WigwagResult::Unreadable, c"WIGWAG_RESULT_UNREADABLE"),
];

/// A text that ends with a NUL, such as a literal, as a WigwagText that points to it. NULL is an empty text.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wigwag_text(text: *const c_char) -> WigwagText {
    if text.is_null() {
        return WigwagText::EMPTY;
    }
    // SAFETY: the app gives a text that ends with a NUL.
    WigwagText { bytes: text, length: unsafe { length_of(text) } }
}

/// Opens a client: it signs in, and stays signed in across lost connections, until it is closed. Returns at once; `on_event` tells how it
/// goes. Requests can be made at once, and are sent when it is signed in. `client` is written before the first callback.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wigwag_client_open(
    options: *const WigwagOptions,
    client: *mut WigwagClient,
) -> WigwagResult {
    guarded(|| {
        foreign::check_pointer("client", client)?;
        // SAFETY: the app gives options that say how large they are.
        let options = unsafe { foreign::sized("options", options) }?;
        // SAFETY: the texts in them are the app's.
        let wish = unsafe { Wish::read(&options) }?;
        let mut held = library::hold();
        let threads = held.threads()?;
        let _inside = threads.io.enter();
        let (handle, task) = registry::insert(|handle| wish.open(handle, threads.clone()))?;
        // SAFETY: checked above.
        unsafe { foreign::write("client", client, handle) }?;
        threads.io.spawn(Task::run(task));
        Ok(())
    })
}

/// Closes a client: its session ends, and its handle is refused from now on. Requests without a reply get one with WIGWAG_RESULT_STOPPED,
/// then `on_closed` is called, and nothing after it. Returns when that is done; from within a callback, of whichever client, at once.
#[unsafe(no_mangle)]
pub extern "C" fn wigwag_client_close(client: WigwagClient) -> WigwagResult {
    guarded(|| {
        registry::remove(client)?.close();
        Ok(())
    })
}

/// Gives a token for the next sign-in: when `on_token_needed` asks, or ahead of it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wigwag_set_token(client: WigwagClient, token: WigwagText) -> WigwagResult {
    guarded(|| {
        // SAFETY: the text is the app's.
        let token = unsafe { foreign::text("token", token) }?;
        if token.is_empty() {
            return Err(Fault::argument("token is empty"));
        }
        registry::find(client)?.token.give(token);
        Ok(())
    })
}

/// Where the connection stands now.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wigwag_client_state(client: WigwagClient, state: *mut WigwagState) -> WigwagResult {
    guarded(|| {
        let now = match registry::find(client)?.client.state() {
            ConnectionState::Connecting => WigwagState::Connecting,
            ConnectionState::Connected { .. } => WigwagState::Connected,
            ConnectionState::Reconnecting { .. } => WigwagState::Reconnecting,
            ConnectionState::Stopped(_) => WigwagState::Stopped,
        };
        // SAFETY: the app gives room for a state.
        unsafe { foreign::write("state", state, now) }
    })
}

/// What the server's clock says now, ms since 1970, as far as the last sign-in told; 0 before the first one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wigwag_server_time(client: WigwagClient, time_ms: *mut u64) -> WigwagResult {
    guarded(|| {
        let now = registry::find(client)?.client.server_time().unwrap_or_default();
        // SAFETY: the app gives room for a number.
        unsafe { foreign::write("time_ms", time_ms, now) }
    })
}

/// Closes all clients and ends the library's threads, for programs that unload it or look for leaks. The library can be used again
/// afterwards. Must not be called from a callback.
#[unsafe(no_mangle)]
pub extern "C" fn wigwag_shutdown() -> WigwagResult {
    guarded(|| {
        if in_callback() {
            return Err(Fault::new(
                WigwagResult::InCallback,
                "wigwag_shutdown waits for all callbacks, so no callback may call it",
            ));
        }
        if !library::is_used() {
            // Nothing is to be ended, and a child may still use the library.
            return Ok(());
        }
        let mut held = library::hold();
        let (library, clients) = (held.take(), registry::remove_all());
        drop(held);
        for client in clients {
            client.close();
        }
        library.into_iter().for_each(library::Library::end);
        Ok(())
    })
}

/// The options, read and checked.
struct Wish {
    url: String,
    token: Option<String>,
    user_id: Option<UserId>,
    device_id: Option<DeviceId>,
    platform: Option<Platform>,
    cursor_file: String,
    own_acts: bool,
    request_timeout: Option<Duration>,
    connect_timeout: Option<Duration>,
    listener: Listener,
}

impl Wish {
    /// # Safety
    /// The texts are as the header says.
    unsafe fn read(options: &WigwagOptions) -> Result<Self, Fault> {
        // SAFETY: as the caller says, for each.
        let text = |name, given| unsafe { foreign::text(name, given) };
        let token = text("token", options.token)?;
        if options.on_event.is_none() {
            return Err(Fault::new(WigwagResult::NullPointer, "on_event is NULL"));
        }
        if token.is_empty() && options.on_token_needed.is_none() {
            return Err(Fault::argument("token is empty, and on_token_needed is NULL"));
        }
        let millis = |given: u32| (given > 0).then(|| Duration::from_millis(given.into()));
        Ok(Self {
            url: text("url", options.url)?,
            token: Some(token).filter(|token| !token.is_empty()),
            user_id: given(&text("user_id", options.user_id)?, UserId::parse)?,
            device_id: given(&text("device_id", options.device_id)?, DeviceId::parse)?,
            platform: platform_of(options.platform)?,
            cursor_file: text("cursor_file", options.cursor_file)?,
            own_acts: options.own_acts != 0,
            request_timeout: millis(options.request_timeout_ms),
            connect_timeout: millis(options.connect_timeout_ms),
            listener: Listener {
                on_event: options.on_event,
                on_token_needed: options.on_token_needed,
                on_closed: options.on_closed,
                user: User(options.user),
            },
        })
    }

    fn open(self, handle: WigwagClient, threads: library::Threads) -> Result<(Life, Task), Fault> {
        let calls = calls();
        let asks = self.listener.on_token_needed.map(|_| calls.0.downgrade());
        let token = Arc::new(LatestToken::new(self.token.clone(), asks));
        let (listener, connect_timeout) = (self.listener, self.connect_timeout);
        let asked = Arc::clone(&token);
        let provider = Token::provider(move || Arc::clone(&asked).next());
        let started = self.builder(provider).start().map_err(|why| Fault::argument(why.to_string()))?;
        Ok(Life::new(Parts { handle, listener, threads, token, calls, connect_timeout }, started))
    }

    fn builder(self, token: Token) -> Builder {
        let mut builder = Client::builder(self.url, token).own_acts(self.own_acts);
        if let Some(user_id) = self.user_id {
            builder = builder.user(user_id);
        }
        if let Some(device_id) = self.device_id {
            builder = builder.device_id(device_id);
        }
        if let Some(platform) = self.platform {
            builder = builder.platform(platform);
        }
        if !self.cursor_file.is_empty() {
            builder = builder.cursor_store(FileCursor::new(self.cursor_file));
        }
        if let Some(timeout) = self.request_timeout {
            builder = builder.request_timeout(timeout);
        }
        builder
    }
}

/// 0 leaves it to the client.
fn platform_of(number: u32) -> Result<Option<Platform>, Fault> {
    if number == 0 {
        return Ok(None);
    }
    let platform = u8::try_from(number).ok().and_then(Platform::new);
    let wrong = || Fault::argument("platform must be a number from 1 to 11, or 0");
    platform.map(Some).ok_or_else(wrong)
}

/// An identifier that may be left out.
pub(crate) fn given<T>(text: &str, read: fn(&str) -> Result<T, IdError>) -> Result<Option<T>, Fault> {
    (!text.is_empty()).then(|| parse(read(text))).transpose()
}

/// An identifier, or why it is none.
pub(crate) fn parse<T>(read: Result<T, IdError>) -> Result<T, Fault> {
    read.map_err(|why| Fault::argument(why.to_string()))
}
