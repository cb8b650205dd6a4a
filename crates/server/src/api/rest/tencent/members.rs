//! Who is in a group.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use wigwag_engine::Command;
use wigwag_protocol::UserId;
use wigwag_protocol::group::{GroupView, Member, Role};

use super::fault::Fault;
use super::{Answered, Desk, count, user};

/// Most members of an answer, as theirs.
const MOST: usize = 100;
/// Most members that `Offset` passes over. It counts them one by one; `Next` does not.
const FARTHEST: usize = 10_000;

#[derive(Deserialize)]
pub(super) struct List {
    #[serde(rename = "GroupId")]
    group: String,
    #[serde(rename = "Limit", default)]
    limit: Option<usize>,
    #[serde(rename = "Offset", default)]
    offset: usize,
    #[serde(rename = "Next", default)]
    next: String,
}

#[derive(Deserialize)]
pub(super) struct Add {
    #[serde(rename = "GroupId")]
    group: String,
    #[serde(rename = "MemberList")]
    members: Vec<Account>,
}

#[derive(Deserialize)]
pub(super) struct Account {
    #[serde(rename = "Member_Account")]
    user: String,
}

#[derive(Deserialize)]
pub(super) struct Remove {
    #[serde(rename = "GroupId")]
    group: String,
    #[serde(rename = "MemberToDel_Account")]
    members: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct Change {
    #[serde(rename = "GroupId")]
    group: String,
    #[serde(rename = "Member_Account")]
    member: String,
    #[serde(rename = "Role", default)]
    role: Option<String>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

#[derive(Deserialize)]
pub(super) struct Roles {
    #[serde(rename = "GroupId")]
    group: String,
    #[serde(rename = "User_Account")]
    users: Vec<String>,
}

/// In byte order of their names, so `Next` is the last name of the answer before. An empty `Next` says that nobody follows.
pub(super) async fn list(desk: &Desk<'_>, asked: List) -> Answered {
    let view = desk.group(&asked.group).await?;
    let limit = asked.limit.unwrap_or(MOST);
    if !(1..=MOST).contains(&limit) || asked.offset > FARTHEST {
        let words = format!("Limit: must be 1 to {MOST}; Offset: at most {FARTHEST}, then give Next");
        return Err(Fault::bad(words));
    }
    let mut after = if asked.next.is_empty() { None } else { Some(user(&asked.next)?) };
    if after.is_none() && asked.offset > 0 {
        after = desk.member_at(&view, asked.offset).await?;
        if after.is_none() {
            return Ok(json!({"MemberNum": view.member_count, "MemberList": [], "Next": ""}));
        }
    }
    let page = desk.api.door.members_of(&view.group_id, after.as_ref(), limit).await?;
    let list: Vec<Value> = page.members.iter().map(shown).collect();
    let next = page.next.as_ref().map_or("", UserId::as_str);
    Ok(json!({"MemberNum": view.member_count, "MemberList": list, "Next": next}))
}

/// One by one, because each has a result of their own: 0 failed, 1 added, 2 was a member.
pub(super) async fn add(desk: &Desk<'_>, Add { group, members }: Add) -> Answered {
    count("MemberList", &members)?;
    let view = desk.group(&group).await?;
    let mut results = Vec::with_capacity(members.len());
    for Account { user: name } in &members {
        let result = desk.adds(&view, name).await.unwrap_or(0);
        results.push(json!({"Member_Account": name, "Result": result}));
    }
    Ok(json!({"MemberList": results}))
}

pub(super) async fn remove(desk: &Desk<'_>, Remove { group, members }: Remove) -> Answered {
    count("MemberToDel_Account", &members)?;
    let view = desk.group(&group).await?;
    let users = members.iter().map(|name| user(name)).collect::<Result<_, _>>()?;
    desk.api.act(&view.owner, Command::RemoveMembers(view.group_id, users), None).await?;
    Ok(json!({}))
}

/// Of a member only the role is kept here.
pub(super) async fn change(desk: &Desk<'_>, Change { group, member, role, others }: Change) -> Answered {
    if let Some(other) = others.keys().next() {
        return Err(Fault::bad(format!("{other}: of a member this server keeps the Role alone")));
    }
    let (view, user) = (desk.group(&group).await?, user(&member)?);
    let role = match role.as_deref() {
        Some("Admin") => Role::Admin,
        Some("Member") => Role::Member,
        _ => return Err(Fault::bad("Role: must be Admin or Member; change_group_owner hands a group over")),
    };
    desk.api.act(&view.owner, Command::SetRole { group: view.group_id, user, role }, None).await?;
    Ok(json!({}))
}

pub(super) async fn roles(desk: &Desk<'_>, Roles { group, users }: Roles) -> Answered {
    count("User_Account", &users)?;
    let view = desk.group(&group).await?;
    let asked = users.iter().map(|name| user(name)).collect::<Result<Vec<_>, _>>()?;
    let members = desk.api.door.members_named(&view.owner, &view.group_id, &asked).await?;
    let list = asked.iter().map(|user| {
        let member = members.iter().find(|member| member.user_id == *user);
        json!({"Member_Account": user, "Role": member.map_or("NotMember", |member| word(member.role))})
    });
    Ok(json!({"UserIdList": list.collect::<Vec<_>>()}))
}

impl Desk<'_> {
    async fn adds(&self, view: &GroupView, name: &str) -> Result<u8, Fault> {
        let user = user(name)?;
        let members =
            self.api.door.members_named(&view.owner, &view.group_id, std::slice::from_ref(&user)).await?;
        if !members.is_empty() {
            return Ok(2);
        }
        self.api.act(&view.owner, Command::AddMembers(view.group_id.clone(), vec![user]), None).await?;
        Ok(1)
    }

    /// The last of the first `count` members; `None` when there are no more than these.
    async fn member_at(&self, view: &GroupView, count: usize) -> Result<Option<UserId>, Fault> {
        let (mut left, mut after) = (count, None);
        loop {
            let page = self.api.door.members_of(&view.group_id, after.as_ref(), left.min(1_000)).await?;
            left -= page.members.len().min(left);
            if left == 0 || page.next.is_none() {
                return Ok(page.next);
            }
            after = page.next;
        }
    }
}

fn shown(member: &Member) -> Value {
    json!({"Member_Account": member.user_id, "Role": word(member.role), "JoinTime": member.joined_at / 1_000})
}

fn word(role: Role) -> &'static str {
    match role {
        Role::Owner => "Owner",
        Role::Admin => "Admin",
        Role::Member => "Member",
    }
}
