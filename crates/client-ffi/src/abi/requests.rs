//! Everything else that the protocol can be asked, with params and results as JSON.

use std::ffi::c_void;
use std::future::Future;

use serde::Serialize;
use serde::de::DeserializeOwned;
use wigwag_client::protocol::{CallId, Method};
use wigwag_client::{Client, Reply, Trouble};

use crate::abi::clients::parse;
use crate::abi::invitations::{object_of, wanted};
use crate::abi::types::{WigwagClient, WigwagOnReply, WigwagOnText, WigwagResult, WigwagText};
use crate::callback::{Replied, User, give_text};
use crate::guard::{Fault, guarded};
use crate::life::Life;
use crate::told::{Text, json_of};
use crate::{foreign, registry};

/// Calls a method of the protocol by its name: messages, conversations, groups, users and calls (docs/protocol.md, "Methods"), such as
/// "message.send" with {"userID": "bob", "type": "text", "content": {"text": "hello"}}. `params` is a JSON object; empty is {}. The methods
/// session.* are the library's own. Give message.send a "clientMsgID", so that it can be repeated safely when its reply is lost.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wigwag_request(
    client: WigwagClient,
    method: WigwagText,
    params: WigwagText,
    on_reply: WigwagOnReply,
    user: *mut c_void,
) -> WigwagResult {
    let said = || {
        // SAFETY: the text is the app's.
        let method = method_of(&unsafe { foreign::text("method", method) }?)?;
        // SAFETY: the text is the app's.
        let params = unsafe { foreign::text("params", params) }?;
        let params = if params.is_empty() { "{}".to_owned() } else { params };
        Ok((method, object_of("params", params)?))
    };
    answer(client, (on_reply, User(user)), said, |client, (method, params)| {
        client.request(method, &params.unwrap_or_default())
    })
}

/// Gives the calls that run as far as this device was told, oldest first, as a JSON array of what call.get gives. Nothing is asked.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wigwag_running_calls(
    client: WigwagClient,
    on_text: WigwagOnText,
    user: *mut c_void,
) -> WigwagResult {
    guarded(|| {
        wanted(on_text.is_some(), "on_text")?;
        let calls = registry::find(client)?.client.calls();
        give_text(on_text, User(user), Text::new(json_of(&calls)).shown());
        Ok(())
    })
}

/// Gives one call that this device was told of, running or over, as JSON: what call.get gives. An empty text when it was told of none; the
/// newest 200 are known. Nothing is asked.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wigwag_known_call(
    client: WigwagClient,
    call_id: WigwagText,
    on_text: WigwagOnText,
    user: *mut c_void,
) -> WigwagResult {
    guarded(|| {
        wanted(on_text.is_some(), "on_text")?;
        // SAFETY: the text is the app's.
        let call_id = parse(CallId::parse(&unsafe { foreign::text("call_id", call_id) }?))?;
        let known = registry::find(client)?.client.known_call(&call_id);
        let text = known.map(|view| json_of(&view)).unwrap_or_default();
        give_text(on_text, User(user), Text::new(text).shown());
        Ok(())
    })
}

/// Makes a request and answers with its result. `said` reads what the app gave.
pub(crate) fn answer<P, T: Serialize + DeserializeOwned + 'static>(
    client: WigwagClient,
    to: (WigwagOnReply, User),
    said: impl FnOnce() -> Result<P, Fault>,
    ask: impl FnOnce(&Client, P) -> Reply<T>,
) -> WigwagResult {
    answer_with(client, to, said, |life, params| {
        let reply = ask(&life.client, params);
        async { reply.await.map(|result| json_of(&result)).map_err(Trouble::from) }
    })
}

/// Does something and answers with what becomes of it.
pub(crate) fn answer_with<P, F: Future<Output = Result<String, Trouble>> + Send + 'static>(
    client: WigwagClient,
    (on_reply, user): (WigwagOnReply, User),
    said: impl FnOnce() -> Result<P, Fault>,
    ask: impl FnOnce(&Life, P) -> F,
) -> WigwagResult {
    guarded(|| {
        let params = said()?;
        wanted(on_reply.is_some(), "on_reply")?;
        let life = registry::find(client)?;
        let place = life.place()?;
        let outcome = ask(&life, params);
        life.answer(place, Replied { call: on_reply, user }, outcome);
        Ok(())
    })
}

fn method_of(name: &str) -> Result<Method, Fault> {
    match Method::parse(name) {
        Some(Method::SessionOpen | Method::SessionAck | Method::SessionClose) => {
            Err(Fault::argument(format!("{name} is the library's own to call")))
        }
        Some(method) => Ok(method),
        None => Err(Fault::argument(format!("there is no method {name:?}"))),
    }
}
