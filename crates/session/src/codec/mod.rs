//! Codecs: protocols in which the same session can be spoken to.

pub mod native;
pub mod openim;

/// What a session keeps of a codec without looking into it.
pub trait Codec: std::fmt::Debug {
    /// Names a request, so that its reply can be told apart.
    type RequestId: std::fmt::Debug;
    /// What the codec answers to a frame that it cannot understand.
    type Fault: std::fmt::Debug;
}
