//! Users: registered, looked at, and whether they are online.

use std::collections::HashSet;

use futures_util::{StreamExt as _, stream};
use serde::Deserialize;
use serde_json::{Value, json};
use wigwag_engine::Command;
use wigwag_engine::command::Provision;
use wigwag_protocol::{Device, Platform, Reason, UserId};
use wigwag_session::codec::openim::people::User;

use super::fault::Fault;
use super::{AT_ONCE, Answered, Named, count, user, users};
use crate::api::rest::{BackEnds, failed};

/// Their number for a user who is there already.
const REGISTERED: i32 = 1102;

#[derive(Deserialize)]
pub(super) struct Registration {
    users: Vec<Account>,
}

#[derive(Deserialize)]
struct Account {
    #[serde(rename = "userID")]
    user: String,
    #[serde(default)]
    nickname: String,
    #[serde(rename = "faceURL", default)]
    face_url: String,
    #[serde(default)]
    ex: String,
}

/// All of them or, when one is there already, none. One whom somebody else registers at the same moment is changed.
pub(super) async fn register(api: &BackEnds, Registration { users: accounts }: Registration) -> Answered {
    count("users", accounts.len())?;
    let mut seen = HashSet::new();
    let mut wishes = Vec::with_capacity(accounts.len());
    for Account { user: name, nickname, face_url, ex } in accounts {
        let user = user(&name)?;
        if !seen.insert(user.clone()) {
            return Err(Fault::arguments(format!("users: names {user} twice")));
        }
        let given = |text: String| Some(text).filter(|text| !text.is_empty());
        let (nickname, face_url, ext) = (given(nickname), given(face_url), given(ex));
        wishes.push((user, Provision { nickname, face_url, ext, ..Provision::default() }));
    }
    let known = known(api, wishes.iter().map(|(user, _)| user.clone()).collect()).await?;
    if let Some(user) = known.iter().flatten().next() {
        return Err(Fault::new(REGISTERED, format!("users: {user} is registered already")));
    }
    let each = wishes.into_iter().map(|(user, wish)| async move {
        api.act(&user, Command::Provision(Box::new(wish)), None).await.map(drop)
    });
    let done: Vec<_> = stream::iter(each.collect::<Vec<_>>()).buffered(AT_ONCE).collect().await;
    done.into_iter().collect::<Result<Vec<()>, _>>()?;
    Ok(Value::Null)
}

/// Those who are registered.
pub(super) async fn info(api: &BackEnds, Named { users: names }: Named) -> Answered {
    let each = users("userIDs", &names)?.into_iter().map(|user| async move { api.profile(&user).await });
    let found: Vec<_> = stream::iter(each.collect::<Vec<_>>()).buffered(AT_ONCE).collect().await;
    let mut shown = Vec::new();
    for found in found {
        match found {
            Ok(profile) => {
                shown.push(
                    serde_json::to_value(User::from(&profile))
                        .map_err(|_| Fault::because(Reason::Internal))?,
                );
            }
            Err(problem) if problem.reason == Reason::UnknownUser.as_str() => {}
            Err(problem) => return Err(problem.into()),
        }
    }
    Ok(json!({"usersInfo": shown}))
}

/// In the order asked for; who is not registered is offline.
pub(super) async fn online(api: &BackEnds, Named { users: names }: Named) -> Answered {
    let each = users("userIDs", &names)?.into_iter().map(|user| async move {
        let devices = api.sign_ins.devices_of(&user).await.map_err(failed)?;
        Ok::<_, Fault>(status(&user, &devices))
    });
    let all: Vec<_> = stream::iter(each.collect::<Vec<_>>()).buffered(AT_ONCE).collect().await;
    Ok(Value::Array(all.into_iter().collect::<Result<_, _>>()?))
}

/// Who of these is registered.
async fn known(api: &BackEnds, users: Vec<UserId>) -> Result<Vec<Option<UserId>>, Fault> {
    let each = users.into_iter().map(|user| async move {
        match api.profile(&user).await {
            Ok(_) => Ok(Some(user)),
            Err(problem) if problem.reason == Reason::UnknownUser.as_str() => Ok(None),
            Err(problem) => Err(Fault::from(problem)),
        }
    });
    let found: Vec<_> = stream::iter(each.collect::<Vec<_>>()).buffered(AT_ONCE).collect().await;
    found.into_iter().collect()
}

fn status(user: &UserId, devices: &[Device]) -> Value {
    let each = devices.iter().map(|device| {
        json!({"platform": platform(device.platform), "platformID": device.platform, "status": 1,
            "connID": device.device_id, "isBackground": false, "token": ""})
    });
    json!({"userID": user, "status": u8::from(!devices.is_empty()), "detailPlatformStatus": each.collect::<Vec<_>>()})
}

/// Their name of a platform.
fn platform(platform: Platform) -> &'static str {
    match platform.number() {
        1 => "IOS",
        2 => "Android",
        3 => "Windows",
        4 => "OSX",
        5 => "Web",
        6 => "MiniWeb",
        8 => "APad",
        9 => "IPad",
        10 => "Admin",
        11 => "HarmonyOS",
        _ => "Linux",
    }
}
