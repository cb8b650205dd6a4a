//! Users: imported, looked for, kicked, and whether they are online.

use futures_util::{StreamExt as _, stream};
use serde::Deserialize;
use serde_json::{Value, json};
use wigwag_engine::Command;
use wigwag_engine::command::Provision;
use wigwag_protocol::{Platform, UserId};

use super::fault::Fault;
use super::{AT_ONCE, Answered, Desk, count, user};
use crate::api::rest::failed;
use crate::auth::Revocation;
use crate::clock::wall_ms;

/// The service's name, for numbers that stand inside a reply.
const LOGIN: &str = "im_open_login_svc";

/// A user as they import them.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Account {
    #[serde(rename = "UserID", alias = "Identifier")]
    user: String,
    #[serde(default)]
    nick: String,
    #[serde(default)]
    face_url: String,
}

/// Either list of an import.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Accounts {
    #[serde(default)]
    account_list: Vec<Account>,
    #[serde(default)]
    accounts: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct One {
    #[serde(rename = "UserID", alias = "Identifier")]
    user: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CheckItems {
    check_item: Vec<One>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteItems {
    delete_item: Vec<One>,
}

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(rename = "To_Account")]
    to: Vec<String>,
    #[serde(rename = "IsNeedDetail", default)]
    detail: u8,
}

pub(super) async fn import(desk: &Desk<'_>, account: Account) -> Answered {
    desk.imports(&account).await.map(|()| json!({}))
}

pub(super) async fn import_many(desk: &Desk<'_>, Accounts { account_list, accounts }: Accounts) -> Answered {
    let bare =
        accounts.into_iter().map(|user| Account { user, nick: String::new(), face_url: String::new() });
    let all: Vec<Account> = account_list.into_iter().chain(bare).collect();
    count("AccountList", &all)?;
    // In order, so that of one who is named twice the later entry counts.
    let each = all.iter().map(|account| async move { (&account.user, desk.imports(account).await) });
    let outcomes: Vec<_> = stream::iter(each.collect::<Vec<_>>()).buffered(AT_ONCE).collect().await;
    let failed = outcomes.iter().filter(|(_, outcome)| outcome.is_err()).map(|(user, _)| *user);
    Ok(json!({"FailAccounts": failed.collect::<Vec<_>>()}))
}

pub(super) async fn check(desk: &Desk<'_>, CheckItems { check_item }: CheckItems) -> Answered {
    count("CheckItem", &check_item)?;
    let each = check_item.iter().map(|One { user }| async move { (user, desk.is_imported(user).await) });
    let found: Vec<_> = stream::iter(each.collect::<Vec<_>>()).buffered(AT_ONCE).collect().await;
    let items = found.into_iter().map(|(user, found)| match found {
        Ok(is) => json!({"UserID": user, "ResultCode": 0, "ResultInfo": "",
            "AccountStatus": if is { "Imported" } else { "NotImported" }}),
        Err(fault) => item(user, &fault),
    });
    Ok(json!({"ResultItem": items.collect::<Vec<_>>()}))
}

/// For good. One who is in many groups may take longer than this may: a repeat goes on. What they wrote stays, since others have it in their histories.
pub(super) async fn delete(desk: &Desk<'_>, DeleteItems { delete_item }: DeleteItems) -> Answered {
    count("DeleteItem", &delete_item)?;
    let each = delete_item.iter().map(|One { user }| async move { (user, desk.deletes(user).await) });
    let outcomes: Vec<_> = stream::iter(each.collect::<Vec<_>>()).buffered(AT_ONCE).collect().await;
    let items = outcomes.into_iter().map(|(user, outcome)| match outcome {
        Ok(()) => json!({"UserID": user, "ResultCode": 0, "ResultInfo": ""}),
        Err(fault) => item(user, &fault),
    });
    Ok(json!({"ResultItem": items.collect::<Vec<_>>()}))
}

pub(super) async fn kick(desk: &Desk<'_>, One { user: name }: One) -> Answered {
    let user = user(&name)?;
    desk.api.profile(&user).await?;
    desk.api.sign_ins.revoke(&Revocation::now(user.clone(), wall_ms())).await.map_err(failed)?;
    tracing::info!(%user, "a back end has revoked a user's tokens");
    Ok(json!({}))
}

pub(super) async fn online(desk: &Desk<'_>, Asked { to, detail }: Asked) -> Answered {
    count("To_Account", &to)?;
    let each = to.iter().map(|name| async move { (name, desk.platforms_of(name).await) });
    let found: Vec<_> = stream::iter(each.collect::<Vec<_>>()).buffered(AT_ONCE).collect().await;
    let (mut results, mut errors) = (Vec::new(), Vec::new());
    for (name, found) in found {
        match found {
            Ok(platforms) => results.push(status(name, &platforms, detail == 1)),
            Err(fault) => errors.push(json!({"To_Account": name, "ErrorCode": fault.number(LOGIN)})),
        }
    }
    Ok(json!({"QueryResult": results, "ErrorList": errors}))
}

impl Desk<'_> {
    /// An empty name or picture keeps what there is: back ends import a user again at each of their sign-ins.
    async fn imports(&self, account: &Account) -> Result<(), Fault> {
        let user = user(&account.user)?;
        if let Ok(known) = self.api.door.known_user(&user).await
            && known.disabled_since.is_some()
        {
            let words = "this user is disabled: enable them with \"wigwag user enable\" first";
            return Err(Fault::new(70_051, words));
        }
        let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        let wish = Provision {
            nickname: given(&account.nick),
            face_url: given(&account.face_url),
            ..Provision::default()
        };
        self.api.act(&user, Command::Provision(Box::new(wish)), None).await?;
        Ok(())
    }

    async fn is_imported(&self, name: &str) -> Result<bool, Fault> {
        match self.api.door.known_user(&user(name)?).await.map_err(Fault::from) {
            Ok(known) => Ok(known.disabled_since.is_none()),
            Err(fault) if fault.is_unknown_user() => Ok(false),
            Err(fault) => Err(fault),
        }
    }

    async fn deletes(&self, name: &str) -> Result<(), Fault> {
        let user = user(name)?;
        self.api.deletes(&user).await?;
        tracing::info!(%user, "a back end has deleted a user");
        Ok(())
    }

    async fn platforms_of(&self, name: &str) -> Result<Vec<&'static str>, Fault> {
        let user: UserId = user(name)?;
        self.api.profile(&user).await?;
        let devices = self.api.sign_ins.devices_of(&user).await.map_err(failed)?;
        let mut platforms: Vec<&str> = devices.iter().map(|device| platform(device.platform)).collect();
        platforms.sort_unstable();
        platforms.dedup();
        Ok(platforms)
    }
}

fn item(user: &str, fault: &Fault) -> Value {
    json!({"UserID": user, "ResultCode": fault.number(LOGIN), "ResultInfo": fault.info()})
}

fn status(name: &str, platforms: &[&str], detail: bool) -> Value {
    let word = if platforms.is_empty() { "Offline" } else { "Online" };
    let mut status = json!({"To_Account": name, "Status": word});
    if detail && !platforms.is_empty() {
        let each = platforms.iter().map(|platform| json!({"Platform": platform, "Status": "Online"}));
        status["Detail"] = each.collect();
    }
    status
}

/// Their name of a platform.
fn platform(platform: Platform) -> &'static str {
    match platform.number() {
        1 => "iPhone",
        2 => "Android",
        3 => "Windows",
        4 => "Mac",
        5 | 6 => "Web",
        8 => "Android Pad",
        9 => "iPad",
        11 => "Harmony",
        _ => "Linux",
    }
}
