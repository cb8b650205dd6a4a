//! Tencent's REST API, version 4, for back ends that were written for it (docs/tencent-rest.md, docs/decisions/0019).
//!
//! ```text
//!  POST /v4/<service>/<command>?sdkappid=…&identifier=…&usersig=…
//!   ─▶ entry: administrator, pace, place, body ─▶ a command of this folder ─▶ the same commands and queries as /v1/ ─▶ their envelope
//! ```
//!
//! A command is one function that reads their words and answers in them. What they mean here is decided by the rules, as for every
//! other entrance. A command that this server does not have answers with 60009.

mod accounts;
mod blacklist;
mod entry;
mod fault;
mod groups;
mod history;
mod members;
mod messages;
mod profiles;
mod words;

use serde_json::Value;
use wigwag_protocol::{GroupId, UserId};

use super::BackEnds;
use fault::Fault;

pub(super) use entry::serve;

/// What a command answers, besides the fields of the envelope.
type Answered = Result<Value, Fault>;

/// Users, messages or groups that one request may name. Theirs take 100 to 500, by command.
const MOST_NAMED: usize = 100;
/// Of those, how many are carried out at once: the store commits what waits for it in one transaction.
const AT_ONCE: usize = 16;

/// What a command works with: the server, and the administrator who asks.
struct Desk<'a> {
    api: &'a BackEnds,
    administrator: UserId,
}

/// Carries out one command. `service` and `command` are the last two parts of the path.
async fn carried_out(desk: &Desk<'_>, service: &str, command: &str, body: &[u8]) -> Answered {
    use words::read;
    match (service, command) {
        ("im_open_login_svc", "account_import") => accounts::import(desk, read(body)?).await,
        ("im_open_login_svc", "multiaccount_import") => accounts::import_many(desk, read(body)?).await,
        ("im_open_login_svc", "account_check") => accounts::check(desk, read(body)?).await,
        ("im_open_login_svc", "account_delete") => accounts::delete(desk, read(body)?).await,
        ("im_open_login_svc", "kick") => accounts::kick(desk, read(body)?).await,
        ("openim", "query_online_status" | "querystate") => accounts::online(desk, read(body)?).await,
        ("openim", "sendmsg") => messages::send(desk, read(body)?).await,
        ("openim", "batchsendmsg") => messages::send_to_many(desk, read(body)?).await,
        ("openim", "admin_msgwithdraw") => messages::withdraw(desk, read(body)?).await,
        ("openim", "admin_getroammsg") => history::roam(desk, read(body)?).await,
        ("openim", "admin_set_msg_read") => messages::mark_read(desk, read(body)?).await,
        ("openim", "get_c2c_unread_msg_num") => messages::unread(desk, read(body)?).await,
        ("group_open_http_svc", "create_group") => groups::create(desk, read(body)?).await,
        ("group_open_http_svc", "get_group_info") => groups::info(desk, read(body)?).await,
        ("group_open_http_svc", "modify_group_base_info") => groups::change(desk, read(body)?).await,
        ("group_open_http_svc", "destroy_group") => groups::destroy(desk, read(body)?).await,
        ("group_open_http_svc", "change_group_owner") => groups::hand_over(desk, read(body)?).await,
        ("group_open_http_svc", "get_joined_group_list") => groups::joined(desk, read(body)?).await,
        ("group_open_http_svc", "get_group_member_info") => members::list(desk, read(body)?).await,
        ("group_open_http_svc", "add_group_member") => members::add(desk, read(body)?).await,
        ("group_open_http_svc", "delete_group_member") => members::remove(desk, read(body)?).await,
        ("group_open_http_svc", "modify_group_member_info") => members::change(desk, read(body)?).await,
        ("group_open_http_svc", "get_role_in_group") => members::roles(desk, read(body)?).await,
        ("group_open_http_svc", "send_group_msg") => messages::send_to_group(desk, read(body)?).await,
        ("group_open_http_svc", "send_group_system_notification") => groups::notify(desk, read(body)?).await,
        ("group_open_http_svc", "group_msg_recall") => messages::recall_in_group(desk, read(body)?).await,
        ("group_open_http_svc", "group_msg_get_simple") => history::of_group(desk, read(body)?).await,
        ("profile", "portrait_set") => profiles::set(desk, read(body)?).await,
        ("profile", "portrait_get") => profiles::get(desk, read(body)?).await,
        ("sns", "black_list_add") => blacklist::add(desk, read(body)?).await,
        ("sns", "black_list_delete") => blacklist::delete(desk, read(body)?).await,
        ("sns", "black_list_get") => blacklist::list(desk, read(body)?).await,
        (_, _) => Err(Fault::not_here(service, command)),
    }
}

/// A user's name as they give it.
fn user(text: &str) -> Result<UserId, Fault> {
    UserId::parse(text).map_err(|error| Fault::bad(format!("{text:?} is no UserID: {error}")))
}

/// A group's name as they give it.
fn group(text: &str) -> Result<GroupId, Fault> {
    GroupId::parse(text).map_err(|error| Fault::bad(format!("{text:?} is no GroupId: {error}")))
}

/// Refuses a list that is empty or too long.
fn count<T>(field: &str, list: &[T]) -> Result<(), Fault> {
    if (1..=MOST_NAMED).contains(&list.len()) {
        return Ok(());
    }
    Err(Fault::bad(format!("{field}: must have 1 to {MOST_NAMED} entries, and has {}", list.len())))
}
