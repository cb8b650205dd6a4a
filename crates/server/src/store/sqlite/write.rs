//! Writing effects and events into tables, inside the writer's transaction.

use std::collections::BTreeMap;
use std::sync::Arc;

use rusqlite::Connection;
use wigwag_engine::conversation::Writers;
use wigwag_engine::decision::MessageMark;
use wigwag_engine::group::Membership;
use wigwag_engine::ledger::KeyedMessage;
use wigwag_engine::quiet::Rang;
use wigwag_engine::{ConversationId, Effect, Group, Invitation};
use wigwag_protocol::group::{Profile, Reach, ReachableBy};
use wigwag_protocol::quiet::Quiet;
use wigwag_protocol::{GroupId, UserId};
use wigwag_session::LoggedEvent;

use super::SharedMemory;
use super::at_hand::AtHand;
use super::lists::{self, ReadMark};
use super::load::Loader;
use super::open_index::{Awaited, OpenRows, PendingRow};
use super::places::Places;
use super::query;
use super::running_calls::CallMove;
use super::tail::{COUNTED, SHOWN_LAST, TailEntry};
use super::write_calls::CallsWritten;
use crate::store::sqlite::rows::RowNumbers;
use crate::store::{StoreError, bad_record, record, words};

/// The writing of one transaction, and the memory updates that follow its commit.
pub(super) struct Write<'a> {
    pub(super) connection: &'a Connection,
    pub(super) at_hand: AtHand<'a>,
    pub(super) rows: &'a mut RowNumbers,
    pub(super) shared: &'a SharedMemory,
    pub(super) now: u64,
    pub(super) after_commit: AfterCommit,
    /// Invitations by row, as they are after the batch.
    pub(super) changed: BTreeMap<i64, Arc<Invitation>>,
    pub(super) calls: CallsWritten,
}

/// Updates of the shared memory, made when the transaction is durable.
#[derive(Debug, Default)]
pub(super) struct AfterCommit {
    pub(super) placed: Vec<Placed>,
    /// Read marks of one-to-one conversations that have moved.
    pub(super) read: Vec<ReadMark>,
    /// One-to-one conversations that users have deleted.
    pub(super) deleted: Vec<ReadMark>,
    pub(super) opened: Vec<OpenRows>,
    pub(super) ended: Vec<OpenRows>,
    pub(super) awaited: Vec<Awaited>,
    pub(super) settled: Vec<Awaited>,
    pub(super) calls: Vec<CallMove>,
    /// Calls that began, by users in whose lists they are.
    pub(super) listed: Vec<(i64, TailEntry)>,
    pub(super) profiles: Vec<UserId>,
}

/// A new event of the journal.
#[derive(Debug)]
pub(super) struct Placed {
    /// Its row.
    pub(super) event: i64,
    pub(super) places: Places,
    /// The two users, when it is a message of a one-to-one conversation.
    pub(super) pair: Option<[i64; 2]>,
}

pub(super) type Written = Result<(), StoreError>;

impl Write<'_> {
    pub(super) fn carry_out(&mut self, effect: Effect<'_>) -> Written {
        match effect {
            Effect::UserAdded(profile) => self.user_added(profile),
            Effect::ProfileSet(profile) => self.profile_set(profile),
            Effect::ReachSet { user, reach } => self.reach_set(user, reach),
            Effect::QuietSet { user, quiet } => self.quiet_set(user, quiet.map(AsRef::as_ref)),
            Effect::RangSet { user, rang } => self.rang_set(user, rang),
            Effect::StatusSet { user, status } => self.status_set(user, status),
            Effect::DisabledSet { user, since } => self.disabled_set(user, since),
            Effect::UserDeleted { user, at, head } => self.user_deleted(user, at, head),
            Effect::Acquainted { user, with } => self.acquainted(user, with),
            Effect::BlockSet { by, target, on } => self.block_set(by, target, on),
            Effect::InvitationAdded(invitation) => self.invitation_added(invitation),
            Effect::InvitationSet(invitation) => self.invitation_set(invitation),
            Effect::Opened(invitation) => self.opened(invitation),
            Effect::Ended(invitation) => self.ended(invitation),
            Effect::Awaited { invitation, invitee } => {
                let rows = self.awaited(invitation, invitee)?;
                self.after_commit.awaited.push(rows);
                Ok(())
            }
            Effect::Settled { invitation, invitee } => {
                let rows = self.awaited(invitation, invitee)?;
                self.after_commit.settled.push(rows);
                Ok(())
            }
            Effect::CallSet(call) => self.call_set(call),
            Effect::CallListed { user, call } => self.call_listed(user, call),
            Effect::Entered { user, call } => self.moves_in(user, call),
            Effect::Exited { user, call } => self.moves_out(user, call),
            Effect::CallsSeen(user, up_to) => self.calls_seen(user, up_to),
            Effect::ClientMessageAdded { sender, client_msg_id, message } => {
                self.client_message_added(sender, client_msg_id, message)
            }
            Effect::MessageRevoked(conversation, seq) => self.message_revoked(conversation, seq),
            Effect::ReadSet { user, conversation, seq } => self.read_set(user, &conversation, seq),
            Effect::PinSet { user, conversation, on } => {
                let (user, conversation) = (self.user(user)?, self.conversation(conversation)?);
                lists::pin(self.connection, user, conversation, on)
            }
            Effect::DeletedUpTo { user, conversation, seq } => self.deleted(user, conversation, seq),
            // Only groups are left, and of them no list keeps anything else.
            Effect::ReadDropped { user, conversation } => {
                let row = (self.user(user)?, self.conversation(&conversation)?);
                self.run("DELETE FROM readers WHERE user = ? AND conversation = ?", row)
            }
            Effect::GroupAdded(group) => self.group_added(group),
            Effect::GroupSet { id, name, ext, join_policy } => {
                let row = (name, ext, words::join_policy(join_policy), self.group(id)?);
                self.run("UPDATE groups SET name = ?, ext = ?, join_policy = ? WHERE id = ?", row)
            }
            Effect::MemberSet { group, user, membership } => self.member_set(group, user, membership),
            Effect::MemberDropped { group, user } => {
                let row = (self.group(group)?, self.user(user)?);
                self.run("DELETE FROM members WHERE group_row = ? AND user = ?", row)
            }
            Effect::DepartureSet { group, user, has_left } => {
                let row = (self.group(group)?, self.user(user)?);
                if has_left {
                    self.run("INSERT OR IGNORE INTO departures (group_row, user) VALUES (?, ?)", row)
                } else {
                    self.run("DELETE FROM departures WHERE group_row = ? AND user = ?", row)
                }
            }
            Effect::BoardSet(group, board) => {
                let row = (self.group(group)?, record::board(board)?);
                self.run("INSERT OR REPLACE INTO boards (group_row, record) VALUES (?, ?)", row)
            }
            Effect::GroupDropped(id) => self.group_dropped(id),
        }
    }

    pub(super) fn event(&mut self, event: &LoggedEvent) -> Written {
        let mut places = Places { message: None, streams: Vec::with_capacity(event.places.len()) };
        let mut pair = None;
        for place in &event.places {
            places.streams.push((self.user(&place.user)?, place.cursor));
        }
        if let Some(mark) = &event.message {
            let conversation = self.conversation_for(&mark.conversation)?;
            places.message = Some((conversation, mark.seq, self.user(&mark.sender)?, flags(mark)));
            pair = self.pair(&mark.conversation)?;
        }
        let actor = event.actor.as_ref().map(|actor| self.user(actor)).transpose()?;
        let invitation =
            event.invitation.as_ref().and_then(|mark| self.rows.invitations.get(&mark.id)).copied();
        let version = event.invitation.as_ref().map(|mark| mark.version);
        let row = self.rows.new_event();
        self.run(
            "INSERT INTO events (id, time, actor, online_only, invitation, version, body, places)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (row, event.time, actor, event.online_only, invitation, version, &event.body, places.pack()),
        )?;
        self.after_commit.placed.push(Placed { event: row, places, pair });
        Ok(())
    }

    pub(super) fn run(&self, sql: &'static str, row: impl rusqlite::Params) -> Written {
        self.at_hand.run(sql, row).map(drop)
    }

    pub(super) fn loader(&mut self) -> Loader<'_> {
        Loader { connection: self.connection, rows: self.rows, shared: self.shared }
    }

    pub(super) fn user(&mut self, id: &UserId) -> Result<i64, StoreError> {
        self.loader().user_row(id)?.ok_or_else(|| bad_record(&format!("user {id} has no row")))
    }

    fn group(&mut self, id: &GroupId) -> Result<i64, StoreError> {
        self.loader().group_row(id)?.ok_or_else(|| bad_record(&format!("group {id} has no row")))
    }

    fn conversation(&mut self, id: &ConversationId) -> Result<i64, StoreError> {
        self.loader()
            .conversation_row(id)?
            .ok_or_else(|| bad_record(&format!("conversation {id} has no row")))
    }

    /// The conversation's row; a new one when the conversation has none yet.
    fn conversation_for(&mut self, id: &ConversationId) -> Result<i64, StoreError> {
        if let Some(row) = self.loader().conversation_row(id)? {
            return Ok(row);
        }
        let row = self.rows.new_conversation(id);
        self.run("INSERT INTO conversations (id, name) VALUES (?, ?)", (row, id.to_string()))?;
        Ok(row)
    }

    /// The two users of a one-to-one conversation.
    fn pair(&mut self, conversation: &ConversationId) -> Result<Option<[i64; 2]>, StoreError> {
        match conversation {
            ConversationId::OneToOne(one, other) => Ok(Some([self.user(one)?, self.user(other)?])),
            ConversationId::Group(_) => Ok(None),
        }
    }

    fn message_revoked(&mut self, conversation: &ConversationId, seq: u64) -> Written {
        let row = (self.conversation(conversation)?, seq);
        self.run("INSERT OR IGNORE INTO revoked (conversation, seq) VALUES (?, ?)", row)
    }

    fn read_set(&mut self, user: &UserId, conversation: &ConversationId, seq: u64) -> Written {
        let mark =
            ReadMark { user: self.user(user)?, conversation: self.conversation_for(conversation)?, seq };
        match conversation {
            ConversationId::OneToOne(..) => {
                self.after_commit.read.push(mark);
                lists::read_one_to_one(self.connection, mark)
            }
            ConversationId::Group(_) => lists::read_in_group(self.connection, mark),
        }
    }

    fn deleted(&mut self, user: &UserId, conversation: &ConversationId, seq: u64) -> Written {
        let mark = ReadMark { user: self.user(user)?, conversation: self.conversation(conversation)?, seq };
        self.after_commit.deleted.push(mark);
        lists::delete(self.connection, mark)
    }

    fn user_added(&mut self, profile: &Profile) -> Written {
        let row = self.rows.new_user(&profile.user_id);
        self.run(
            "INSERT INTO users (id, user_id, created_at) VALUES (?, ?, ?)",
            (row, profile.user_id.as_str(), self.now),
        )
    }

    fn profile_set(&mut self, profile: &Profile) -> Written {
        let row = self.user(&profile.user_id)?;
        self.after_commit.profiles.push(profile.user_id.clone());
        self.run(
            "UPDATE users SET nickname = ?, face_url = ?, ext = ? WHERE id = ?",
            (&profile.nickname, &profile.face_url, &profile.ext, row),
        )
    }

    fn reach_set(&mut self, user: &UserId, reach: Reach) -> Written {
        let (ring, add) = (words::reachable_by(reach.ring), words::reachable_by(reach.add));
        let row = (ring, add, self.user(user)?);
        self.run("UPDATE users SET reach_ring = ?, reach_add = ? WHERE id = ?", row)
    }

    fn quiet_set(&mut self, user: &UserId, quiet: Option<&Quiet>) -> Written {
        let row = (quiet.map(record::quiet).transpose()?, self.user(user)?);
        self.run(
            "UPDATE users SET quiet = ?1, rang = CASE WHEN ?1 IS NULL THEN NULL ELSE rang END WHERE id = ?2",
            row,
        )
    }

    fn rang_set(&mut self, user: &UserId, rang: &[Rang]) -> Written {
        let row = (record::rang(rang)?, self.user(user)?);
        self.run("UPDATE users SET rang = ? WHERE id = ?", row)
    }

    fn status_set(&mut self, user: &UserId, status: &str) -> Written {
        let row = (status, self.user(user)?);
        self.run("UPDATE users SET status = ? WHERE id = ?", row)
    }

    fn disabled_set(&mut self, user: &UserId, since: Option<u64>) -> Written {
        let row = (since, self.user(user)?);
        self.run("UPDATE users SET disabled_since = ? WHERE id = ?", row)
    }

    /// The stream ends where it is: nobody goes on from a place of it, and what is merged into it later is not looked for.
    fn user_deleted(&mut self, user: &UserId, at: u64, head: u64) -> Written {
        let row = self.user(user)?;
        self.after_commit.profiles.push(user.clone());
        let reach = words::reachable_by(ReachableBy::default());
        self.run(
            "UPDATE users SET nickname = '', face_url = '', ext = '', reach_ring = ?1, reach_add = ?1,
                quiet = NULL, rang = NULL, status = '', disabled_since = coalesce(disabled_since, ?2), deleted_at = ?2,
                stream_head = max(stream_head, ?3), stream_floor = max(stream_floor, ?3) WHERE id = ?4",
            (reach, at, head, row),
        )?;
        self.run("DELETE FROM platform_cursors WHERE user = ?", [row])?;
        self.run("DELETE FROM calls_seen WHERE user = ?", [row])?;
        self.run("DELETE FROM push_tokens WHERE user_id = ?", [user.as_str()])
    }

    fn calls_seen(&mut self, user: &UserId, up_to: u64) -> Written {
        let row = (self.user(user)?, up_to);
        self.run("INSERT OR REPLACE INTO calls_seen (user, up_to) VALUES (?, ?)", row)
    }

    fn acquainted(&mut self, user: &UserId, with: &UserId) -> Written {
        let conversation = self.conversation_for(&ConversationId::between(user, with))?;
        let row = (Writers::only(user, with).bits(), conversation);
        self.run("UPDATE conversations SET writers = writers | ? WHERE id = ?", row)
    }

    fn block_set(&mut self, by: &UserId, target: &UserId, on: bool) -> Written {
        let row = (self.user(by)?, self.user(target)?);
        if on {
            self.run("INSERT OR IGNORE INTO blocks (by_user, target) VALUES (?, ?)", row)
        } else {
            self.run("DELETE FROM blocks WHERE by_user = ? AND target = ?", row)
        }
    }

    fn client_message_added(
        &mut self,
        sender: &UserId,
        client_msg_id: &str,
        message: &KeyedMessage,
    ) -> Written {
        let sent = serde_json::to_string(message).map_err(|error| bad_record(&error))?;
        let row = (self.user(sender)?, client_msg_id, self.now, sent);
        self.run("INSERT INTO client_messages (sender, client_msg_id, time, sent) VALUES (?, ?, ?, ?)", row)
    }

    fn invitation_added(&mut self, invitation: &Arc<Invitation>) -> Written {
        let row = self.rows.new_invitation(&invitation.id);
        if record::has_course(invitation) {
            self.changed.insert(row, Arc::clone(invitation));
        }
        self.run(
            "INSERT INTO invitations (id, invite_id, created_at, terms) VALUES (?, ?, ?, ?)",
            (row, invitation.id.as_str(), invitation.created_at, record::terms(invitation)?),
        )
    }

    /// Only notes the new version: when a class raises hands, one batch answers an invitation many times, and only the last
    /// version is written.
    fn invitation_set(&mut self, invitation: &Arc<Invitation>) -> Written {
        let row = self.invitation(invitation)?;
        self.changed.insert(row, Arc::clone(invitation));
        Ok(())
    }

    fn opened(&mut self, invitation: &Invitation) -> Written {
        let row = self.invitation(invitation)?;
        self.run("INSERT INTO open_invitations (invitation) VALUES (?)", [row])?;
        let opened = self.open_rows(invitation, row)?;
        self.after_commit.opened.push(opened);
        Ok(())
    }

    /// Looks the rows up now, while the group still has one: a later command of the batch may dismiss it.
    fn ended(&mut self, invitation: &Invitation) -> Written {
        let row = self.invitation(invitation)?;
        let ended = self.open_rows(invitation, row)?;
        self.after_commit.ended.push(ended);
        Ok(())
    }

    fn awaited(&mut self, invitation: &Invitation, invitee: &UserId) -> Result<Awaited, StoreError> {
        let row = self.invitation(invitation)?;
        let pending = PendingRow { inviter: self.user(&invitation.inviter)?, invitation: row };
        Ok(Awaited { invitee: self.user(invitee)?, pending })
    }

    fn invitation(&self, invitation: &Invitation) -> Result<i64, StoreError> {
        let known = self.rows.invitations.get(&invitation.id).copied();
        known.ok_or_else(|| bad_record(&format!("invitation {} has no row", invitation.id)))
    }

    /// Writes the noted versions, after everything else of the batch.
    pub(super) fn finish(mut self) -> Result<AfterCommit, StoreError> {
        for (row, invitation) in std::mem::take(&mut self.changed) {
            let course = record::course(&invitation)?;
            self.run("INSERT OR REPLACE INTO courses (invitation, course) VALUES (?, ?)", (row, course))?;
            if !invitation.is_open() {
                self.run("DELETE FROM open_invitations WHERE invitation = ?", [row])?;
            }
        }
        self.write_calls()?;
        Ok(self.after_commit)
    }

    fn open_rows(&mut self, invitation: &Invitation, row: i64) -> Result<OpenRows, StoreError> {
        for user in invitation.invitees().iter().map(|invitee| &invitee.user).chain([&invitation.inviter]) {
            self.user(user)?;
        }
        if let Some(group) = invitation.group() {
            self.loader().group_row(group)?;
        }
        OpenRows::of(invitation, row, &*self.rows)?
            .ok_or_else(|| bad_record(&format!("invitation {} has no inviter", invitation.id)))
    }

    fn group_added(&mut self, group: &Group) -> Written {
        let row = self.rows.new_group(&group.id);
        self.run(
            "INSERT INTO groups (id, group_id, name, ext, join_policy, created_at) VALUES (?, ?, ?, ?, ?, ?)",
            (
                row,
                group.id.as_str(),
                &group.name,
                &group.ext,
                words::join_policy(group.join_policy),
                group.created_at,
            ),
        )
    }

    fn member_set(&mut self, group: &GroupId, user: &UserId, membership: &Membership) -> Written {
        let (group, row) = (self.group(group)?, self.user(user)?);
        let Membership { role, joined_at, familiar } = membership;
        // An update leaves the count of the group's members alone, which a replacement would not.
        self.run(
            "INSERT INTO members (group_row, user, name, role, joined_at, familiar) VALUES (?, ?, ?, ?, ?, ?)
             ON CONFLICT (group_row, user) DO UPDATE
                SET role = excluded.role, joined_at = excluded.joined_at, familiar = excluded.familiar",
            (group, row, user.as_str(), words::role(*role), joined_at, familiar),
        )
    }

    /// The messages stay until retention drops them, under another name, so that a later group of the same name starts
    /// empty.
    fn group_dropped(&mut self, id: &GroupId) -> Written {
        let group = self.group(id)?;
        let name = ConversationId::Group(id.clone());
        let conversation = self.conversation(&name)?;
        self.run("DELETE FROM members WHERE group_row = ?", [group])?;
        self.run("DELETE FROM boards WHERE group_row = ?", [group])?;
        self.run("DELETE FROM departures WHERE group_row = ?", [group])?;
        self.run("DELETE FROM readers WHERE conversation = ?", [conversation])?;
        self.run("DELETE FROM groups WHERE id = ?", [group])?;
        self.run(
            "UPDATE conversations SET name = ? || id || ':' || name WHERE id = ?",
            (query::DISMISSED, conversation),
        )?;
        self.rows.groups.remove(id);
        self.rows.conversations.remove(&name);
        Ok(())
    }
}

fn flags(mark: &MessageMark) -> u8 {
    (if mark.counted { COUNTED } else { 0 }) | (if mark.shown_last { SHOWN_LAST } else { 0 })
}
