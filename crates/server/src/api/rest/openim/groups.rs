//! Groups: made, and who is in them.

use serde::Deserialize;
use serde_json::{Value, json};
use wigwag_engine::{Command, Reply};
use wigwag_protocol::group::{JoinPolicy, Role};
use wigwag_protocol::params::GroupCreate;
use wigwag_protocol::{GroupId, Method, Reason, UserId};
use wigwag_session::codec::openim::Dialect;
use wigwag_session::codec::openim::people::Group;

use super::fault::Fault;
use super::{Answered, group, user, users};
use crate::api::rest::{BackEnds, unexpected};

#[derive(Deserialize)]
pub(super) struct Creation {
    #[serde(rename = "ownerUserID")]
    owner: String,
    #[serde(rename = "memberUserIDs", default)]
    members: Vec<String>,
    #[serde(rename = "adminUserIDs", default)]
    admins: Vec<String>,
    #[serde(rename = "groupInfo", default)]
    info: Info,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Info {
    #[serde(rename = "groupID")]
    id: String,
    #[serde(rename = "groupName")]
    name: String,
    ex: String,
}

#[derive(Deserialize)]
pub(super) struct Addition {
    #[serde(rename = "groupID")]
    group: String,
    #[serde(rename = "invitedUserIDs")]
    users: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct Removal {
    #[serde(rename = "groupID")]
    group: String,
    #[serde(rename = "kickedUserIDs")]
    users: Vec<String>,
}

pub(super) async fn create(api: &BackEnds, wish: Creation) -> Answered {
    let owner = user(&wish.owner)?;
    let others = |names: &[String]| -> Result<Vec<UserId>, Fault> {
        let named: Result<Vec<_>, _> = names.iter().map(|name| user(name)).collect();
        Ok(named?.into_iter().filter(|user| *user != owner).collect())
    };
    let admins = others(&wish.admins)?;
    let mut members = others(&wish.members)?;
    members.extend(admins.iter().cloned());
    let params = GroupCreate {
        group_id: Some(wish.info.id.as_str()).filter(|id| !id.is_empty()).map(group).transpose()?,
        name: wish.info.name,
        ext: wish.info.ex,
        join_policy: JoinPolicy::Free,
        members,
    };
    let Reply::Created(created) = api.call(&owner, Method::GroupCreate, &params, None).await? else {
        return Err(unexpected().into());
    };
    for user in admins.into_iter().filter(|user| !created.ignored_members.contains(user)) {
        let (group, role) = (created.group_id.clone(), Role::Admin);
        api.act(&owner, Command::SetRole { group, user, role }, None).await?;
    }
    let view = api.group(&created.group_id).await?;
    let shown = serde_json::to_value(Group::of(Dialect::Three, &view));
    Ok(json!({"groupInfo": shown.map_err(|_| Fault::because(Reason::Internal))?}))
}

pub(super) async fn add(api: &BackEnds, wish: Addition) -> Answered {
    let users = users("invitedUserIDs", &wish.users)?;
    as_owner(api, &wish.group, |group| Command::AddMembers(group, users)).await
}

pub(super) async fn remove(api: &BackEnds, wish: Removal) -> Answered {
    let users = users("kickedUserIDs", &wish.users)?;
    as_owner(api, &wish.group, |group| Command::RemoveMembers(group, users)).await
}

async fn as_owner(api: &BackEnds, name: &str, command: impl FnOnce(GroupId) -> Command) -> Answered {
    let view = api.group(&group(name)?).await?;
    api.act(&view.owner, command(view.group_id), None).await?;
    Ok(Value::Null)
}
