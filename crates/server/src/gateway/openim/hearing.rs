//! What a device says, in whatever state its session is: requests are carried out one after the other, and those that come meanwhile
//! wait with the time at which they came.

use wigwag_session::Session;
use wigwag_session::codec::openim::OpenIm;
use wigwag_session::session::Input;

use crate::gateway::ahead::Ahead;
use crate::gateway::socket::Heard;

/// What else may come from a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ear {
    /// Anything.
    Open,
    /// Nothing: it broke a rule, and its session ends.
    Shut,
    /// Nothing: the connection is over. A page that hangs up while it is closed has said so before, so what came is still carried
    /// out.
    Gone,
}

/// Takes what a device has said.
pub(super) fn hear(heard: Heard, session: &mut Session<OpenIm>, ahead: &mut Ahead, now: u64) -> Ear {
    match heard {
        Heard::Text(text) => {
            session.handle(Input::Sign, now);
            ahead.put(text);
            Ear::Open
        }
        Heard::Sign => {
            session.handle(Input::Sign, now);
            Ear::Open
        }
        Heard::Binary => {
            session.handle(Input::Violation, now);
            Ear::Shut
        }
        Heard::Breach(breach) => {
            session.handle(Input::Breach(breach), now);
            Ear::Shut
        }
        // After the sign-in nothing is crowded.
        Heard::Crowded | Heard::Gone => Ear::Gone,
    }
}
