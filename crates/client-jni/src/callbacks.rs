//! What the library calls: each function passes it on to a static method of `dev.wigwag.internal.Native`.

use std::ffi::c_void;

use jni::sys::{jint, jlong};
use wigwag::abi::types::{WigwagClient, WigwagEvent, WigwagReply};

use crate::calls;
use crate::threads::with_java;
use crate::told;

/// The number by which Java knows who is called, where the C ABI has a pointer.
pub(crate) fn user(number: jint) -> *mut c_void {
    std::ptr::without_provenance_mut(usize::try_from(number).unwrap_or_default())
}

fn number(user: *mut c_void) -> jint {
    jint::try_from(user.addr()).unwrap_or_default()
}

pub(crate) unsafe extern "C-unwind" fn on_event(
    user: *mut c_void,
    _client: WigwagClient,
    event: *const WigwagEvent,
) {
    let call = calls::begins();
    let is_told = with_java(|env, java| {
        // SAFETY: the library tells an event, which lives until this returns.
        let event = unsafe { told::event(env, java, &*event) }?;
        java.on_event(env, number(user), call, &event)
    });
    ends_unless(is_told, call);
}

pub(crate) unsafe extern "C-unwind" fn on_reply(
    request: *mut c_void,
    _client: WigwagClient,
    reply: *const WigwagReply,
) {
    let call = calls::begins();
    let is_told = with_java(|env, java| {
        // SAFETY: the library gives a reply, which lives until this returns.
        let reply = unsafe { told::reply(env, java, &*reply) }?;
        java.on_reply(env, number(request), call, &reply)
    });
    ends_unless(is_told, call);
}

pub(crate) unsafe extern "C-unwind" fn on_token_needed(user: *mut c_void, _client: WigwagClient) {
    let call = calls::begins();
    ends_unless(with_java(|env, java| java.on_token_needed(env, number(user), call)), call);
}

pub(crate) unsafe extern "C-unwind" fn on_closed(user: *mut c_void, _client: WigwagClient) {
    let call = calls::begins();
    calls::ends(call, with_java(|env, java| java.on_closed(env, number(user))));
}

/// Java says when a call is done; of one that did not come there it is said here.
fn ends_unless(is_told: bool, call: jlong) {
    if !is_told {
        calls::ends(call, false);
    }
}
