//! Calls functions of the app's.

use std::ffi::{c_char, c_void};

use crate::abi::types::{
    WigwagClient, WigwagEvent, WigwagJson, WigwagOnClosed, WigwagOnEvent, WigwagOnJson, WigwagOnReply,
    WigwagOnText, WigwagOnTokenNeeded, WigwagReply, WigwagText,
};
use crate::guard::calling_back;

/// The app's own pointer: kept, given back, and never read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct User(pub(crate) *mut c_void);

// SAFETY: the header says that callbacks come from threads of the library's, so the app gives a pointer that may be used there.
unsafe impl Send for User {}
// SAFETY: as above.
unsafe impl Sync for User {}

/// The functions that an app gave when it opened a client.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Listener {
    pub(crate) on_event: WigwagOnEvent,
    pub(crate) on_token_needed: WigwagOnTokenNeeded,
    pub(crate) on_closed: WigwagOnClosed,
    pub(crate) user: User,
}

impl Listener {
    pub(crate) fn event(&self, client: WigwagClient, event: &WigwagEvent) {
        let Some(call) = self.on_event else { return };
        // SAFETY: the app gave a function of this type; `event` lives until it returns.
        calling_back(|| unsafe { call(self.user.0, client, event) });
    }

    pub(crate) fn token_needed(&self, client: WigwagClient) {
        let Some(call) = self.on_token_needed else { return };
        // SAFETY: the app gave a function of this type.
        calling_back(|| unsafe { call(self.user.0, client) });
    }

    pub(crate) fn closed(&self, client: WigwagClient) {
        let Some(call) = self.on_closed else { return };
        // SAFETY: the app gave a function of this type.
        calling_back(|| unsafe { call(self.user.0, client) });
    }
}

/// The function that an app gave with a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Replied {
    pub(crate) call: WigwagOnReply,
    pub(crate) user: User,
}

impl Replied {
    pub(crate) fn reply(&self, client: WigwagClient, reply: &WigwagReply) {
        let Some(call) = self.call else { return };
        // SAFETY: the app gave a function of this type; `reply` lives until it returns.
        calling_back(|| unsafe { call(self.user.0, client, reply) });
    }
}

/// Gives a text to a function, on this thread.
pub(crate) fn give_text(call: WigwagOnText, user: User, text: WigwagText) {
    let Some(call) = call else { return };
    // SAFETY: the app gave a function of this type; what `text` points to lives until it returns.
    unsafe { call(user.0, text) };
}

/// Gives a step through a JSON text to a function, on this thread.
pub(crate) fn give_json(call: WigwagOnJson, user: User, json: &WigwagJson) {
    let Some(call) = call else { return };
    // SAFETY: the app gave a function of this type; `json` lives until it returns.
    unsafe { call(user.0, json) };
}

/// How long a text that ends with a NUL is.
///
/// # Safety
/// `text` points to bytes that end with a NUL.
pub(crate) unsafe fn length_of(text: *const c_char) -> usize {
    // SAFETY: as the caller says.
    unsafe { std::ffi::CStr::from_ptr(text) }.count_bytes()
}
