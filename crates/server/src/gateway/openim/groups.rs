//! Groups and their members.

use serde::Serialize;
use wigwag_engine::{Command, Reply};
use wigwag_protocol::error::Reason;
use wigwag_protocol::group::{GroupView, Member, Profile, Role};
use wigwag_protocol::{GroupId, UserId};
use wigwag_session::codec::openim::Error;
use wigwag_session::codec::openim::asked::NewGroup;
use wigwag_session::codec::openim::frame::Answer;
use wigwag_session::codec::openim::people::{Group, GroupMember, Wanted};
use wigwag_session::{Found, Query};

use super::program::{Outcome, Program};

/// Groups in one page.
const GROUPS: usize = 100;
/// Pages of one's own groups that are read for the one list that a client gets.
const MOST_PAGES: usize = 10;

/// What became of one user, in the older version.
#[derive(Serialize)]
struct Added<'a> {
    #[serde(rename = "userID")]
    user_id: &'a UserId,
    result: i32,
}

impl Program<'_> {
    pub(super) async fn create_group(&self, new: NewGroup) -> Outcome {
        let NewGroup { create, admins } = new;
        let Reply::Created(created) = self.command(Command::CreateGroup(Box::new(create))).await? else {
            return Err(Error::because(Reason::Internal));
        };
        for user in admins.into_iter().filter(|user| !created.ignored_members.contains(user)) {
            let (group, role) = (created.group_id.clone(), Role::Admin);
            self.command(Command::SetRole { group, user, role }).await?;
        }
        let group = self.lookup.group(&created.group_id).await?;
        let group = group.ok_or_else(|| Error::because(Reason::Internal))?;
        Ok(Answer::of(&Group::of(self.me.dialect, &group)))
    }

    pub(super) async fn add_members(&self, group: GroupId, users: Vec<UserId>) -> Outcome {
        self.command(Command::AddMembers(group, users.clone())).await?;
        Ok(self.each(&users))
    }

    pub(super) async fn remove_members(&self, group: GroupId, users: Vec<UserId>) -> Outcome {
        self.command(Command::RemoveMembers(group, users.clone())).await?;
        Ok(self.each(&users))
    }

    fn each(&self, users: &[UserId]) -> Answer {
        let each = users.iter().map(|user_id| Added { user_id, result: 0 }).collect::<Vec<_>>();
        self.me.dialect.pick(Answer::of(&each), Answer::Nothing)
    }

    /// Ordered by role, then by when they came.
    pub(super) async fn members(
        &self,
        group: &GroupId,
        wanted: Wanted,
        offset: usize,
        count: usize,
    ) -> Outcome {
        let mut members = self.lookup.members(group).await?;
        members.retain(|member| wanted.has(member.role));
        members.sort_by(|one, other| other.role.cmp(&one.role).then(one.joined_at.cmp(&other.joined_at)));
        let some: Vec<Member> = members.into_iter().skip(offset).take(count).collect();
        self.shown(group, &some).await
    }

    pub(super) async fn members_named(&self, group: &GroupId, users: &[UserId]) -> Outcome {
        let members = self.lookup.members_named(group, users).await?;
        self.shown(group, &members).await
    }

    async fn shown(&self, group: &GroupId, members: &[Member]) -> Outcome {
        let users: Vec<UserId> = members.iter().map(|member| member.user_id.clone()).collect();
        let profiles = self.lookup.profiles(&users).await?;
        let profile = |user: &UserId| profiles.iter().find(|profile: &&Profile| profile.user_id == *user);
        let shown = members.iter().filter_map(|member| {
            Some(GroupMember::of(self.me.dialect, group, member, profile(&member.user_id)?))
        });
        Ok(Answer::list(shown))
    }

    /// Those that the user is in or could join; others do not exist for them.
    pub(super) async fn groups(&self, groups: &[GroupId]) -> Outcome {
        let mut found = Vec::new();
        for group in groups.iter().take(GROUPS) {
            match self.lookup.group(group).await {
                Ok(group) => found.extend(group),
                Err(refusal) if refusal.is_failure() => return Err(refusal.into()),
                Err(_) => {}
            }
        }
        Ok(self.list(&found))
    }

    pub(super) async fn my_groups(&self) -> Outcome {
        let (mut groups, mut after) = (Vec::new(), None);
        for _ in 0..MOST_PAGES {
            let Found::Groups(page) = self.lookup.ask(Query::Groups { after, limit: GROUPS }).await? else {
                return Err(Error::because(Reason::Internal));
            };
            groups.extend(page.groups);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        Ok(self.list(&groups))
    }

    fn list(&self, groups: &[GroupView]) -> Answer {
        Answer::list(groups.iter().map(|group| Group::of(self.me.dialect, group)))
    }
}
