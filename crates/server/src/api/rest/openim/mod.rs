//! OpenIM's REST API, for back ends that were written for it (docs/openim-rest.md, docs/decisions/0021-openim-rest.md).
//!
//! ```text
//!  POST /openim-api/<module>/<command>, header token
//!   ─▶ entry: administrator, pace, place, body ─▶ a command of this folder ─▶ the same commands and queries as /v1/ ─▶ their envelope
//! ```
//!
//! As with Tencent's: a command is one function that reads their words and answers in them, and what it means here is decided by the
//! rules. A command that this server does not have answers so.

mod entry;
mod fault;
mod groups;
mod messages;
mod tokens;
mod users;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use wigwag_protocol::{GroupId, UserId};

use super::BackEnds;
use fault::Fault;

pub(super) use entry::serve;

/// The `data` of an answer; null when there is none.
type Answered = Result<Value, Fault>;

/// Users that one request may name. Theirs takes 1,000.
const MOST_NAMED: usize = 100;
/// Of those, how many are carried out at once: the store commits what waits for it in one transaction.
const AT_ONCE: usize = 16;

/// Carries out one command of an administrator. `module` and `command` are the last two parts of the path.
async fn carried_out(api: &BackEnds, module: &str, command: &str, body: &[u8]) -> Answered {
    match (module, command) {
        ("auth", "get_user_token") => tokens::of_user(api, read(body)?).await,
        ("auth", "force_logout") => tokens::force_logout(api, read(body)?).await,
        ("user", "user_register") => users::register(api, read(body)?).await,
        ("user", "get_users_info") => users::info(api, read(body)?).await,
        ("user", "get_users_online_status") => users::online(api, read(body)?).await,
        ("group", "create_group") => groups::create(api, read(body)?).await,
        ("group", "invite_user_to_group") => groups::add(api, read(body)?).await,
        ("group", "kick_group") => groups::remove(api, read(body)?).await,
        ("msg", "send_msg") => messages::send(api, read(body)?).await,
        (_, _) => Err(Fault::not_here(module, command)),
    }
}

/// Users as most requests name them.
#[derive(Deserialize)]
pub(super) struct Named {
    #[serde(rename = "userIDs")]
    users: Vec<String>,
}

/// Reads a body. Fields that this server does not know are passed over, because theirs has many that say nothing here.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    serde_json::from_slice(body).map_err(|error| Fault::arguments(error.to_string()))
}

/// A user's name as they give it.
fn user(text: &str) -> Result<UserId, Fault> {
    UserId::parse(text).map_err(|error| Fault::arguments(format!("{text:?} is no userID: {error}")))
}

/// Users' names as they give them: some, and not too many.
fn users(field: &str, names: &[String]) -> Result<Vec<UserId>, Fault> {
    count(field, names.len())?;
    names.iter().map(|name| user(name)).collect()
}

fn count(field: &str, number: usize) -> Result<(), Fault> {
    if (1..=MOST_NAMED).contains(&number) {
        return Ok(());
    }
    Err(Fault::arguments(format!("{field}: must have 1 to {MOST_NAMED} entries, and has {number}")))
}

/// A group's name as they give it.
fn group(text: &str) -> Result<GroupId, Fault> {
    GroupId::parse(text).map_err(|error| Fault::arguments(format!("{text:?} is no groupID: {error}")))
}
