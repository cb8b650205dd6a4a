//! Groups: who is in them, and what their open invitations lose with a member.

use std::collections::BTreeMap;

use wigwag_protocol::event::{
    GroupDismissed, GroupInfoChanged, GroupMembersAdded, GroupMembersRemoved, GroupNotice, GroupRoleChanged,
};
use wigwag_protocol::group::{JoinPolicy, Role};
use wigwag_protocol::result::{Done, GroupCreated};
use wigwag_protocol::{CallId, Event, GroupId, InviteId, UserId};

use super::call;
use super::draft::{Draft, Parting, Telling};
use super::invitation::meet;
use super::reach::{Access, Reaching, access, loaded_for};
use super::user::check_length;
use super::vacancy::{loaded_together, missing_to_close};
use crate::command::{self, CreateGroup};
use crate::group::Membership;
use crate::invitation::Circumstance;
use crate::open::OpenInGroup;
use crate::refusal::Field;
use crate::{Actor, Change, ConversationId, Decision, Group, Key, Ledger, Refusal, Reply, Stop};

/// What an admin wants to change in a group's description.
pub(super) struct Description<'a> {
    pub(super) name: Option<&'a str>,
    pub(super) ext: Option<&'a str>,
    pub(super) join_policy: Option<JoinPolicy>,
}

pub(super) fn create(mut draft: Draft<'_>, actor: &Actor, wish: &CreateGroup) -> Result<Decision, Stop> {
    let limits = draft.around.limits;
    check_length(Field::Name, Some(&wish.name), limits.name_bytes)?;
    check_length(Field::Ext, Some(&wish.ext), limits.ext_bytes)?;
    let id = match &wish.id {
        Some(id) if draft.ledger.group(id)?.is_some() => return Err(Refusal::GroupIdTaken.into()),
        Some(id) => id.clone(),
        // A fresh id cannot exist, so it is not looked up: a miss would restart the decision with a different id.
        None => GroupId::parse(&draft.chance.fresh_id()).map_err(|_| Refusal::Internal)?,
    };
    let (known, mut left_out) = known_users(&draft, &wish.members)?;
    let mut sorted = sort(&draft, actor, known)?;
    left_out.append(&mut sorted.unwilling);
    if !has_room(&draft, &actor.user)? {
        return Err(Refusal::TooManyGroups.into());
    }
    left_out.extend(without_room(&draft, &mut sorted.new)?);
    let joined_at = draft.now();
    let mut members: BTreeMap<UserId, Membership> =
        sorted.new.into_iter().map(|new| (new.user, new.familiarity.member(joined_at))).collect();
    members.insert(actor.user.clone(), Membership { role: Role::Owner, joined_at, familiar: true });
    if members.len() > limits.group_members {
        return Err(Refusal::GroupFull.into());
    }
    let everybody: Vec<UserId> = members.keys().cloned().collect();
    let added = GroupMembersAdded {
        group_id: id.clone(),
        name: wish.name.clone(),
        by: actor.user.clone(),
        user_ids: everybody.clone(),
        created: true,
    };
    let group = Group {
        id: id.clone(),
        name: wish.name.clone(),
        ext: wish.ext.clone(),
        join_policy: wish.join_policy,
        created_at: joined_at,
        members,
    };
    draft.change(Change::GroupCreated(Box::new(group)));
    let receipt = draft.tell(everybody, Telling::default(), |_| Event::GroupMembersAdded(added))?;
    let created =
        GroupCreated { group_id: id, cursor: receipt.cursor, time: joined_at, ignored_members: left_out };
    Ok(draft.finish(Reply::Created(created)))
}

pub(super) fn join(mut draft: Draft<'_>, actor: &Actor, id: &GroupId) -> Result<Decision, Stop> {
    let group = existing(&draft, id)?;
    if group.has(&actor.user) {
        return Err(Refusal::AlreadyMember.into());
    }
    let has_left = draft.ledger.has_left(id, &actor.user)?;
    match group.join_policy {
        JoinPolicy::InviteOnly if !has_left => return Err(Refusal::UnknownGroup.into()),
        JoinPolicy::InviteOnly | JoinPolicy::Free => {}
    }
    if has_left {
        draft.change(departure(id, actor, false));
    }
    if !has_room(&draft, &actor.user)? {
        return Err(Refusal::TooManyGroups.into());
    }
    let own_wish = New { user: actor.user.clone(), familiarity: Familiarity::Familiar };
    come(draft, actor, group, vec![own_wish])
}

/// Any member may add registered users who let them and have not left. A back end also puts back who left: it answers for its
/// groups. Users who are members already are passed over.
pub(super) fn add(
    mut draft: Draft<'_>,
    actor: &Actor,
    id: &GroupId,
    users: &[UserId],
) -> Result<Decision, Stop> {
    check_count(&draft, users)?;
    let group = existing(&draft, id)?;
    group.role(&actor.user)?;
    let (known, unknown) = known_users(&draft, users)?;
    if let Some(user) = unknown.first() {
        return Err(Refusal::UnknownNewMember(user.clone()).into());
    }
    let new: Vec<UserId> = known.into_iter().filter(|user| !group.has(user)).collect();
    let Sorted { unwilling, mut new } = sort(&draft, actor, new)?;
    if let Some(user) = unwilling.into_iter().next() {
        return Err(Refusal::BlockedByNewMember(user).into());
    }
    for New { user, .. } in &new {
        if !draft.ledger.has_left(id, user)? {
            continue;
        }
        if !actor.is_back_end() {
            return Err(Refusal::HasLeft(user.clone()).into());
        }
        draft.change(Change::Departure { group: id.clone(), user: user.clone(), has_left: false });
    }
    if let Some(user) = without_room(&draft, &mut new)?.into_iter().next() {
        return Err(Refusal::TooManyGroupsOfNewMember(user).into());
    }
    come(draft, actor, group, new)
}

pub(super) fn quit(mut draft: Draft<'_>, actor: &Actor, id: &GroupId) -> Result<Decision, Stop> {
    let group = existing(&draft, id)?;
    if group.role(&actor.user)? == Role::Owner {
        return Err(Refusal::OwnerMayNotQuit.into());
    }
    draft.change(departure(id, actor, true));
    go(draft, actor, group, vec![actor.user.clone()])
}

/// One step out of the group: an owner hands it over to the member who is next ([`Group::heir`]), and is an admin then. When nobody else is in it, it
/// is dismissed. Everybody else leaves.
pub(super) fn part_with(draft: Draft<'_>, actor: &Actor, id: &GroupId) -> Result<Decision, Stop> {
    let group = existing(&draft, id)?;
    match (group.role(&actor.user)?, group.heir()) {
        (Role::Owner, Some(heir)) => set_role(draft, actor, id, heir, Role::Owner),
        (Role::Owner, None) => dismiss(draft, actor, id),
        (Role::Admin | Role::Member, _) => quit(draft, actor, id),
    }
}

/// Admins may remove members, and the owner also admins. Users who are not members are passed over.
pub(super) fn remove(
    draft: Draft<'_>,
    actor: &Actor,
    id: &GroupId,
    users: &[UserId],
) -> Result<Decision, Stop> {
    check_count(&draft, users)?;
    let group = existing(&draft, id)?;
    group.require(&actor.user, Role::Admin)?;
    let own = group.role(&actor.user)?;
    let mut leaving: Vec<UserId> = users.iter().filter(|user| group.has(user)).cloned().collect();
    leaving.sort_unstable();
    leaving.dedup();
    for user in &leaving {
        if group.role(user)? >= own {
            return Err(Refusal::NotBelow(user.clone()).into());
        }
    }
    go(draft, actor, group, leaving)
}

pub(super) fn dismiss(mut draft: Draft<'_>, actor: &Actor, id: &GroupId) -> Result<Decision, Stop> {
    let group = existing(&draft, id)?;
    group.require(&actor.user, Role::Owner)?;
    draft.parting = Some(Parting::Dismissed(id.clone()));
    let calls = running_in(&draft, id)?;
    call::dismiss(&mut draft, &calls)?;
    settle_open(&mut draft, id, &[Circumstance::Dismissed])?;
    let everybody = draft.staying(group, false)?;
    let dismissed = GroupDismissed { group_id: id.clone(), by: actor.user.clone() };
    let receipt =
        draft.tell_audience(&everybody, Telling::default(), |_| Event::GroupDismissed(dismissed))?;
    draft.change(Change::GroupDismissed(id.clone()));
    Ok(done(draft, receipt.cursor))
}

pub(super) fn describe(
    mut draft: Draft<'_>,
    actor: &Actor,
    id: &GroupId,
    wish: &Description<'_>,
) -> Result<Decision, Stop> {
    let limits = draft.around.limits;
    check_length(Field::Name, wish.name, limits.name_bytes)?;
    check_length(Field::Ext, wish.ext, limits.ext_bytes)?;
    let group = existing(&draft, id)?;
    group.require(&actor.user, Role::Admin)?;
    let name = wish.name.unwrap_or(&group.name).to_owned();
    let ext = wish.ext.unwrap_or(&group.ext).to_owned();
    let join_policy = wish.join_policy.unwrap_or(group.join_policy);
    if name == group.name && ext == group.ext && join_policy == group.join_policy {
        return Ok(done(draft, None));
    }
    let event = Event::GroupInfoChanged(GroupInfoChanged {
        group_id: id.clone(),
        by: actor.user.clone(),
        name: name.clone(),
        ext: ext.clone(),
        join_policy,
    });
    let everybody = group.members.keys().cloned().collect();
    let receipt = draft.tell(everybody, Telling::default(), |_| event)?;
    draft.change(Change::GroupDescribed { id: id.clone(), name, ext, join_policy });
    Ok(done(draft, receipt.cursor))
}

/// The owner appoints and dismisses admins, or hands the group over and becomes an admin.
pub(super) fn set_role(
    mut draft: Draft<'_>,
    actor: &Actor,
    id: &GroupId,
    user: &UserId,
    role: Role,
) -> Result<Decision, Stop> {
    let group = existing(&draft, id)?;
    group.require(&actor.user, Role::Owner)?;
    if *user == actor.user {
        return Err(Refusal::OwnRole.into());
    }
    if group.members.get(user).ok_or(Refusal::NotMember)?.role == role {
        return Ok(done(draft, None));
    }
    let event = Event::GroupRoleChanged(GroupRoleChanged {
        group_id: id.clone(),
        by: actor.user.clone(),
        user_id: user.clone(),
        role,
    });
    let everybody = group.members.keys().cloned().collect();
    let receipt = draft.tell(everybody, Telling::default(), |_| event)?;
    let mut roles = vec![(user, role)];
    if role == Role::Owner {
        roles.push((&actor.user, Role::Admin));
    }
    for (user, role) in roles {
        let Some(member) = group.members.get(user) else { continue };
        draft.change(Change::Member {
            group: id.clone(),
            user: user.clone(),
            membership: Membership { role, ..member.clone() },
            joined_at_seq: None,
        });
    }
    Ok(done(draft, receipt.cursor))
}

/// A back end tells all members, or those of the named users who are members (docs/decisions/0032). It stands in their streams as long as any event,
/// and in no history: nobody wrote it.
pub(super) fn notify(mut draft: Draft<'_>, notice: &command::GroupNotice) -> Result<Decision, Stop> {
    check_length(Field::Data, Some(&notice.data), draft.around.limits.data_bytes)?;
    let group = existing(&draft, &notice.group)?;
    let told: Vec<UserId> = match &notice.to {
        Some(users) => users.iter().filter(|user| group.has(user)).cloned().collect(),
        None => group.members.keys().cloned().collect(),
    };
    if !told.is_empty() {
        let event = GroupNotice { group_id: notice.group.clone(), data: notice.data.clone() };
        let telling = Telling { by_nobody: true, ..Telling::default() };
        draft.tell(told, telling, |_| Event::GroupNotice(event))?;
    }
    Ok(done(draft, None))
}

pub(super) fn existing<'a>(draft: &Draft<'a>, id: &GroupId) -> Result<&'a Group, Stop> {
    draft.ledger.group(id)?.ok_or_else(|| Refusal::UnknownGroup.into())
}

fn check_count(draft: &Draft<'_>, users: &[UserId]) -> Result<(), Stop> {
    let most = draft.around.limits.users_per_request;
    if users.is_empty() || users.len() > most {
        return Err(Refusal::BadUserCount(most).into());
    }
    Ok(())
}

/// The users the server knows, and those it does not.
fn known_users(draft: &Draft<'_>, users: &[UserId]) -> Result<(Vec<UserId>, Vec<UserId>), Stop> {
    let mut unique: Vec<UserId> = users.to_vec();
    unique.sort_unstable();
    unique.dedup();
    // Looks all of them up at once, so that everybody who is missing is loaded in one round.
    draft.ledger.heads(&unique)?;
    let mut known = Vec::with_capacity(unique.len());
    let mut unknown = Vec::new();
    for user in unique {
        let list = if draft.ledger.user(&user)?.is_some() { &mut known } else { &mut unknown };
        list.push(user);
    }
    Ok((known, unknown))
}

/// A user who comes to a group.
struct New {
    user: UserId,
    familiarity: Familiarity,
}

/// Whether a new member takes the others for users they know.
#[derive(Clone, Copy)]
enum Familiarity {
    /// They come by their own wish, or were added by somebody whom they know or let ring.
    Familiar,
    /// They were added by somebody else. They will know the others when they write.
    Strange,
}

impl Familiarity {
    fn member(self, joined_at: u64) -> Membership {
        let familiar = match self {
            Self::Familiar => true,
            Self::Strange => false,
        };
        Membership { role: Role::Member, joined_at, familiar }
    }
}

/// Users whom the actor would add.
struct Sorted {
    /// The actor may not add them.
    unwilling: Vec<UserId>,
    new: Vec<New>,
}

fn sort(draft: &Draft<'_>, actor: &Actor, users: Vec<UserId>) -> Result<Sorted, Stop> {
    let others: Vec<UserId> = users.into_iter().filter(|user| *user != actor.user).collect();
    loaded_for(draft, actor, &others, Reaching::Add)?;
    let mut sorted = Sorted { unwilling: Vec::new(), new: Vec::with_capacity(others.len()) };
    for user in others {
        let familiarity = match access(draft, actor, &user, Reaching::Add)? {
            Access::Refused => {
                sorted.unwilling.push(user);
                continue;
            }
            Access::AsStranger => Familiarity::Strange,
            Access::Granted => Familiarity::Familiar,
        };
        sorted.new.push(New { user, familiarity });
    }
    Ok(sorted)
}

/// Takes out of the new members those who are in as many groups as they may be.
fn without_room(draft: &Draft<'_>, new: &mut Vec<New>) -> Result<Vec<UserId>, Stop> {
    draft.ledger.have_group_counts(new.iter().map(|new| &new.user))?;
    let mut full = Vec::new();
    for New { user, .. } in new.iter() {
        if !has_room(draft, user)? {
            full.push(user.clone());
        }
    }
    new.retain(|new| !full.contains(&new.user));
    Ok(full)
}

/// Whether the user may be in one group more.
fn has_room(draft: &Draft<'_>, user: &UserId) -> Result<bool, Stop> {
    Ok(draft.ledger.group_count(user)? < draft.around.limits.user_groups)
}

/// The actor leaves the group by their own wish, or comes back by it.
fn departure(group: &GroupId, actor: &Actor, has_left: bool) -> Change {
    Change::Departure { group: group.clone(), user: actor.user.clone(), has_left }
}

fn come(mut draft: Draft<'_>, actor: &Actor, group: &Group, new: Vec<New>) -> Result<Decision, Stop> {
    if new.is_empty() {
        return Ok(done(draft, None));
    }
    if group.members.len() + new.len() > draft.around.limits.group_members {
        return Err(Refusal::GroupFull.into());
    }
    let seq = draft.ledger.last_seq(&ConversationId::Group(group.id.clone()))?;
    let added = GroupMembersAdded {
        group_id: group.id.clone(),
        name: group.name.clone(),
        by: actor.user.clone(),
        user_ids: new.iter().map(|new| new.user.clone()).collect(),
        created: false,
    };
    let everybody = group.members.keys().cloned().chain(added.user_ids.iter().cloned()).collect();
    let receipt = draft.tell(everybody, Telling::default(), |_| Event::GroupMembersAdded(added))?;
    let joined_at = draft.now();
    for New { user, familiarity } in new {
        draft.change(Change::Member {
            group: group.id.clone(),
            user,
            membership: familiarity.member(joined_at),
            joined_at_seq: Some(seq),
        });
    }
    Ok(done(draft, receipt.cursor))
}

/// Members leave: all members are told, and then what becomes of the open invitations that they have a part in
/// (docs/semantics.md, "Groups change").
fn go(mut draft: Draft<'_>, actor: &Actor, group: &Group, leaving: Vec<UserId>) -> Result<Decision, Stop> {
    if leaving.is_empty() {
        return Ok(done(draft, None));
    }
    draft.parting = Some(Parting::Leaving(group.id.clone(), leaving.iter().cloned().collect()));
    let removed =
        GroupMembersRemoved { group_id: group.id.clone(), by: actor.user.clone(), user_ids: leaving.clone() };
    let everybody = group.members.keys().cloned().collect();
    let receipt = draft.tell(everybody, Telling::default(), |_| Event::GroupMembersRemoved(removed))?;
    let losses: Vec<Circumstance<'_>> = leaving.iter().map(Circumstance::Leaves).collect();
    settle_open(&mut draft, &group.id, &losses)?;
    let calls = running_in(&draft, &group.id)?;
    call::leave_group(&mut draft, &calls, &leaving)?;
    for user in leaving {
        draft.change(Change::MemberGone(group.id.clone(), user));
    }
    Ok(done(draft, receipt.cursor))
}

/// The keys that settling an invitation will read. They are asked for at once, because a group may have a hundred open.
fn missing_for(ledger: &Ledger, id: &InviteId) -> Vec<Key> {
    let mut missing = missing_to_close(ledger, id);
    if let Ok(Some(invitation)) = ledger.invitation(id) {
        let told = invitation.users().chain([invitation.inviter.clone()]);
        missing.extend(told.map(Key::User).filter(|key| !ledger.has(key)));
    }
    missing
}

/// What these circumstances, one after the other, do to each open invitation of the group.
fn settle_open(draft: &mut Draft<'_>, id: &GroupId, circumstances: &[Circumstance<'_>]) -> Result<(), Stop> {
    let open = draft.ledger.open_in_group(id)?;
    loaded_together(open.iter().flat_map(|open| missing_for(draft.ledger, open.id())))?;
    // In byte order of their inviteIDs, whether they were loaded or made since: the same answer every time.
    let mut open: Vec<&InviteId> = open.iter().map(OpenInGroup::id).collect();
    open.sort_unstable();
    for id in open {
        let mut current = draft.invitation(id)?;
        for circumstance in circumstances {
            let Some(invitation) = &current else { break };
            current = meet(draft, invitation, *circumstance)?.or(current);
        }
    }
    Ok(())
}

/// The calls of the group that are running, in byte order, whether they were loaded or made since: the same answer every time.
fn running_in(draft: &Draft<'_>, id: &GroupId) -> Result<Vec<CallId>, Stop> {
    let mut running = draft.ledger.running_in_group(id)?.to_vec();
    running.sort_unstable();
    Ok(running)
}

fn done(draft: Draft<'_>, cursor: Option<u64>) -> Decision {
    let time = draft.now();
    draft.finish(Reply::Done(Done { cursor, time }))
}
