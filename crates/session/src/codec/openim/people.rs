//! Users, groups and members as OpenIM shows them.

use serde::Serialize;
use wigwag_protocol::group::{GroupView, Member, Profile, Role};
use wigwag_protocol::{GroupId, UserId};

use super::Dialect;

/// A user, as others see them.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct User<'a> {
    #[serde(rename = "userID")]
    id: &'a UserId,
    nickname: &'a str,
    #[serde(rename = "faceURL")]
    face_url: &'a str,
    create_time: u64,
    ex: &'a str,
    attached_info: &'static str,
    global_recv_msg_opt: u8,
}

/// What a lookup of users gives for each.
#[derive(Debug, Clone, Serialize)]
pub struct Found<'a> {
    #[serde(rename = "publicInfo")]
    public: User<'a>,
    #[serde(rename = "friendInfo")]
    friend: Option<()>,
    #[serde(rename = "blackInfo")]
    black: Option<()>,
}

impl<'a> From<&'a Profile> for User<'a> {
    fn from(profile: &'a Profile) -> Self {
        Self {
            id: &profile.user_id,
            nickname: &profile.nickname,
            face_url: &profile.face_url,
            create_time: 0,
            ex: &profile.ext,
            attached_info: "",
            global_recv_msg_opt: 0,
        }
    }
}

impl<'a> From<&'a Profile> for Found<'a> {
    fn from(profile: &'a Profile) -> Self {
        Self { public: profile.into(), friend: None, black: None }
    }
}

/// An entry of the list of blocked users.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Blocked<'a> {
    #[serde(rename = "ownerUserID")]
    owner: &'a UserId,
    #[serde(rename = "userID")]
    user_id: &'a UserId,
    nickname: &'a str,
    #[serde(rename = "faceURL")]
    face_url: &'a str,
    create_time: u64,
    add_source: u8,
    #[serde(rename = "operatorUserID")]
    operator: &'a UserId,
    ex: &'a str,
}

impl<'a> Blocked<'a> {
    /// `profile`, blocked by `owner`.
    pub fn of(owner: &'a UserId, profile: &'a Profile) -> Self {
        Self {
            owner,
            user_id: &profile.user_id,
            nickname: &profile.nickname,
            face_url: &profile.face_url,
            create_time: 0,
            add_source: 0,
            operator: owner,
            ex: &profile.ext,
        }
    }
}

/// A group.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Group<'a> {
    #[serde(rename = "groupID")]
    id: &'a GroupId,
    #[serde(rename = "groupName")]
    name: &'a str,
    notification: &'static str,
    introduction: &'static str,
    #[serde(rename = "faceURL")]
    face_url: &'static str,
    create_time: u64,
    status: u8,
    #[serde(rename = "creatorUserID")]
    creator: &'a UserId,
    #[serde(rename = "groupType")]
    kind: u8,
    #[serde(rename = "ownerUserID")]
    owner: &'a UserId,
    member_count: u32,
    ex: &'a str,
    need_verification: u8,
    look_member_info: u8,
    apply_member_friend: u8,
    notification_update_time: u64,
    #[serde(rename = "notificationUserID")]
    notification_user_id: &'static str,
}

impl<'a> Group<'a> {
    /// A group that exists.
    pub fn of(dialect: Dialect, group: &'a GroupView) -> Self {
        Self {
            id: &group.group_id,
            name: &group.name,
            notification: "",
            introduction: "",
            face_url: "",
            create_time: dialect.time(group.created_at),
            status: 0,
            creator: &group.owner,
            kind: dialect.pick(0, 2),
            owner: &group.owner,
            member_count: group.member_count,
            ex: &group.ext,
            need_verification: 0,
            look_member_info: 0,
            apply_member_friend: 0,
            notification_update_time: 0,
            notification_user_id: "",
        }
    }

    /// The same, dismissed.
    #[must_use]
    pub fn dismissed(self) -> Self {
        Self { status: 2, member_count: 0, ..self }
    }
}

/// A member of a group.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupMember<'a> {
    #[serde(rename = "groupID")]
    group_id: &'a GroupId,
    #[serde(rename = "userID")]
    user_id: &'a UserId,
    nickname: &'a str,
    #[serde(rename = "faceURL")]
    face_url: &'a str,
    role_level: u8,
    join_time: u64,
    join_source: u8,
    #[serde(rename = "inviterUserID")]
    inviter: &'static str,
    mute_end_time: u64,
    #[serde(rename = "operatorUserID")]
    operator: &'static str,
    ex: &'static str,
}

impl<'a> GroupMember<'a> {
    /// A member and their profile.
    pub fn of(dialect: Dialect, group_id: &'a GroupId, member: &Member, profile: &'a Profile) -> Self {
        Self {
            group_id,
            user_id: &profile.user_id,
            nickname: &profile.nickname,
            face_url: &profile.face_url,
            role_level: role_level(dialect, member.role),
            join_time: dialect.time(member.joined_at),
            join_source: 2,
            inviter: "",
            mute_end_time: 0,
            operator: "",
            ex: "",
        }
    }
}

/// A role's number.
pub fn role_level(dialect: Dialect, role: Role) -> u8 {
    match role {
        Role::Member => dialect.pick(1, 20),
        Role::Admin => dialect.pick(3, 60),
        Role::Owner => dialect.pick(2, 100),
    }
}

/// Which members a list wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    members: bool,
    admins: bool,
    owner: bool,
}

impl Wanted {
    /// The members that a filter's number stands for; `None` when there is no such number.
    pub fn by_filter(dialect: Dialect, filter: u64) -> Option<Self> {
        let wanted = |members, admins, owner| Some(Self { members, admins, owner });
        match (dialect, filter) {
            (_, 0) => wanted(true, true, true),
            (Dialect::Two, 1) | (Dialect::Three, 3) => wanted(true, false, false),
            (Dialect::Two, 2) | (Dialect::Three, 1) => wanted(false, false, true),
            (Dialect::Two, 3) | (Dialect::Three, 2) => wanted(false, true, false),
            (_, 4) => wanted(true, true, false),
            (Dialect::Three, 5) => wanted(false, true, true),
            (Dialect::Two | Dialect::Three, _) => None,
        }
    }

    /// Whether a member of this role is wanted.
    pub fn has(self, role: Role) -> bool {
        match role {
            Role::Member => self.members,
            Role::Admin => self.admins,
            Role::Owner => self.owner,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_numbers_roles_and_filters_in_its_own_way() {
        let level = |dialect| [Role::Member, Role::Admin, Role::Owner].map(|role| role_level(dialect, role));
        assert_eq!((level(Dialect::Two), level(Dialect::Three)), ([1, 3, 2], [20, 60, 100]));
        let has = |dialect, filter| {
            let wanted = Wanted::by_filter(dialect, filter)?;
            Some([Role::Member, Role::Admin, Role::Owner].map(|role| wanted.has(role)))
        };
        let table = [
            (0, Some([true, true, true]), Some([true, true, true])),
            (1, Some([true, false, false]), Some([false, false, true])),
            (2, Some([false, false, true]), Some([false, true, false])),
            (3, Some([false, true, false]), Some([true, false, false])),
            (4, Some([true, true, false]), Some([true, true, false])),
            (5, None, Some([false, true, true])),
            (6, None, None),
        ];
        for (filter, two, three) in table {
            assert_eq!((has(Dialect::Two, filter), has(Dialect::Three, filter)), (two, three), "{filter}");
        }
    }

    #[test]
    fn times_of_groups_are_seconds_in_the_older_version() {
        let group = GroupView {
            group_id: GroupId::parse("class").unwrap(),
            name: "Class".to_owned(),
            ext: String::new(),
            join_policy: wigwag_protocol::group::JoinPolicy::Free,
            owner: UserId::parse("alice").unwrap(),
            member_count: 2,
            created_at: 1_700_000_000_123,
        };
        let shown = |dialect| serde_json::to_value(Group::of(dialect, &group)).unwrap();
        let (two, three) = (shown(Dialect::Two), shown(Dialect::Three));
        assert_eq!((&two["createTime"], &two["groupType"]), (&1_700_000_000_u64.into(), &0.into()));
        assert_eq!((&three["createTime"], &three["groupType"]), (&1_700_000_000_123_u64.into(), &2.into()));
    }
}
