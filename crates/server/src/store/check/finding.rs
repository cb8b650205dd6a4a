//! What can be wrong with a database, and what can be done about it.

use std::fmt;

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// The database's own check fails, or a table cannot be read to its end.
    File(String),
    /// An event that cannot be read, with its places in streams as far as they are known.
    UnreadableEvent {
        /// Its id.
        event: String,
        /// Users and cursors.
        places: Vec<(String, u64)>,
        /// What is wrong with it.
        why: String,
    },
    /// An event does not stand where its places say, or a place holds an event that is not there.
    Misplaced {
        /// A user's stream, or a conversation.
        of: String,
        /// The cursor or seq.
        position: u64,
        /// The event's id.
        event: String,
    },
    /// Numbers that grow by one leave some out.
    Hole {
        /// A user's stream, or a conversation.
        of: String,
        /// The last number before the hole.
        after: u64,
        /// The first one behind it.
        before: u64,
    },
    /// An invitation whose records cannot be read.
    UnreadableInvitation {
        /// Its inviteID.
        invite_id: String,
        /// What is wrong with it.
        why: String,
    },
    /// An invitation is open, and nothing says when it is due: it never times out.
    NoDeadline(String),
    /// An invitation has ended, and is due all the same.
    DeadlineOfEnded(String),
    /// A number that is kept differs from what it counts.
    Count {
        /// What it counts.
        of: String,
        /// As it is kept.
        kept: u64,
        /// As it should be.
        counted: u64,
    },
    /// The table of pending invitees does not say what the invitation says.
    Pending {
        /// Its inviteID.
        invite_id: String,
        /// The invitee.
        invitee: String,
        /// Whether the table has them.
        is_kept: bool,
    },
    /// What is kept of whether a call is running differs from its record.
    Running {
        /// Its callID.
        call_id: String,
        /// Whether it is kept as running.
        is_kept: bool,
    },
    /// A table that stands for what the records of calls say does not say it.
    BesideCall {
        /// The table.
        table: &'static str,
        /// The user, or the room.
        of: String,
        /// The callID.
        call_id: String,
        /// Whether the table has a row of the two.
        is_kept: bool,
    },
    /// A row refers to one that is not there.
    Dangling {
        /// Its table.
        table: &'static str,
        /// Its key.
        row: String,
        /// Where it points to.
        to: &'static str,
    },
    /// A row of another table that cannot be read.
    UnreadableRow {
        /// Its table.
        table: &'static str,
        /// Its key.
        row: String,
        /// What is wrong with it.
        why: String,
    },
}

/// Findings for which the same can be done, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// [`Finding::File`]
    File,
    /// [`Finding::NoDeadline`]
    NoDeadline,
    /// [`Finding::UnreadableInvitation`]
    UnreadableInvitation,
    /// [`Finding::UnreadableEvent`]
    UnreadableEvent,
    /// [`Finding::Misplaced`]
    Misplaced,
    /// [`Finding::Hole`]
    Hole,
    /// [`Finding::Count`]
    Count,
    /// [`Finding::Pending`]
    Pending,
    /// [`Finding::Running`]
    Running,
    /// [`Finding::BesideCall`]
    BesideCall,
    /// [`Finding::UnreadableRow`]
    UnreadableRow,
    /// [`Finding::Dangling`]
    Dangling,
    /// [`Finding::DeadlineOfEnded`]
    DeadlineOfEnded,
}

impl Finding {
    /// Its kind.
    pub fn kind(&self) -> Kind {
        match self {
            Self::File(_) => Kind::File,
            Self::UnreadableEvent { .. } => Kind::UnreadableEvent,
            Self::Misplaced { .. } => Kind::Misplaced,
            Self::Hole { .. } => Kind::Hole,
            Self::UnreadableInvitation { .. } => Kind::UnreadableInvitation,
            Self::NoDeadline(_) => Kind::NoDeadline,
            Self::DeadlineOfEnded(_) => Kind::DeadlineOfEnded,
            Self::Count { .. } => Kind::Count,
            Self::Pending { .. } => Kind::Pending,
            Self::Running { .. } => Kind::Running,
            Self::BesideCall { .. } => Kind::BesideCall,
            Self::Dangling { .. } => Kind::Dangling,
            Self::UnreadableRow { .. } => Kind::UnreadableRow,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(why) => f.write_str(why),
            Self::UnreadableEvent { event, places, why } => {
                write!(f, "event {event} cannot be read ({why})")?;
                places.iter().try_for_each(|(user, cursor)| write!(f, ", {user} at cursor {cursor}"))
            }
            Self::Misplaced { of, position, event } => {
                write!(f, "{of}: place {position} and event {event} do not belong together")
            }
            Self::Hole { of, after, before } => write!(f, "{of}: nothing between {after} and {before}"),
            Self::UnreadableInvitation { invite_id, why } => {
                write!(f, "invitation {invite_id} cannot be read ({why})")
            }
            Self::NoDeadline(id) => write!(f, "invitation {id} is open and has no time at which it is due"),
            Self::DeadlineOfEnded(id) => {
                write!(f, "invitation {id} has ended and has a time at which it is due")
            }
            Self::Count { of, kept, counted } => write!(f, "{of}: kept as {kept}, and is {counted}"),
            Self::Pending { invite_id, invitee, is_kept } => {
                let (is, has) = if *is_kept { ("is not", "has") } else { ("is", "does not have") };
                write!(f, "invitation {invite_id}: {invitee} {is} pending, and the table pending {has} them")
            }
            Self::Running { call_id, is_kept } => {
                let (is, not) = if *is_kept { ("has ended", "") } else { ("is running", "not ") };
                write!(f, "call {call_id} {is}, and is {not}kept as running")
            }
            Self::BesideCall { table, of, call_id, is_kept } => {
                let wrong = if *is_kept { "is not what the call says" } else { "is missing" };
                write!(f, "{table}: the row of {of} with call {call_id} {wrong}")
            }
            Self::Dangling { table, row, to } => {
                write!(f, "{table}: row {row} refers to a row of {to} that is not there")
            }
            Self::UnreadableRow { table, row, why } => write!(f, "{table}: row {row} cannot be read ({why})"),
        }
    }
}

impl Kind {
    /// What can be done.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::File => {
                "cannot be mended in place: restore a backup, or salvage what can be read (sqlite3 wigwag.db .recover)"
            }
            Self::NoDeadline => {
                "can be mended: set the time at which it is due; the server closes it at its next start"
            }
            Self::UnreadableInvitation => {
                "cannot be mended; the server goes on without it. Delete its row, or restore a backup"
            }
            Self::UnreadableEvent => {
                "cannot be mended; the server skips it, and devices that lack it start again from what is open (resync)"
            }
            Self::Misplaced | Self::Hole => {
                "can be passed over: raise the user's stream_floor to it, and devices that are behind it start again (resync). What is gone comes only from a backup"
            }
            Self::Count => "can be mended: set the number to what is counted, while no server runs",
            Self::Pending => {
                "can be mended: add the row to the table pending, or delete it, while no server runs. Until then the bound on what is open for this invitee counts wrong"
            }
            Self::Running => {
                "can be mended: keep it as its record says (SQLite: its row in running_calls, PostgreSQL: is_running), while no server runs"
            }
            Self::BesideCall => {
                "can be mended: add the row, set it, or delete it, while no server runs; the call itself is whole"
            }
            Self::UnreadableRow => "can be mended: write the row again, or delete it",
            Self::Dangling => {
                "can be mended: delete the row; nobody can reach it. Rows of a deleted user go when their deletion is repeated (DELETE /v1/users/{userID})"
            }
            Self::DeadlineOfEnded => "does no harm: the server looks at it once and finds nothing to do",
        }
    }
}
