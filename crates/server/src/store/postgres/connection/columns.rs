//! Reading columns: numbers, groups and their members.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use tokio_postgres::Row;
use tokio_postgres::types::FromSqlOwned;
use wigwag_engine::Group;
use wigwag_engine::group::Membership;
use wigwag_protocol::group::JoinPolicy;
use wigwag_protocol::{GroupId, UserId};

use super::writer_connection::Trouble;
use crate::store::{bad_record, words};

/// A group's description in the form of its column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct About {
    pub(crate) name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) ext: String,
    pub(crate) join_policy: JoinPolicy,
}

/// The members of groups.
pub(crate) type MembersByGroup = HashMap<GroupId, BTreeMap<UserId, Membership>>;

/// `group_id, user_id, role, joined_at, familiar`
pub(crate) fn members_by_group(rows: &[Row]) -> Result<MembersByGroup, Trouble> {
    let mut members = MembersByGroup::new();
    for row in rows {
        let group = GroupId::parse(row.get(0)).map_err(|error| spoilt(&error))?;
        let user = UserId::parse(row.get(1)).map_err(|error| spoilt(&error))?;
        let (role, joined_at) = (words::read_role(row.get(2)), nat(row.get(3)));
        let membership = Membership { role, joined_at, familiar: row.get(4) };
        members.entry(group).or_default().insert(user, membership);
    }
    Ok(members)
}

/// `group_id, about, created_at, …`
pub(crate) fn group(row: &Row, members: &mut MembersByGroup) -> Result<Group, Trouble> {
    let id = GroupId::parse(row.get(0)).map_err(|error| spoilt(&error))?;
    let about: About = serde_json::from_str(row.get(1)).map_err(|error| spoilt(&error))?;
    Ok(Group {
        name: about.name,
        ext: about.ext,
        join_policy: about.join_policy,
        created_at: nat(column(row, 2)?),
        members: members.remove(&id).unwrap_or_default(),
        id,
    })
}

pub(crate) fn column<T: FromSqlOwned>(row: &Row, index: usize) -> Result<T, Trouble> {
    row.try_get(index).map_err(|error| spoilt(&error))
}

pub(crate) fn spoilt(what: &dyn std::fmt::Display) -> Trouble {
    Trouble::Poisoned(bad_record(what).to_string())
}

/// A number for a column. None reaches 2⁶³: cursors and seqs count events, times are milliseconds.
pub(crate) fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A number from a column. No column holds a negative one.
pub(crate) fn nat(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
