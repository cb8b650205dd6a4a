//! What a device says while its driver waits for the store. Requests are carried out one after the other, and the time of each counts
//! from when it came, so those that come meanwhile are heard ahead. Whatever waits in a driver waits in [`Hearing::through`].

use std::pin::Pin;

use wigwag_session::session::Input;
use wigwag_session::{Codec, Session};

use super::ahead::Ahead;
use super::driving::End;
use super::guest::Guest;
use super::socket::{Heard, Socket};
use crate::clock::Clock;

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

/// What a driver hears its device with.
pub(super) struct Hearing<'a, C: Codec> {
    pub(super) guest: &'a Guest,
    pub(super) socket: &'a mut Socket,
    pub(super) session: &'a mut Session<C>,
    pub(super) ahead: &'a mut Ahead,
    pub(super) ear: &'a mut Ear,
    pub(super) clock: &'a Clock,
}

impl<C: Codec> Hearing<'_, C> {
    /// Waits for the store. Mail stays where it is meanwhile, so that what is found is told before what happened later. What is waited for
    /// stays where its caller has it: taken by value, it would have a second place here, and a driver is as large as all of its places.
    pub(super) async fn through<T>(
        mut self,
        mut looking: Pin<&mut impl Future<Output = T>>,
    ) -> Result<T, End> {
        loop {
            tokio::select! {
                biased;
                () = self.guest.joined.ending.hurries() => return Err(End::Slow),
                found = looking.as_mut() => return Ok(found),
                heard = self.socket.flush_or_hear(), if *self.ear == Ear::Open && self.ahead.has_room() => {
                    if let Some(heard) = heard {
                        self.hear(heard);
                    }
                }
            }
        }
    }

    /// Takes what the device has said, in whatever state its session is.
    pub(super) fn hear(&mut self, heard: Heard) {
        let now = self.clock.now_ms();
        match heard {
            Heard::Text(text) => {
                self.session.handle(Input::Sign, now);
                self.ahead.put(text);
            }
            Heard::Sign => self.session.handle(Input::Sign, now),
            Heard::Binary => {
                self.session.handle(Input::Violation, now);
                *self.ear = Ear::Shut;
            }
            Heard::Breach(breach) => {
                self.session.handle(Input::Breach(breach), now);
                *self.ear = Ear::Shut;
            }
            // After the sign-in nothing is crowded.
            Heard::Crowded | Heard::Gone => *self.ear = Ear::Gone,
        }
    }
}
