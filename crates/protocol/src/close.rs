//! WebSocket close codes. 4000–4499: reconnect and resume with your cursor. 4500–4999: do not reconnect by yourself.

/// Why the server ended a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub enum CloseCode {
    /// The device was slower than its bounded mailbox, or made another connection while this one signed in. Nothing is lost: resume.
    Resume = 4000,
    /// The node is stopping. Resume, on this address or another node.
    ResumeElsewhere = 4001,
    /// No `session.open` within 10 s, or half of one while too many others had sent half of theirs.
    OpenTimeout = 4002,
    /// Nothing was heard from the device for longer than the idle limit.
    Idle = 4003,
    /// The store could not be read while catching up. Resume a little later.
    StoreUnavailable = 4004,
    /// The same deviceID opened another session.
    Replaced = 4500,
    /// The user has too many sessions, or too many on this platform: this was the oldest.
    PlatformLimit = 4501,
    /// The token expired, or was taken back, while the session was open. Get a new one, then reconnect.
    TokenExpired = 4502,
    /// Sign-in was refused; the error reply before the close says why.
    SignInRefused = 4503,
    /// A frame that is not text, or more and more frames that ask for nothing that can be done, although the device was told to wait.
    /// What breaks WebSocket itself ends the connection with WebSocket's own 1002, 1007 or 1009.
    ProtocolViolation = 4504,
    /// The client asked for it with `session.close`.
    Closed = 4505,
}

impl CloseCode {
    /// Every code, in numeric order.
    pub const ALL: [Self; 11] = [
        Self::Resume,
        Self::ResumeElsewhere,
        Self::OpenTimeout,
        Self::Idle,
        Self::StoreUnavailable,
        Self::Replaced,
        Self::PlatformLimit,
        Self::TokenExpired,
        Self::SignInRefused,
        Self::ProtocolViolation,
        Self::Closed,
    ];

    /// The number on the wire.
    pub const fn number(self) -> u16 {
        self as u16
    }

    /// Whether a client should reconnect by itself. Any other code, such as 1006, means yes.
    pub const fn may_reconnect(number: u16) -> bool {
        !(number >= 4500 && number <= 4999)
    }

    /// The reason text sent with the code.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Resume => "resume with your cursor",
            Self::ResumeElsewhere => "server is stopping: resume",
            Self::OpenTimeout => "no session.open in time",
            Self::Idle => "idle for too long",
            Self::StoreUnavailable => "store unavailable: resume later",
            Self::Replaced => "this deviceID connected again",
            Self::PlatformLimit => "too many sessions",
            Self::TokenExpired => "token expired or revoked: sign in with a new one",
            Self::SignInRefused => "sign-in refused",
            Self::ProtocolViolation => "protocol violation",
            Self::Closed => "closed as asked",
        }
    }
}
