//! Carries commands out: each becomes one request, and its result lines for people and JSON for programs.

use std::future::Future;
use std::pin::Pin;

use serde::Serialize;
use serde_json::Value;
use wigwag_client::{Client, Error, Inviting, Reply, requests};
use wigwag_protocol::group::JoinPolicy;
use wigwag_protocol::message::Peer;
use wigwag_protocol::params::{
    Answer, CallWish, Cancel, Get, GroupCreate, GroupList, GroupMembers, GroupOnly, GroupSetRole, GroupUsers,
    Invite, InviteInGroup, ListOpen, MessageHistory, MessageSend, Modify, UserGet, UserListBlocked, UserOnly,
    UserSetProfile,
};
use wigwag_protocol::result::{Acted, Done, OpenList};
use wigwag_protocol::{GroupId, InviteId, UserId};

use crate::calls;
use crate::command::{GroupCommand, Media, ProfileField, Ring, Verb};
use crate::show;

/// What a command gave.
pub(super) struct Outcome {
    /// The result as the server sent it.
    pub(super) value: Value,
    /// The same for people.
    pub(super) lines: Vec<String>,
}

impl Outcome {
    /// One line, where the server was asked for nothing or had nothing to say.
    pub(super) fn only(line: &str) -> Self {
        Self { value: Value::Null, lines: vec![line.to_owned()] }
    }
}

/// A command being carried out.
pub(super) type Acting = Pin<Box<dyn Future<Output = Result<Outcome, Error>> + Send>>;

/// Most members shown of a group, the server's largest page.
const MEMBER_PAGE: u32 = 500;

pub(super) fn invite(client: &Client, user: UserId, ring: Ring) -> Acting {
    let mut invite = Invite { data: ring.data, ..requests::invite(user.clone()) };
    invite.online_user_only = ring.online_only;
    invite.timeout = ring.timeout.unwrap_or(invite.timeout);
    invite.call = ring.media.map(wished);
    ringing(client.invite(invite), vec![user])
}

pub(super) fn invite_group(client: &Client, group: GroupId, users: Vec<UserId>, ring: Ring) -> Acting {
    let mut invite = InviteInGroup { data: ring.data, ..requests::invite_in_group(group, users.clone()) };
    invite.online_user_only = ring.online_only;
    invite.timeout = ring.timeout.unwrap_or(invite.timeout);
    invite.call = ring.media.map(wished);
    ringing(client.invite_in_group(invite), users)
}

fn wished(media: Media) -> CallWish {
    requests::call(match media {
        Media::Audio => "audio",
        Media::Video => "video",
    })
}

fn ringing(inviting: Inviting, mut invitees: Vec<UserId>) -> Acting {
    Box::pin(async move {
        let acted = inviting.await?;
        let busy = acted.call.as_ref().map_or(&[][..], |call| &call.busy);
        invitees.retain(|user| !acted.ignored_invitees.contains(user) && !busy.contains(user));
        let mut lines = vec![rings(&acted, &invitees)];
        for ignored in &acted.ignored_invitees {
            lines.push(format!("left out because not in the group: {ignored}"));
        }
        lines.extend(busy.iter().map(|user| format!("{user} is in another call")));
        Ok(outcome(&acted, lines))
    })
}

/// Whom an invitation rings; of two who call each other, it rings nobody.
fn rings(acted: &Acted, invitees: &[UserId]) -> String {
    if let Some(call) = acted.call.as_ref().filter(|call| call.accepted.is_some()) {
        return format!("both of you were calling: {}", calls::entered(call));
    }
    let whom = invitees.iter().map(UserId::as_str).collect::<Vec<_>>().join(", ");
    let whom = if whom.is_empty() { "nobody" } else { &whom };
    let until = acted.deadline.map(|at| format!(", until {}", show::clock(at))).unwrap_or_default();
    let room = acted.call.as_ref().map(|call| format!(" into room {}", call.link.room_id));
    format!("ringing {whom}{} (inviteID {}{until})", room.unwrap_or_default(), acted.invite_id)
}

pub(super) fn answer(client: &Client, verb: Verb, invite_id: InviteId, data: String) -> Acting {
    let answer = || Answer { data: data.clone(), ..requests::answer(invite_id.clone()) };
    let (reply, word) = match verb {
        Verb::Accept => (client.accept(&answer()), "accepted"),
        Verb::Reject => (client.reject(&answer()), "rejected"),
        Verb::Cancel => (client.cancel(&Cancel { data, ..requests::cancel(invite_id) }), "cancelled"),
    };
    Box::pin(async move {
        let acted: Acted = reply.await?;
        let mut lines = vec![format!("{word} (inviteID {})", acted.invite_id)];
        lines.extend(acted.call.as_deref().map(calls::entered));
        Ok(outcome(&acted, lines))
    })
}

pub(super) fn modify(client: &Client, invite_id: InviteId, data: String) -> Acting {
    let reply = client.modify(&Modify { invite_id, data });
    Box::pin(async move {
        let acted = reply.await?;
        let line = format!("changed (inviteID {}, version {})", acted.invite_id, acted.version);
        Ok(outcome(&acted, vec![line]))
    })
}

pub(super) fn show(client: &Client, invite_id: InviteId, me: UserId) -> Acting {
    let reply = client.get(&Get { invite_id, after: None });
    Box::pin(async move {
        let got = reply.await?;
        Ok(outcome(&got, show::invitation(&got.invitation, &me)))
    })
}

pub(super) fn open(client: &Client, me: UserId) -> Acting {
    let client = client.clone();
    Box::pin(async move {
        let list = all_open(&client).await?;
        let lines = list.invitations.iter().flat_map(|open| show::invitation(open, &me));
        Ok(outcome(&list, or_none(lines.collect(), "no invitation is open")))
    })
}

/// Every open invitation, page by page.
pub(super) async fn all_open(client: &Client) -> Result<OpenList, Error> {
    let mut list = client.list_open(&ListOpen::default()).await?;
    while let Some(after) = list.next.take() {
        let page = client.list_open(&ListOpen { after: Some(after), limit: None }).await?;
        list.invitations.extend(page.invitations);
        list.next = page.next;
    }
    Ok(list)
}

pub(super) fn send(client: &Client, message: MessageSend) -> Acting {
    let reply = client.send(message);
    Box::pin(async move {
        let sent = reply.await?;
        let seq = sent.seq.map(|seq| format!(" as message {seq}")).unwrap_or_default();
        Ok(outcome(&sent, vec![format!("sent{seq}")]))
    })
}

pub(super) fn history(client: &Client, peer: Peer, count: u32, me: UserId) -> Acting {
    let reply = client.history(&MessageHistory { limit: Some(count), ..requests::history(peer) });
    Box::pin(async move {
        let page = reply.await?;
        let lines = page.messages.iter().rev().map(|message| show::history_line(message, &me)).collect();
        Ok(outcome(&page, or_none(lines, "no messages")))
    })
}

/// Without `seq` the newest message is looked up first.
pub(super) fn read(client: &Client, peer: Peer, seq: Option<u64>) -> Acting {
    let client = client.clone();
    Box::pin(async move {
        let seq = if seq.is_some() { seq } else { newest(&client, peer.clone()).await? };
        let Some(seq) = seq else {
            return Ok(Outcome::only("no messages"));
        };
        let done = client.mark_read(&requests::message_at(peer, seq)).await?;
        Ok(outcome(&done, vec![format!("read up to message {seq}")]))
    })
}

async fn newest(client: &Client, peer: Peer) -> Result<Option<u64>, Error> {
    let page = MessageHistory { limit: Some(1), ..requests::history(peer) };
    Ok(client.history(&page).await?.messages.first().and_then(|message| message.seq))
}

pub(super) fn revoke(client: &Client, peer: Peer, seq: u64) -> Acting {
    done(client.revoke(&requests::message_at(peer, seq)), "taken back")
}

pub(super) fn conversations(client: &Client, me: UserId) -> Acting {
    let reply = client.conversations(&requests::conversations());
    Box::pin(async move {
        let page = reply.await?;
        let lines = page.conversations.iter().map(|line| show::conversation(line, &me)).collect();
        Ok(outcome(&page, or_none(lines, "no conversations")))
    })
}

pub(super) fn group(client: &Client, command: GroupCommand) -> Acting {
    let only = |group_id| GroupOnly { group_id };
    match command {
        GroupCommand::Create { group, users, name, invite_only } => {
            let join_policy = if invite_only { JoinPolicy::InviteOnly } else { JoinPolicy::Free };
            let group_id = Some(group);
            create(client, &GroupCreate { group_id, join_policy, ..requests::group(&name, users) })
        }
        GroupCommand::Join(group) => done(client.join_group(&only(group)), "joined"),
        GroupCommand::Quit(group) => done(client.quit_group(&only(group)), "left"),
        GroupCommand::Dismiss(group) => done(client.dismiss_group(&only(group)), "dismissed"),
        GroupCommand::Add { group: group_id, users: user_ids } => {
            done(client.add_members(&GroupUsers { group_id, user_ids }), "added")
        }
        GroupCommand::Remove { group: group_id, users: user_ids } => {
            done(client.remove_members(&GroupUsers { group_id, user_ids }), "removed")
        }
        GroupCommand::Members(group) => members(client, group),
        GroupCommand::Info(group) => info(client, group),
        GroupCommand::Role { group: group_id, user: user_id, role } => {
            done(client.set_role(&GroupSetRole { group_id, user_id, role }), "changed")
        }
        GroupCommand::List => groups(client),
    }
}

fn create(client: &Client, group: &GroupCreate) -> Acting {
    let reply = client.create_group(group);
    Box::pin(async move {
        let created = reply.await?;
        let mut lines = vec![format!("created #{}", created.group_id)];
        for ignored in &created.ignored_members {
            lines.push(format!("left out because there is no such user: {ignored}"));
        }
        Ok(outcome(&created, lines))
    })
}

fn members(client: &Client, group_id: GroupId) -> Acting {
    let reply = client.members(&GroupMembers { group_id, limit: Some(MEMBER_PAGE), after: None });
    Box::pin(async move {
        let page = reply.await?;
        let shown = page.members.iter();
        let mut lines: Vec<String> =
            shown.map(|member| format!("  {} ({})", member.user_id, show::role(member.role))).collect();
        if page.next.is_some() {
            lines.push("  … and more".to_owned());
        }
        Ok(outcome(&page, lines))
    })
}

fn info(client: &Client, group_id: GroupId) -> Acting {
    let reply = client.group_info(&GroupOnly { group_id });
    Box::pin(async move {
        let info = reply.await?;
        Ok(outcome(&info, vec![show::group(&info.group)]))
    })
}

fn groups(client: &Client) -> Acting {
    let client = client.clone();
    Box::pin(async move {
        let mut list = client.groups(&GroupList::default()).await?;
        while let Some(after) = list.next.take() {
            let page = client.groups(&GroupList { after: Some(after), limit: None }).await?;
            list.groups.extend(page.groups);
            list.next = page.next;
        }
        let lines = list.groups.iter().map(show::group).collect();
        Ok(outcome(&list, or_none(lines, "you are in no group")))
    })
}

pub(super) fn profiles(client: &Client, user_ids: Vec<UserId>) -> Acting {
    let reply = client.profiles(&UserGet { user_ids });
    Box::pin(async move {
        let found = reply.await?;
        let line = |profile: &wigwag_protocol::group::Profile| {
            let (name, face) = (show::clean(&profile.nickname), show::clean(&profile.face_url));
            format!(
                "  {}: nickname {name:?}, face {face:?}, ext {:?}",
                profile.user_id,
                show::clean(&profile.ext)
            )
        };
        Ok(outcome(&found, or_none(found.profiles.iter().map(line).collect(), "no such user")))
    })
}

pub(super) fn set_profile(client: &Client, field: ProfileField, text: String) -> Acting {
    let none = requests::profile_changes();
    let changes = match field {
        ProfileField::Nickname => UserSetProfile { nickname: Some(text), ..none },
        ProfileField::Face => UserSetProfile { face_url: Some(text), ..none },
        ProfileField::Ext => UserSetProfile { ext: Some(text), ..none },
    };
    done(client.set_profile(&changes), "changed")
}

pub(super) fn block(client: &Client, user_id: UserId) -> Acting {
    done(client.block(&UserOnly { user_id }), "blocked")
}

pub(super) fn unblock(client: &Client, user_id: UserId) -> Acting {
    done(client.unblock(&UserOnly { user_id }), "unblocked")
}

pub(super) fn blocked(client: &Client) -> Acting {
    let client = client.clone();
    Box::pin(async move {
        let mut list = client.blocked(&UserListBlocked::default()).await?;
        while let Some(after) = list.next.take() {
            let page = client.blocked(&UserListBlocked { after: Some(after), limit: None }).await?;
            list.user_ids.extend(page.user_ids);
            list.next = page.next;
        }
        let lines = list.user_ids.iter().map(|user| format!("  {user}")).collect();
        Ok(outcome(&list, or_none(lines, "you have blocked nobody")))
    })
}

pub(super) fn done(reply: Reply<Done>, word: &'static str) -> Acting {
    Box::pin(async move {
        let done = reply.await?;
        // Without a place in the stream nothing changed.
        let line = if done.cursor.is_some() { word } else { "nothing to change" };
        Ok(outcome(&done, vec![line.to_owned()]))
    })
}

pub(super) fn outcome(result: &impl Serialize, lines: Vec<String>) -> Outcome {
    Outcome { value: serde_json::to_value(result).unwrap_or_default(), lines }
}

fn or_none(lines: Vec<String>, none: &str) -> Vec<String> {
    if lines.is_empty() { vec![none.to_owned()] } else { lines }
}
