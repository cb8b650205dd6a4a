//! The types of `wigwag.h`.

use std::ffi::{c_char, c_void};
use std::ptr::null;

/// What every function gives, and every reply.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WigwagResult {
    /// Done; for a request: on its way, and its callback will be called.
    Ok = 0,
    /// A pointer that must not be NULL is NULL.
    NullPointer = 1,
    /// A text is not UTF-8.
    NotUtf8 = 2,
    /// An argument breaks a rule; wigwag_last_error() says which.
    InvalidArgument = 3,
    /// The handle is of no client: it was closed, or never opened.
    UnknownClient = 4,
    /// Too many clients, or too many requests without a reply; try again later.
    Busy = 5,
    /// This function waits, so it must not be called from a callback.
    InCallback = 6,
    /// The library was used before this process was forked; it works in the parent only.
    Forked = 7,
    /// The library failed inside; nothing was done. A bug of ours.
    Panicked = 8,
    /// The operating system gave no thread or no file.
    System = 9,
    /// The server said no; the reply's code and reason say why.
    Refused = 20,
    /// No reply came in time. The command may or may not have been carried out.
    TimedOut = 21,
    /// The connection was lost before the reply, and the command is not one that can be repeated safely. It may have been carried out.
    Disconnected = 22,
    /// The client has stopped; the reply's reason says why.
    Stopped = 23,
    /// The reply cannot be read by this version.
    Unreadable = 24,
}

/// A text: `length` bytes of UTF-8. Texts that the library gives are followed by a NUL which is not counted, and are valid until the
/// callback returns that they were given to; texts that an app gives need no NUL, and are copied. `{NULL, 0}` is an empty text. The app's
/// own payloads may contain NULs.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct WigwagText {
    /// The bytes.
    pub bytes: *const c_char,
    /// How many.
    pub length: usize,
}

impl WigwagText {
    /// The empty text.
    pub(crate) const EMPTY: Self = Self { bytes: null(), length: 0 };
}

/// Names one client. A number, not a pointer: one that was closed is refused with WIGWAG_RESULT_UNKNOWN_CLIENT, even when others have been
/// opened since. `{0}` is never one.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WigwagClient {
    /// Not for apps to read.
    pub id: u64,
}

/// What happened. Numbers may be added; pass over those you do not know.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WigwagEventType {
    /// A connection is being made, for the first time or again.
    Connecting = 1,
    /// Signed in. `json` is `{"userID": …, "serverTime": …}`.
    Connected = 2,
    /// The connection was lost and will be made again after `trouble.retry_after_ms`.
    Reconnecting = 3,
    /// The client will not connect again; `trouble` says why. Close it. Requests give WIGWAG_RESULT_STOPPED.
    Stopped = 4,
    /// The stream starts anew (first sign-in of a device, or it was away for too long). `json` is `{"why": "noCursor" | "cursorTooOld",
    /// "openInvitations": […]}`; invitations that wait for this user follow as INVITATION_RECEIVED.
    Resynced = 5,
    /// The cursor file could not be written; told once until it can. Events may be told again after a restart.
    CursorNotStored = 6,
    /// Somebody is invited. In a group every member is told: look whether you are among `invitees`.
    InvitationReceived = 10,
    /// An invitee accepted: `invitees` is the one.
    InvitationAccepted = 11,
    /// An invitee rejected, or left the group: `invitees` is the one.
    InvitationRejected = 12,
    /// The inviter took it back, left the group or dismissed it. `invitees` are those who need not answer any more; with `still_open` there
    /// are others who are still asked: go on ringing unless you are among `invitees`.
    InvitationCancelled = 13,
    /// The deadline passed. `invitees` are those who had not answered. Comes at the deadline also while this device is offline.
    InvitationTimedOut = 14,
    /// Its data was replaced.
    InvitationModified = 15,
    /// Everything else: messages, groups, calls, users, and what a newer server tells. `name` is the type in docs/protocol.md, `json`
    /// the event.
    Other = 100,
}

/// What an event tells of an invitation.
#[repr(C)]
#[derive(Debug)]
pub struct WigwagInvitation {
    /// Its name.
    pub invite_id: WigwagText,
    /// Who invites.
    pub inviter: WigwagText,
    /// Empty one-to-one.
    pub group_id: WigwagText,
    /// See WigwagEventType; empty when its data was replaced.
    pub invitees: *const WigwagText,
    /// How many.
    pub invitee_count: usize,
    /// The payload of the invitation, of the answer or of the cancel.
    pub data: WigwagText,
    /// Seconds; 0 = no deadline. Of an invitation received only, else 0.
    pub timeout: u32,
    /// 1, 2, 3 …: how often the invitation has changed, this event included.
    pub version: u32,
    /// How long it still rings by the server's clock, ms; -1 without a deadline and on all but an invitation received.
    pub remaining_ms: i64,
    /// 1 when the app was told of this before: it rang at the sign-in already, or ended by itself while this device was offline. The
    /// event is news to those only who keep its message.
    pub told_before: u8,
    /// 1 when this need not ring: an invitation without a deadline that was more than a minute old at the sign-in. Apps use such
    /// invitations as messages.
    pub is_past: u8,
    /// 1 when a cancel took it back from some invitees only, and it goes on for the others.
    pub still_open: u8,
}

/// What went wrong.
#[repr(C)]
#[derive(Debug)]
pub struct WigwagTrouble {
    /// The number that the field knows (docs/protocol.md, "Errors"); 0 when nothing is wrong. Several reasons may share one.
    pub code: i32,
    /// 1 when the same can succeed later without being changed.
    pub retryable: u8,
    /// ms to wait before trying again; 0 when it is not known.
    pub retry_after_ms: u64,
    /// Tells apart what one number lumps together, such as "settled"; empty when nothing is wrong.
    pub reason: WigwagText,
    /// For developers.
    pub message: WigwagText,
}

/// Something that the app should know. Everything in it is valid until the callback returns.
#[repr(C)]
#[derive(Debug)]
pub struct WigwagEvent {
    /// What happened.
    pub event_type: WigwagEventType,
    /// 1 when a command of this user's caused it, on whichever device.
    pub by_self: u8,
    /// 1 when this device did it itself; only with `own_acts`.
    pub own: u8,
    /// The type in docs/protocol.md, such as "invitation.received"; of the client's own events "client.connected" and the like.
    pub name: WigwagText,
    /// Its place in the user's stream: 1, 2, 3 …; 0 for what the client tells by itself.
    pub cursor: u64,
    /// When it happened, server time in ms since 1970; 0 for what the client tells by itself.
    pub time_ms: u64,
    /// NULL unless the event is about an invitation.
    pub invitation: *const WigwagInvitation,
    /// NULL unless something is wrong: RECONNECTING, STOPPED, CURSOR_NOT_STORED.
    pub trouble: *const WigwagTrouble,
    /// The message that came, or that the action on an invitation left, as message.history shows it, JSON; else empty.
    pub message: WigwagText,
    /// Everything, as JSON: the params of the event in docs/protocol.md.
    pub json: WigwagText,
}

/// What became of a request. Everything in it is valid until the callback returns.
#[repr(C)]
#[derive(Debug)]
pub struct WigwagReply {
    /// WIGWAG_RESULT_OK, or what went wrong.
    pub result: WigwagResult,
    /// What went wrong; its code is 0 when the request was carried out.
    pub trouble: WigwagTrouble,
    /// The result in docs/protocol.md, JSON; of a refusal its `error` object; else empty.
    pub json: WigwagText,
}

/// Told what happens. Called from a thread of the library's, never twice at once for one client. It may call any function of the library
/// but wigwag_shutdown(), and should not be busy for long. It must not be left by an exception or a longjmp: that ends the process.
pub type WigwagOnEvent =
    Option<unsafe extern "C-unwind" fn(user: *mut c_void, client: WigwagClient, event: *const WigwagEvent)>;

/// Told that a token is needed, for the first sign-in or because the last one has expired: give one with wigwag_set_token(), now or later
/// from any thread. Not called again before one was given. Called like WigwagOnEvent.
pub type WigwagOnTokenNeeded = Option<unsafe extern "C-unwind" fn(user: *mut c_void, client: WigwagClient)>;

/// The last call for this client: `user` can be freed. Called like WigwagOnEvent.
pub type WigwagOnClosed = Option<unsafe extern "C-unwind" fn(user: *mut c_void, client: WigwagClient)>;

/// Told what became of a request, exactly once for each function that gave WIGWAG_RESULT_OK, at the latest when the client is closed.
/// Called like WigwagOnEvent; a reply may come before or after events of the same moment.
pub type WigwagOnReply =
    Option<unsafe extern "C-unwind" fn(user: *mut c_void, client: WigwagClient, reply: *const WigwagReply)>;

/// Given a text. Called once, before the function returns that it was given to, on the same thread.
pub type WigwagOnText = Option<unsafe extern "C-unwind" fn(user: *mut c_void, text: WigwagText)>;

/// Who signs in, and where. Set it to zero first (`WigwagOptions options = {0};`): zero is the default of everything that has one.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct WigwagOptions {
    /// `sizeof(WigwagOptions)`.
    pub size: usize,
    /// `ws://` or `wss://`; the path defaults to /v1/ws.
    pub url: WigwagText,
    /// A UserSig or JWT. May be empty when `on_token_needed` is given.
    pub token: WigwagText,
    /// Who is expected to sign in; a token of somebody else's is refused with 70013. Default: whoever the token is for.
    pub user_id: WigwagText,
    /// This device; keep it across restarts. Default: a new one.
    pub device_id: WigwagText,
    /// A file, which need not exist yet, in a folder which does: it keeps how far this device has read its events, so that after a restart
    /// it is told what happened meanwhile. One for each user and device. Default: each start begins with what is open.
    pub cursor_file: WigwagText,
    /// 1 iOS, 2 Android, 3 Windows, 4 macOS, 7 Linux … as in docs/protocol.md. Default: what this is compiled for.
    pub platform: u32,
    /// How long a request waits for its reply, reconnects included, ms. Default: 10,000.
    pub request_timeout_ms: u32,
    /// How long the first sign-in may take before the client stops, ms. Default: as long as it takes.
    pub connect_timeout_ms: u32,
    /// 1: what this device does to invitations is told as events, too, marked `own`.
    pub own_acts: u8,
    /// Must be given.
    pub on_event: WigwagOnEvent,
    /// May be NULL: then the client stops when the token has expired and wigwag_set_token() has given no other.
    pub on_token_needed: WigwagOnTokenNeeded,
    /// May be NULL.
    pub on_closed: WigwagOnClosed,
    /// Given to the three.
    pub user: *mut c_void,
}

/// Whom to invite, and how. Set it to zero first: zero is the default of everything that has one.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct WigwagInvite {
    /// `sizeof(WigwagInvite)`.
    pub size: usize,
    /// Default: a new one, which is given back at once. The same again, with the same content, is the same invitation.
    pub invite_id: WigwagText,
    /// wigwag_invite(): who is invited. Else empty.
    pub invitee: WigwagText,
    /// wigwag_invite_in_group(): the group. Else empty.
    pub group_id: WigwagText,
    /// wigwag_invite_in_group(): who is invited; those who are not members are left out and named in the reply.
    pub invitees: *const WigwagText,
    /// How many.
    pub invitee_count: usize,
    /// The app's own payload, at most 16 KiB by the server's default.
    pub data: WigwagText,
    /// Seconds; 0 = no deadline and no timeout.
    pub timeout: u32,
    /// 1: leaves no message, and reaches only users who are online; the same for all that follows from it.
    pub online_user_only: u8,
    /// Push settings, a JSON object that is kept as it is for the server's push adapters. Default: none.
    pub offline_push_info: WigwagText,
    /// What makes the invitation open a call: "audio", "video" or a word of the app's. Default: it opens none.
    pub media_type: WigwagText,
    /// With `media_type`: the room of a running call, to ring more people into it, or a name of the app's for a new one. Default: a new
    /// room.
    pub room_id: WigwagText,
}

/// Bytes of a WigwagInviteID: the longest inviteID and a NUL.
pub const WIGWAG_INVITE_ID_SIZE: usize = 129;

/// The name of an invitation, followed by a NUL; empty when there is none.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct WigwagInviteID {
    /// The text.
    pub text: [c_char; WIGWAG_INVITE_ID_SIZE],
}

/// Where the connection of a client stands.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WigwagState {
    /// A connection is being made, for the first time or again.
    Connecting = 1,
    /// Signed in.
    Connected = 2,
    /// The connection was lost and will be made again.
    Reconnecting = 3,
    /// The client will not connect again.
    Stopped = 4,
}

/// What a JSON value is.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WigwagJsonKind {
    /// `null`
    Null = 0,
    /// `false` or `true`: `number` is 0 or 1.
    Bool = 1,
    /// `integer` and `number`.
    Number = 2,
    /// `text`, unescaped.
    Text = 3,
    /// Its values follow, each with its `key`, then END.
    Object = 4,
    /// Its values follow, then END.
    Array = 5,
    /// The object or array that was begun last is complete.
    End = 6,
}

/// One step through a JSON text.
#[repr(C)]
#[derive(Debug)]
pub struct WigwagJson {
    /// What it is.
    pub kind: WigwagJsonKind,
    /// Its name in the object it is in; empty elsewhere.
    pub key: WigwagText,
    /// Of a text.
    pub text: WigwagText,
    /// Of a number: rounded towards zero, and kept within the type.
    pub integer: i64,
    /// Of a number or a bool.
    pub number: f64,
}

/// Given a JSON text step by step, before the function returns that it was given to, on the same thread.
pub type WigwagOnJson = Option<unsafe extern "C-unwind" fn(user: *mut c_void, json: *const WigwagJson)>;
