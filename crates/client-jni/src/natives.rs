//! The native methods of `dev.wigwag.internal.Native`, in its order. What they are given and give is said there.

use std::any::Any;
use std::ffi::{CStr, c_void};

use jni::errors::{Error, ErrorPolicy};
use jni::objects::{JByteArray, JClass, JIntArray, JObject, JThrowable};
use jni::sys::{jboolean, jint, jlong};
use jni::{Env, EnvUnowned, JValue};
use wigwag::abi::clients::{
    wigwag_client_close, wigwag_client_open, wigwag_client_state, wigwag_last_error, wigwag_server_time,
    wigwag_set_token, wigwag_version,
};
use wigwag::abi::invitations::{
    wigwag_accept, wigwag_add_invited, wigwag_cancel, wigwag_get, wigwag_invite, wigwag_invite_in_group,
    wigwag_known_invitation, wigwag_modify, wigwag_open_invitations, wigwag_reject,
};
use wigwag::abi::json::{wigwag_json_walk, wigwag_signaling_of};
use wigwag::abi::requests::{wigwag_known_call, wigwag_request, wigwag_running_calls};
use wigwag::abi::types::{
    WIGWAG_INVITE_ID_SIZE, WigwagClient, WigwagInvite, WigwagInviteID, WigwagJson, WigwagJsonKind,
    WigwagOptions, WigwagResult, WigwagState, WigwagText,
};

use crate::callbacks::{on_closed, on_event, on_reply, on_token_needed, user};
use crate::calls;
use crate::java::java;
use crate::texts::{JTexts, all_given, array, copy, given, read, shown};

#[unsafe(no_mangle)]
extern "system" fn Java_dev_wigwag_internal_Native_version<'l>(
    mut env: EnvUnowned<'l>,
    _class: JClass<'l>,
) -> JByteArray<'l> {
    answer(&mut env, |env| {
        // SAFETY: it is a text that ends with a NUL and is never freed.
        let version = unsafe { CStr::from_ptr(wigwag_version()) };
        Ok(env.byte_array_from_slice(version.to_bytes())?)
    })
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_wigwag_internal_Native_open<'l>(
    mut env: EnvUnowned<'l>,
    _class: JClass<'l>,
    number: jint,
    texts: JTexts<'l>,
    numbers: JIntArray<'l>,
) -> jlong {
    answer(&mut env, |env| {
        let texts: [Vec<u8>; 5] = fixed(all_given(env, &texts)?)?;
        let [url, token, user_id, device_id, cursor_file] = texts.each_ref().map(|text| shown(text));
        let numbers: [jint; 5] = fixed(integers(env, &numbers)?)?;
        let [platform, request_timeout_ms, connect_timeout_ms, own_acts, asks_for_tokens] =
            numbers.map(u32::try_from).map(Result::unwrap_or_default);
        let options = WigwagOptions {
            size: size_of::<WigwagOptions>(),
            url,
            token,
            user_id,
            device_id,
            cursor_file,
            platform,
            request_timeout_ms,
            connect_timeout_ms,
            own_acts: u8::from(own_acts != 0),
            on_event: Some(on_event),
            on_token_needed: (asks_for_tokens != 0).then_some(on_token_needed),
            on_closed: Some(on_closed),
            user: user(number),
        };
        let mut client = WigwagClient { id: 0 };
        // SAFETY: everything that it points to is above.
        done(unsafe { wigwag_client_open(&raw const options, &raw mut client) })?;
        Ok(client.id.cast_signed())
    })
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_wigwag_internal_Native_close<'l>(
    mut env: EnvUnowned<'l>,
    _class: JClass<'l>,
    client: jlong,
) {
    answer(&mut env, |_env| done(wigwag_client_close(named(client))));
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_wigwag_internal_Native_done<'l>(
    mut env: EnvUnowned<'l>,
    _class: JClass<'l>,
    number: jlong,
    told: jboolean,
) {
    answer(&mut env, |_env| {
        calls::ends(number, told);
        Ok(())
    });
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_wigwag_internal_Native_setToken<'l>(
    mut env: EnvUnowned<'l>,
    _class: JClass<'l>,
    client: jlong,
    token: JByteArray<'l>,
) {
    answer(&mut env, |env| {
        let token = given(env, &token)?;
        // SAFETY: the text is above.
        done(unsafe { wigwag_set_token(named(client), shown(&token)) })
    });
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_wigwag_internal_Native_state<'l>(
    mut env: EnvUnowned<'l>,
    _class: JClass<'l>,
    client: jlong,
) -> jint {
    answer(&mut env, |_env| {
        let mut state = WigwagState::Stopped;
        // SAFETY: the place is above.
        done(unsafe { wigwag_client_state(named(client), &raw mut state) })?;
        Ok(state as jint)
    })
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_wigwag_internal_Native_serverTime<'l>(
    mut env: EnvUnowned<'l>,
    _class: JClass<'l>,
    client: jlong,
) -> jlong {
    answer(&mut env, |_env| {
        let mut time_ms = 0;
        // SAFETY: the place is above.
        done(unsafe { wigwag_server_time(named(client), &raw mut time_ms) })?;
        Ok(time_ms.cast_signed())
    })
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_wigwag_internal_Native_invite<'l>(
    mut env: EnvUnowned<'l>,
    _class: JClass<'l>,
    client: jlong,
    texts: JTexts<'l>,
    invitees: JTexts<'l>,
    numbers: JIntArray<'l>,
    request: jint,
) -> JByteArray<'l> {
    answer(&mut env, |env| {
        let texts: [Vec<u8>; 7] = fixed(all_given(env, &texts)?)?;
        let [invite_id, invitee, group_id, data, offline_push_info, media_type, room_id] =
            texts.each_ref().map(|text| shown(text));
        let listed = all_given(env, &invitees)?;
        let listed: Vec<WigwagText> = listed.iter().map(|text| shown(text)).collect();
        let [timeout, online_user_only]: [jint; 2] = fixed(integers(env, &numbers)?)?;
        let invite = WigwagInvite {
            size: size_of::<WigwagInvite>(),
            invite_id,
            invitee,
            group_id,
            invitees: listed.as_ptr(),
            invitee_count: listed.len(),
            data,
            timeout: u32::try_from(timeout).unwrap_or_default(),
            online_user_only: u8::from(online_user_only != 0),
            offline_push_info,
            media_type,
            room_id,
        };
        // Of a list it is an invitation in a group, also of an empty one.
        let function = if invitees.is_null() { wigwag_invite } else { wigwag_invite_in_group };
        let mut name = WigwagInviteID { text: [0; WIGWAG_INVITE_ID_SIZE] };
        // SAFETY: everything that it points to is above.
        done(unsafe {
            function(named(client), &raw const invite, &raw mut name, Some(on_reply), user(request))
        })?;
        // SAFETY: the library ends it with a NUL.
        let name = unsafe { CStr::from_ptr(name.text.as_ptr()) };
        Ok(env.byte_array_from_slice(name.to_bytes())?)
    })
}

/// What can be done about an invitation, by the numbers of `dev.wigwag.internal.Native`.
#[unsafe(no_mangle)]
extern "system" fn Java_dev_wigwag_internal_Native_act<'l>(
    mut env: EnvUnowned<'l>,
    _class: JClass<'l>,
    client: jlong,
    act: jint,
    invite_id: JByteArray<'l>,
    data: JByteArray<'l>,
    request: jint,
) {
    answer(&mut env, |env| {
        let (invite_id, data) = (given(env, &invite_id)?, given(env, &data)?);
        let (client, invite_id, data) = (named(client), shown(&invite_id), shown(&data));
        let (on_reply, user) = (Some(on_reply as _), user(request));
        // SAFETY: the texts are above, for each.
        done(unsafe {
            match act {
                1 => wigwag_cancel(client, invite_id, data, on_reply, user),
                2 => wigwag_accept(client, invite_id, data, on_reply, user),
                3 => wigwag_reject(client, invite_id, data, on_reply, user),
                4 => wigwag_modify(client, invite_id, data, on_reply, user),
                5 => wigwag_get(client, invite_id, on_reply, user),
                6 => wigwag_add_invited(client, invite_id, on_reply, user),
                _ => return Err(Refusal::OtherClasses),
            }
        })
    });
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_wigwag_internal_Native_request<'l>(
    mut env: EnvUnowned<'l>,
    _class: JClass<'l>,
    client: jlong,
    method: JByteArray<'l>,
    params: JByteArray<'l>,
    request: jint,
) {
    answer(&mut env, |env| {
        let (method, params) = (given(env, &method)?, given(env, &params)?);
        // SAFETY: the texts are above.
        done(unsafe {
            wigwag_request(named(client), shown(&method), shown(&params), Some(on_reply), user(request))
        })
    });
}

/// What the client knows, by the numbers of `dev.wigwag.internal.Native`.
#[unsafe(no_mangle)]
extern "system" fn Java_dev_wigwag_internal_Native_known<'l>(
    mut env: EnvUnowned<'l>,
    _class: JClass<'l>,
    client: jlong,
    what: jint,
    name: JByteArray<'l>,
) -> JByteArray<'l> {
    answer(&mut env, |env| {
        let name = given(env, &name)?;
        let mut text = Vec::<u8>::new();
        let (client, to) = (named(client), (&raw mut text).cast::<c_void>());
        // SAFETY: `copy` is given the text above, before each of them returns.
        done(unsafe {
            match what {
                1 => wigwag_open_invitations(client, Some(copy), to),
                2 => wigwag_known_invitation(client, shown(&name), Some(copy), to),
                3 => wigwag_running_calls(client, Some(copy), to),
                4 => wigwag_known_call(client, shown(&name), Some(copy), to),
                _ => return Err(Refusal::OtherClasses),
            }
        })?;
        Ok(env.byte_array_from_slice(&text)?)
    })
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_wigwag_internal_Native_signalingOf<'l>(
    mut env: EnvUnowned<'l>,
    _class: JClass<'l>,
    data: JByteArray<'l>,
) -> JByteArray<'l> {
    answer(&mut env, |env| {
        let data = given(env, &data)?;
        let mut text = Vec::<u8>::new();
        // SAFETY: the text is above; `copy` is given the other before this returns.
        done(unsafe { wigwag_signaling_of(shown(&data), Some(copy), (&raw mut text).cast()) })?;
        Ok(env.byte_array_from_slice(&text)?)
    })
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_wigwag_internal_Native_json<'l>(
    mut env: EnvUnowned<'l>,
    _class: JClass<'l>,
    text: JByteArray<'l>,
) -> JObject<'l> {
    answer(&mut env, |env| {
        let text = given(env, &text)?;
        let mut steps = Vec::<Vec<u8>>::new();
        // SAFETY: the text is above; `step` is given the list before this returns.
        done(unsafe { wigwag_json_walk(shown(&text), Some(step), (&raw mut steps).cast()) })?;
        Ok(array(env, steps.iter().map(Vec::as_slice))?.into())
    })
}

/// A `WigwagOnJson` that writes the step to the list that `to` points to: a value's key, then what it is as a letter and what it holds.
unsafe extern "C-unwind" fn step(to: *mut c_void, json: *const WigwagJson) {
    // SAFETY: whoever passes this function passes a list with it, and waits for the calls; the step lives as long as the call.
    let (steps, json) = unsafe { (&mut *to.cast::<Vec<Vec<u8>>>(), &*json) };
    // SAFETY: its texts live as long.
    let (key, text) = unsafe { (read(json.key), read(json.text)) };
    steps.push(key.to_vec());
    steps.push(match json.kind {
        WigwagJsonKind::Null => b"z".to_vec(),
        WigwagJsonKind::Bool => if json.number == 0.0 { b"f" } else { b"t" }.to_vec(),
        WigwagJsonKind::Number => number_of(json).into_bytes(),
        WigwagJsonKind::Text => [b"s", text].concat(),
        WigwagJsonKind::Object => b"{".to_vec(),
        WigwagJsonKind::Array => b"[".to_vec(),
        WigwagJsonKind::End => b"}".to_vec(),
    });
}

/// A whole number stays one.
fn number_of(json: &WigwagJson) -> String {
    if json.number.fract() == 0.0 { format!("n{}", json.integer) } else { format!("n{}", json.number) }
}

fn named(client: jlong) -> WigwagClient {
    WigwagClient { id: client.cast_unsigned() }
}

fn integers(env: &Env<'_>, array: &JIntArray<'_>) -> Result<Vec<jint>, Error> {
    let mut integers = vec![0; array.len(env)?];
    array.get_region(env, 0, &mut integers)?;
    Ok(integers)
}

/// As many values as the method takes.
fn fixed<T, const N: usize>(values: Vec<T>) -> Result<[T; N], Refusal> {
    values.try_into().map_err(|_| Refusal::OtherClasses)
}

fn done(result: WigwagResult) -> Result<(), Refusal> {
    if result == WigwagResult::Ok { Ok(()) } else { Err(Refusal::Library(result)) }
}

/// Why a native method does nothing.
enum Refusal {
    /// `wigwag_last_error` has the words.
    Library(WigwagResult),
    /// The JVM said no; perhaps an exception is on its way already.
    Java(Error),
    /// The classes are of another version than this library.
    OtherClasses,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Java(error)
    }
}

/// Runs the body of a native method. What it refuses is thrown, and so is a panic; then the method gives nothing.
fn answer<'l, T: Default>(
    env: &mut EnvUnowned<'l>,
    body: impl FnOnce(&mut Env<'l>) -> Result<T, Refusal>,
) -> T {
    env.with_env(body).resolve::<Thrown>()
}

struct Thrown;

impl<T: Default> ErrorPolicy<T, Refusal> for Thrown {
    type Captures<'unowned: 'native, 'native> = ();

    fn on_error<'unowned: 'native, 'native>(
        env: &mut Env<'unowned>,
        _captures: &mut (),
        refusal: Refusal,
    ) -> Result<T, Error> {
        match refusal {
            Refusal::Library(result) => {
                // SAFETY: it ends with a NUL and is valid until the next function fails on this thread.
                let words = unsafe { CStr::from_ptr(wigwag_last_error()) };
                throw(env, result, words.to_bytes())?;
            }
            Refusal::Java(why) if !env.exception_check() => {
                throw(env, WigwagResult::System, why.to_string().as_bytes())?;
            }
            Refusal::Java(_) => {}
            Refusal::OtherClasses => {
                let words = b"the library and the classes are of different versions";
                throw(env, WigwagResult::InvalidArgument, words)?;
            }
        }
        Ok(T::default())
    }

    fn on_panic<'unowned: 'native, 'native>(
        env: &mut Env<'unowned>,
        _captures: &mut (),
        _payload: Box<dyn Any + Send + 'static>,
    ) -> Result<T, Error> {
        throw(env, WigwagResult::Panicked, b"the library failed inside; please report it")?;
        Ok(T::default())
    }
}

fn throw(env: &mut Env<'_>, result: WigwagResult, words: &[u8]) -> Result<(), Error> {
    let Some(java) = java() else { return Ok(()) };
    let words = env.byte_array_from_slice(words)?;
    let values = [JValue::from(result as jint), (&words).into()];
    // SAFETY: these are the constructor's.
    let thrown = unsafe { java.exception.make(env, &values) }?;
    let thrown = env.cast_local::<JThrowable<'_>>(thrown)?;
    env.throw(thrown)
}
