//! Messages, sent for a user.

use serde::Deserialize;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value, json};
use wigwag_engine::Reply;
use wigwag_protocol::Method;
use wigwag_protocol::message::MessageOptions;
use wigwag_protocol::params::MessageSend;

use super::fault::Fault;
use super::{Answered, group, user};
use crate::api::rest::{BackEnds, unexpected};

const TEXT: u64 = 101;
const CUSTOM: u64 = 110;
/// Between two; the others are of groups, in the older and the newer version.
const BETWEEN_TWO: u64 = 1;
const OF_GROUPS: [u64; 2] = [2, 3];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Message {
    #[serde(rename = "sendID")]
    sender: String,
    #[serde(rename = "recvID", default)]
    receiver: String,
    #[serde(rename = "groupID", default)]
    group: String,
    content: Map<String, Value>,
    content_type: u64,
    session_type: u64,
    #[serde(default)]
    is_online_only: bool,
    #[serde(default)]
    offline_push_info: Option<Map<String, Value>>,
}

pub(super) async fn send(api: &BackEnds, message: Message) -> Answered {
    let sender = user(&message.sender)?;
    let (user_id, group_id) = match message.session_type {
        BETWEEN_TWO => (Some(user(&message.receiver)?), None),
        kind if OF_GROUPS.contains(&kind) => (None, Some(group(&message.group)?)),
        _ => return Err(Fault::arguments("sessionType: must be 1 (one-to-one) or 3 (a group)")),
    };
    let (kind, content) = content(message.content_type, &message.content)?;
    let push = message.offline_push_info.filter(|info| !info.is_empty());
    let params = MessageSend {
        user_id,
        group_id,
        client_msg_id: None,
        kind: kind.to_owned(),
        content,
        offline_push_info: push.map(|info| written(&Value::Object(info))).transpose()?,
        options: MessageOptions { online_user_only: message.is_online_only, ..MessageOptions::default() },
    };
    let Reply::Sent(sent) = api.call(&sender, Method::MessageSend, &params, None).await? else {
        return Err(unexpected().into());
    };
    // Without a name of its client's, the server's own is what clients call it.
    Ok(json!({"serverMsgID": sent.message_id, "clientMsgID": sent.message_id, "sendTime": sent.time}))
}

/// A message's type and content in the protocol's words.
fn content(kind: u64, given: &Map<String, Value>) -> Result<(&'static str, Box<RawValue>), Fault> {
    let text = |name: &str| match given.get(name) {
        Some(Value::String(text)) => Ok(text.as_str()),
        None => Ok(""),
        Some(_) => Err(Fault::arguments(format!("content.{name}: must be a string"))),
    };
    match kind {
        TEXT => Ok(("text", written(&json!({"text": text("content")?}))?)),
        CUSTOM => {
            let (data, description, extension) = (text("data")?, text("description")?, text("extension")?);
            let content = json!({"data": data, "description": description, "extension": extension});
            Ok(("custom", written(&content)?))
        }
        _ => Err(Fault::arguments("contentType: must be 101 (text) or 110 (custom)")),
    }
}

fn written(value: &Value) -> Result<Box<RawValue>, Fault> {
    to_raw_value(value).map_err(|_| Fault::arguments("the body cannot be passed on"))
}
