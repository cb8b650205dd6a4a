//! How devices are woken, and how far each is with a ring.

use rusqlite::Connection;
use wigwag_protocol::{InviteId, UserId};

use super::read::{ReadResult, Reader};
use crate::store::push::{self, DEVICES_WOKEN, TokenDigest, TokenRow};
use crate::store::{KeptToken, OwnDevice, PushChange, RingRow, Rung, StoreError, bad_record};

impl Reader<'_> {
    pub(super) fn push_tokens(&self, users: &[UserId]) -> ReadResult<Vec<KeptToken>> {
        let sql =
            "SELECT push_tokens.user_id, device_id, platform, token, signed_at, registered_at, disabled_since IS NOT NULL
            FROM push_tokens LEFT JOIN users ON users.user_id = push_tokens.user_id
            WHERE push_tokens.user_id = ? ORDER BY device_id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut tokens = Vec::new();
        for user in users {
            let mut rows = statement.query([user.as_str()])?;
            while let Some(row) = rows.next()? {
                let (user, device, token): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(3)?);
                let token = push::token(&TokenRow {
                    user: &user,
                    device: &device,
                    platform: row.get(2)?,
                    token: &token,
                    signed_at: row.get(4)?,
                    registered_at: row.get(5)?,
                    is_disabled: row.get(6)?,
                });
                tokens.extend(self.readable("a push token", &(&user, &device), token)?);
            }
        }
        Ok(tokens)
    }

    pub(super) fn rung(&self, invite: &InviteId) -> ReadResult<Vec<(OwnDevice, RingRow)>> {
        let sql = "SELECT user_id, device_id, state, sent_at, heard_at, ringing_at, pushed_at
            FROM rings WHERE invite_id = ? ORDER BY user_id, device_id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([invite.as_str()])?;
        let mut rung = Vec::new();
        while let Some(row) = rows.next()? {
            let (user, device): (String, String) = (row.get(0)?, row.get(1)?);
            let times = [row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?];
            let found = push::ring(&user, &device, &row.get::<_, String>(2)?, times);
            rung.extend(self.readable("a ring", &(invite, &user, &device), found)?);
        }
        Ok(rung)
    }
}

/// Writes changes, in the transaction that is open. `now` is server time in ms.
pub(super) fn keep(connection: &Connection, changes: &[PushChange], now: u64) -> Result<(), StoreError> {
    changes.iter().try_for_each(|change| keep_one(connection, change, now))
}

fn keep_one(connection: &Connection, change: &PushChange, now: u64) -> Result<(), StoreError> {
    match change {
        PushChange::Registered { user, device, token, signed_at } => {
            let digest = TokenDigest::of(token).0;
            let text = serde_json::to_string(token).map_err(|error| bad_record(&error))?;
            run(connection, "DELETE FROM push_tokens WHERE digest = ?", [&digest])?;
            let sql = "INSERT OR REPLACE INTO push_tokens (user_id, device_id, platform, token, digest, signed_at, registered_at)
                SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
                WHERE NOT EXISTS (SELECT 1 FROM users WHERE user_id = ?1 AND deleted_at IS NOT NULL)";
            let (user, device_id) = (user.as_str(), device.device_id.as_str());
            let platform = device.platform.number();
            run(connection, sql, (user, device_id, platform, text, digest, signed_at, now))?;
            let sql = "DELETE FROM push_tokens WHERE user_id = ?1 AND device_id IN (SELECT device_id FROM push_tokens
                WHERE user_id = ?1 AND device_id <> ?2 ORDER BY registered_at DESC, device_id LIMIT -1 OFFSET ?3)";
            run(connection, sql, (user, device_id, DEVICES_WOKEN - 1))
        }
        PushChange::Unregistered(OwnDevice { user, device }) => {
            let sql = "DELETE FROM push_tokens WHERE user_id = ? AND device_id = ?";
            run(connection, sql, (user.as_str(), device.as_str()))
        }
        PushChange::Dead(OwnDevice { user, device }, token) => {
            let sql = "DELETE FROM push_tokens WHERE user_id = ? AND device_id = ? AND digest = ?";
            run(connection, sql, (user.as_str(), device.as_str(), TokenDigest::of(token).0))
        }
        PushChange::Ring(Rung { invite, of }, state) => {
            let (invite, user, device) = (invite.as_str(), of.user.as_str(), of.device.as_str());
            let sql = "SELECT state, sent_at, heard_at, ringing_at, pushed_at FROM rings
                WHERE invite_id = ? AND user_id = ? AND device_id = ?";
            let mut statement = connection.prepare_cached(sql)?;
            let mut rows = statement.query((invite, user, device))?;
            let before = match rows.next()? {
                Some(row) => {
                    let times = [row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?];
                    Some(push::ring(user, device, &row.get::<_, String>(0)?, times)?.1)
                }
                None => None,
            };
            let row = before.map_or_else(|| RingRow::new(*state, now), |before| before.then(*state, now));
            let sql = "INSERT INTO rings (invite_id, user_id, device_id, state, at, sent_at, heard_at, ringing_at, pushed_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (invite_id, user_id, device_id) DO UPDATE SET state = excluded.state,
                sent_at = excluded.sent_at, heard_at = excluded.heard_at, ringing_at = excluded.ringing_at,
                pushed_at = excluded.pushed_at";
            let RingRow { state, sent_at, heard_at, ringing_at, pushed_at } = row;
            let state = state.name();
            run(connection, sql, (invite, user, device, state, now, sent_at, heard_at, ringing_at, pushed_at))
        }
        PushChange::Over(Rung { invite, of }) => {
            let sql = "DELETE FROM rings WHERE invite_id = ? AND user_id = ? AND device_id = ?";
            run(connection, sql, (invite.as_str(), of.user.as_str(), of.device.as_str()))
        }
    }
}

fn run(connection: &Connection, sql: &str, params: impl rusqlite::Params) -> Result<(), StoreError> {
    connection.prepare_cached(sql)?.execute(params)?;
    Ok(())
}

/// Drops rings of before; what is left of them is of devices that heard them. True when some may be left.
pub(super) fn drop_some(connection: &Connection, before: u64, most: usize) -> Result<bool, StoreError> {
    let sql = "DELETE FROM rings WHERE (invite_id, user_id, device_id) IN
        (SELECT invite_id, user_id, device_id FROM rings WHERE at < ?1 LIMIT ?2)";
    Ok(connection.execute(sql, (before, most))? == most)
}
