//! What the tables keep of users' lists of conversations (docs/decisions/0014), written beside the rows that it follows from.
//!
//! Of a one-to-one conversation, the row of each of its two users in `readers` has the event of the newest message in `messages`, 0
//! without one, and how many of those in `messages` are unread; `users` has the sum of the latter. Of a group, whose every
//! message would move a row for each member, nothing is kept: `newest` is NULL.
//!
//! A one-to-one conversation that its reader has deleted has [`HIDDEN`] there until a newer message is merged.

use std::collections::{BTreeMap, HashMap};

use rusqlite::{Connection, OptionalExtension};
use wigwag_engine::ConversationId;

use super::query;
use super::recent::is_unread;
use super::tail::{TailEntry, Tails};
use crate::store::StoreError;

type Kept = Result<(), StoreError>;

/// `newest` of a one-to-one conversation that was deleted to its end: greater than the event of any message, and than the place before the
/// first of a list, so that no page comes past it.
pub(super) const HIDDEN: i64 = i64::MAX;

/// A user has read a conversation so far, or deleted it.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReadMark {
    pub(super) user: i64,
    pub(super) conversation: i64,
    pub(super) seq: u64,
}

/// Writes a read mark of a group; a member's first one brings the group into their list.
pub(super) fn read_in_group(connection: &Connection, mark: ReadMark) -> Kept {
    connection
        .prepare_cached(
            "INSERT INTO readers (user, conversation, read_seq) VALUES (?, ?, ?)
             ON CONFLICT (user, conversation) DO UPDATE SET read_seq = excluded.read_seq",
        )?
        .execute((mark.user, mark.conversation, mark.seq))?;
    Ok(())
}

/// Writes a read mark of a one-to-one conversation, and what is unread behind it; the first one brings the conversation into the
/// user's list.
pub(super) fn read_one_to_one(connection: &Connection, mark: ReadMark) -> Kept {
    let before: Option<(u64, u64)> = connection
        .prepare_cached("SELECT read_seq, unread FROM readers WHERE user = ? AND conversation = ?")?
        .query_row((mark.user, mark.conversation), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let unread = left_unread(connection, mark, before)?;
    connection
        .prepare_cached(
            "INSERT INTO readers (user, conversation, read_seq, unread, newest) VALUES (?1, ?2, ?3, ?4,
                coalesce((SELECT event FROM messages WHERE conversation = ?2 ORDER BY seq DESC LIMIT 1), 0))
             ON CONFLICT (user, conversation) DO UPDATE SET read_seq = excluded.read_seq, unread = excluded.unread",
        )?
        .execute((mark.user, mark.conversation, mark.seq, unread))?;
    let kept = before.map_or(0, |(_, unread)| unread);
    add_to_total(connection, mark.user, query::int(unread) - query::int(kept))
}

/// What is unread behind a mark, counted on its shorter side: each message is then counted at most once for each user, however
/// slowly they read. `before` is the mark until now, and what was unread behind it.
fn left_unread(
    connection: &Connection,
    mark: ReadMark,
    before: Option<(u64, u64)>,
) -> Result<u64, StoreError> {
    let newest: u64 = connection
        .prepare_cached("SELECT coalesce(max(seq), 0) FROM messages WHERE conversation = ?")?
        .query_row([mark.conversation], |row| row.get(0))?;
    if mark.seq >= newest {
        return Ok(0);
    }
    match before {
        Some((from, unread)) if mark.seq >= from && mark.seq - from <= newest - mark.seq => {
            Ok(unread.saturating_sub(count(connection, mark, from, mark.seq)?))
        }
        _ => count(connection, mark, mark.seq, newest),
    }
}

/// Messages of others in the table that count, after one seq and up to another.
fn count(connection: &Connection, mark: ReadMark, after: u64, until: u64) -> Result<u64, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT count(*) FROM messages
         WHERE conversation = ? AND seq > ? AND seq <= ? AND sender <> ? AND counted = 1",
    )?;
    Ok(statement.query_row((mark.conversation, after, until, mark.user), |row| row.get(0))?)
}

/// The user has pinned a conversation of their list, or not any more.
pub(super) fn pin(connection: &Connection, user: i64, conversation: i64, on: bool) -> Kept {
    connection
        .prepare_cached("UPDATE readers SET pinned = ? WHERE user = ? AND conversation = ?")?
        .execute((on, user, conversation))?;
    Ok(())
}

/// The user has deleted a conversation up to its newest message.
pub(super) fn delete(connection: &Connection, mark: ReadMark) -> Kept {
    connection
        .prepare_cached(
            "UPDATE readers SET deleted_seq = ?, newest = CASE WHEN newest IS NULL THEN NULL ELSE ? END
             WHERE user = ? AND conversation = ?",
        )?
        .execute((mark.seq, HIDDEN, mark.user, mark.conversation))?;
    Ok(())
}

/// Drops conversations from a user's list for good, with what is unread in them. How many there were.
pub(super) fn erase(connection: &Connection, user: i64, most: i64) -> Result<usize, StoreError> {
    let sql = "DELETE FROM readers WHERE (user, conversation) IN
        (SELECT user, conversation FROM readers WHERE user = ?1 LIMIT ?2) RETURNING unread";
    let mut statement = connection.prepare_cached(sql)?;
    let unread = statement.query_map((user, most), |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
    add_to_total(connection, user, -unread.iter().sum::<i64>())?;
    Ok(unread.len())
}

fn add_to_total(connection: &Connection, user: i64, more: i64) -> Kept {
    if more != 0 {
        connection
            .prepare_cached("UPDATE users SET unread = unread + ? WHERE id = ?")?
            .execute((more, user))?;
    }
    Ok(())
}

/// The messages of these conversations in the tail are in `messages` from now on.
pub(super) fn merged(connection: &Connection, tails: &Tails, conversations: &[i64]) -> Kept {
    let mut more: BTreeMap<i64, i64> = BTreeMap::new();
    for conversation in conversations {
        let entries = || tails.messages.entries(*conversation);
        let (Some(users), Some(newest)) = (tails.recent.users(*conversation), entries().next_back()) else {
            continue;
        };
        for user in users {
            // A batch may have moved the mark and merge the messages before the tail knows of it. A deleted user has none.
            let Some(read_seq) = query::read_seq(connection, user, *conversation)? else { continue };
            let unread =
                entries().filter(|entry| entry.position > read_seq && is_unread(entry, user)).count();
            let unread = i64::try_from(unread).unwrap_or(i64::MAX);
            connection
                .prepare_cached(
                    "UPDATE readers SET unread = unread + ?,
                        newest = CASE WHEN ? > coalesce(deleted_seq, 0) THEN ? ELSE newest END
                     WHERE user = ? AND conversation = ?",
                )?
                .execute((unread, query::int(newest.position), newest.event, user, conversation))?;
            *more.entry(user).or_default() += unread;
        }
    }
    more.into_iter().try_for_each(|(user, more)| add_to_total(connection, user, more))
}

/// These messages are not in `messages` any more.
pub(super) fn dropped(connection: &Connection, messages: &HashMap<i64, Vec<TailEntry>>) -> Kept {
    let mut conversations: Vec<&i64> = messages.keys().collect();
    conversations.sort_unstable();
    for conversation in conversations {
        let Some(users) = pair(connection, *conversation)? else { continue };
        for user in users {
            let Some(read_seq) = query::read_seq(connection, user, *conversation)? else { continue };
            let gone = messages[conversation].iter();
            let unread = gone.filter(|entry| entry.position > read_seq && is_unread(entry, user)).count();
            let unread = i64::try_from(unread).unwrap_or(i64::MAX);
            connection
                .prepare_cached(
                    "UPDATE readers SET unread = unread - ?3, newest = CASE newest WHEN ?4 THEN ?4 ELSE coalesce(
                        (SELECT event FROM messages WHERE conversation = ?2 ORDER BY seq DESC LIMIT 1), 0) END
                     WHERE user = ?1 AND conversation = ?2",
                )?
                .execute((user, conversation, unread, HIDDEN))?;
            add_to_total(connection, user, -unread)?;
        }
    }
    Ok(())
}

/// The two users of a one-to-one conversation; `None` for one of a group, also of one that was dismissed.
pub(super) fn pair(connection: &Connection, conversation: i64) -> Result<Option<[i64; 2]>, StoreError> {
    let name: Option<String> = connection
        .prepare_cached("SELECT name FROM conversations WHERE id = ?")?
        .query_row([conversation], |row| row.get(0))
        .optional()?;
    let Some(ConversationId::OneToOne(one, other)) = name.and_then(|name| ConversationId::parse(&name))
    else {
        return Ok(None);
    };
    let users = query::user_row(connection, &one)?.zip(query::user_row(connection, &other)?);
    Ok(users.map(|(one, other)| [one, other]))
}
