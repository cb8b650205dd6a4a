//! Groups: made, changed, handed over, looked at.
//!
//! What theirs keeps of a group and the protocol does not (its type, picture, texts and custom fields) is in the group's `ext`, where
//! the SDK's surfaces keep it.

use futures_util::{StreamExt as _, stream};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use wigwag_engine::command::GroupNotice;
use wigwag_engine::{Command, Reply};
use wigwag_protocol::group::{GroupView, JoinPolicy, Role};
use wigwag_protocol::params::GroupCreate;
use wigwag_protocol::rest::group::NOTIFIED_MEMBERS;
use wigwag_protocol::{GroupId, Method, UserId};
use wigwag_session::{Found, Query};

use super::fault::Fault;
use super::words::ext_with;
use super::{AT_ONCE, Answered, Desk, count, group, user};
use crate::api::rest::unexpected;
use crate::tencent::kept_in;

/// Groups of a page of those that a user is in. A user is in at most as many as `limits.user_groups` says.
const PAGE: usize = 100;

/// What is said of a group.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Description {
    name: Option<String>,
    introduction: Option<String>,
    notification: Option<String>,
    face_url: Option<String>,
    apply_join_option: Option<String>,
    app_defined_data: Option<Vec<Custom>>,
    shut_up_all_member: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Custom {
    key: String,
    value: Value,
}

#[derive(Deserialize)]
pub(super) struct Create {
    #[serde(rename = "Owner_Account", default)]
    owner: Option<String>,
    #[serde(rename = "Type")]
    kind: String,
    #[serde(rename = "GroupId", default)]
    group: Option<String>,
    #[serde(rename = "MemberList", default)]
    members: Vec<First>,
    #[serde(flatten)]
    description: Description,
}

/// A first member.
#[derive(Deserialize)]
struct First {
    #[serde(rename = "Member_Account")]
    user: String,
    #[serde(rename = "Role", default)]
    role: String,
}

#[derive(Deserialize)]
pub(super) struct Change {
    #[serde(rename = "GroupId")]
    group: String,
    #[serde(flatten)]
    description: Description,
}

#[derive(Deserialize)]
pub(super) struct Named {
    #[serde(rename = "GroupId")]
    group: String,
}

#[derive(Deserialize)]
pub(super) struct Infos {
    #[serde(rename = "GroupIdList")]
    groups: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct HandOver {
    #[serde(rename = "GroupId")]
    group: String,
    #[serde(rename = "NewOwner_Account")]
    owner: String,
}

#[derive(Deserialize)]
pub(super) struct Joined {
    #[serde(rename = "Member_Account")]
    user: String,
    #[serde(rename = "Limit", default)]
    limit: Option<usize>,
    #[serde(rename = "Offset", default)]
    offset: usize,
    #[serde(rename = "GroupType", default)]
    kind: String,
}

#[derive(Deserialize)]
pub(super) struct Notice {
    #[serde(rename = "GroupId")]
    group: String,
    #[serde(rename = "Content")]
    content: String,
    #[serde(rename = "ToMembers_Account", default)]
    to: Vec<String>,
}

pub(super) async fn create(desk: &Desk<'_>, wish: Create) -> Answered {
    let owner = match wish.owner.as_deref().filter(|owner| !owner.is_empty()) {
        Some(owner) => user(owner)?,
        None => return Err(Fault::bad("Owner_Account: name the group's owner; every group has one here")),
    };
    let mut fields = kept_of(&wish.description);
    fields.insert("type".to_owned(), json!(wish.kind));
    let group = wish.group.as_deref().filter(|group| !group.is_empty()).map(group).transpose()?;
    let members = wish.members.iter().map(|first| user(&first.user));
    let params = GroupCreate {
        group_id: group,
        name: wish.description.name.clone().unwrap_or_default(),
        ext: ext_with("", fields)?,
        join_policy: policy(wish.description.apply_join_option.as_deref(), &wish.kind),
        members: members.collect::<Result<_, _>>()?,
    };
    let Reply::Created(created) = desk.api.call(&owner, Method::GroupCreate, &params, None).await? else {
        return Err(unexpected().into());
    };
    desk.appoints(&owner, &created.group_id, &wish.members).await?;
    Ok(json!({"GroupId": created.group_id, "Type": wish.kind}))
}

/// Members are told by `get_group_member_info`, and not here: a group may have thousands.
pub(super) async fn info(desk: &Desk<'_>, Infos { groups }: Infos) -> Answered {
    count("GroupIdList", &groups)?;
    let each = groups.iter().map(|name| async move { (name, desk.group(name).await) });
    let found: Vec<_> = stream::iter(each.collect::<Vec<_>>()).buffered(AT_ONCE).collect().await;
    let infos = found.into_iter().map(|(name, found)| match found {
        Ok(view) => shown(&view),
        Err(fault) => json!({"GroupId": name, "ErrorCode": fault.number("group_open_http_svc"),
            "ErrorInfo": fault.info()}),
    });
    Ok(json!({"GroupInfo": infos.collect::<Vec<_>>()}))
}

pub(super) async fn change(desk: &Desk<'_>, Change { group: name, description }: Change) -> Answered {
    if description.shut_up_all_member.as_deref() == Some("On") {
        return Err(Fault::bad("ShutUpAllMember: this server mutes nobody"));
    }
    let view = desk.group(&name).await?;
    let fields = kept_of(&description);
    let ext = if fields.is_empty() { None } else { Some(ext_with(&view.ext, fields)?) };
    let kind = kept_in(&view.ext).get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    let option = description.apply_join_option.as_deref();
    let join_policy = option.map(|option| policy(Some(option), &kind));
    let command = Command::SetGroupInfo { group: view.group_id, name: description.name, ext, join_policy };
    desk.api.act(&view.owner, command, None).await?;
    Ok(json!({}))
}

pub(super) async fn destroy(desk: &Desk<'_>, Named { group: name }: Named) -> Answered {
    let view = desk.group(&name).await?;
    desk.api.act(&view.owner, Command::DismissGroup(view.group_id), None).await?;
    Ok(json!({}))
}

/// As theirs: to all members when nobody is named, and past those who are none.
pub(super) async fn notify(desk: &Desk<'_>, Notice { group: name, content, to }: Notice) -> Answered {
    if to.len() > NOTIFIED_MEMBERS {
        let words =
            format!("ToMembers_Account: must have at most {NOTIFIED_MEMBERS} entries, and has {}", to.len());
        return Err(Fault::bad(words));
    }
    let users: Vec<UserId> = to.iter().map(|name| user(name)).collect::<Result<_, _>>()?;
    let view = desk.group(&name).await?;
    let to = (!users.is_empty()).then_some(users);
    let notice = GroupNotice { group: view.group_id, data: content, to };
    desk.api.act(&view.owner, Command::NotifyGroup(Box::new(notice)), None).await?;
    Ok(json!({}))
}

pub(super) async fn hand_over(desk: &Desk<'_>, HandOver { group: name, owner }: HandOver) -> Answered {
    let (view, user) = (desk.group(&name).await?, user(&owner)?);
    let command = Command::SetRole { group: view.group_id, user, role: Role::Owner };
    desk.api.act(&view.owner, command, None).await?;
    Ok(json!({}))
}

pub(super) async fn joined(desk: &Desk<'_>, Joined { user: name, limit, offset, kind }: Joined) -> Answered {
    let user = user(&name)?;
    desk.api.profile(&user).await?;
    let all = desk.groups_of(&user).await?.iter().map(shown).collect::<Vec<_>>();
    let all: Vec<Value> =
        all.into_iter().filter(|group| kind.is_empty() || group["Type"] == kind.as_str()).collect();
    let total = all.len();
    let page: Vec<Value> = all.into_iter().skip(offset).take(limit.unwrap_or(total)).collect();
    Ok(json!({"TotalCount": total, "GroupIdList": page}))
}

impl Desk<'_> {
    pub(super) async fn group(&self, name: &str) -> Result<GroupView, Fault> {
        Ok(self.api.group(&group(name)?).await?)
    }

    async fn appoints(&self, owner: &UserId, group: &GroupId, first: &[First]) -> Result<(), Fault> {
        for First { user: name, .. } in first.iter().filter(|first| first.role == "Admin") {
            let command = Command::SetRole { group: group.clone(), user: user(name)?, role: Role::Admin };
            self.api.act(owner, command, None).await?;
        }
        Ok(())
    }

    async fn groups_of(&self, user: &UserId) -> Result<Vec<GroupView>, Fault> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let query = Query::Groups { after, limit: PAGE };
            let Found::Groups(page) = self.api.look(user, query).await? else {
                return Err(unexpected().into());
            };
            all.extend(page.groups);
            after = page.next;
            if after.is_none() {
                return Ok(all);
            }
        }
    }
}

/// What of a description is kept in the `ext`, under the names that the SDK's surfaces give it.
fn kept_of(description: &Description) -> Map<String, Value> {
    let mut fields = Map::new();
    for (name, value) in [
        ("introduction", &description.introduction),
        ("notification", &description.notification),
        ("avatar", &description.face_url),
    ] {
        if let Some(value) = value {
            fields.insert(name.to_owned(), json!(value));
        }
    }
    if let Some(custom) = &description.app_defined_data {
        let custom = custom.iter().map(|Custom { key, value }| json!({"key": key, "value": value}));
        fields.insert("groupCustomField".to_owned(), custom.collect());
    }
    fields
}

/// A group that needs its owner's permission is one to which members add others: this server does not ask.
fn policy(option: Option<&str>, kind: &str) -> JoinPolicy {
    match option {
        Some("FreeAccess") => JoinPolicy::Free,
        Some(_) => JoinPolicy::InviteOnly,
        None if kind == "Private" || kind == "Work" => JoinPolicy::InviteOnly,
        None => JoinPolicy::Free,
    }
}

fn shown(view: &GroupView) -> Value {
    let kept = kept_in(&view.ext);
    let text = |name: &str| kept.get(name).and_then(Value::as_str).unwrap_or_default();
    let custom = kept.get("groupCustomField").and_then(Value::as_array).into_iter().flatten();
    let custom = custom.map(|one| json!({"Key": one["key"], "Value": one["value"]}));
    let free = view.join_policy == JoinPolicy::Free;
    let kind = match text("type") {
        "" => {
            if free {
                "Public"
            } else {
                "Private"
            }
        }
        kind => kind,
    };
    json!({"GroupId": view.group_id, "ErrorCode": 0, "ErrorInfo": "", "Type": kind, "Name": view.name,
        "Introduction": text("introduction"), "Notification": text("notification"), "FaceUrl": text("avatar"),
        "Owner_Account": view.owner, "CreateTime": view.created_at / 1_000, "MemberNum": view.member_count,
        "ApplyJoinOption": if free { "FreeAccess" } else { "DisableApply" },
        "AppDefinedData": custom.collect::<Vec<_>>()})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_free_access_lets_anybody_in() {
        for (option, kind, policy_is) in [
            (Some("FreeAccess"), "Private", JoinPolicy::Free),
            (Some("NeedPermission"), "Public", JoinPolicy::InviteOnly),
            (Some("DisableApply"), "Public", JoinPolicy::InviteOnly),
            (None, "Private", JoinPolicy::InviteOnly),
            (None, "Public", JoinPolicy::Free),
            (None, "ChatRoom", JoinPolicy::Free),
        ] {
            assert_eq!(policy(option, kind), policy_is, "{option:?} {kind}");
        }
    }
}
