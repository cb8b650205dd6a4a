//! How devices are woken, and how far each is with a ring. Each change can be made twice.

use std::collections::BTreeMap;

use wigwag_protocol::{Device, InviteId, UserId};

use super::connection::{int, nat, spoilt};
use super::read::{ReadResult, Reader};
use crate::store::push::{self, DEVICES_WOKEN, TokenDigest, TokenRow};
use crate::store::{KeptToken, OwnDevice, PushChange, RingRow, RingState, Rung};

impl Reader {
    pub(super) async fn push_tokens(&self, users: &[UserId]) -> ReadResult<Vec<KeptToken>> {
        let users: Vec<&str> = users.iter().map(UserId::as_str).collect();
        let sql =
            "SELECT user_id, device_id, platform, token, signed_at, registered_at, disabled_since IS NOT NULL
            FROM push_tokens LEFT JOIN users USING (user_id) WHERE user_id = ANY($1::text[])
            ORDER BY user_id, device_id";
        let rows = self.rows(sql, &[&users]).await?;
        let token = |row: &tokio_postgres::Row| {
            let (user, device): (&str, &str) = (row.get(0), row.get(1));
            let token = push::token(&TokenRow {
                user,
                device,
                platform: u8::try_from(row.get::<_, i16>(2)).unwrap_or(0),
                token: row.get(3),
                signed_at: nat(row.get(4)),
                registered_at: nat(row.get(5)),
                is_disabled: row.get(6),
            });
            self.readable("a push token", &(user, device), token.map_err(|error| spoilt(&error)))
        };
        Ok(rows.iter().filter_map(token).collect())
    }

    pub(super) async fn rung(&self, invite: &InviteId) -> ReadResult<Vec<(OwnDevice, RingRow)>> {
        let sql = "SELECT user_id, device_id, state, sent_at, heard_at, ringing_at, pushed_at
            FROM rings WHERE invite_id = $1 ORDER BY user_id, device_id";
        let rows = self.rows(sql, &[&invite.as_str()]).await?;
        let ring = |row: &tokio_postgres::Row| {
            let (user, device): (&str, &str) = (row.get(0), row.get(1));
            let times = [3, 4, 5, 6].map(|column| row.get::<_, Option<i64>>(column).map(nat));
            let ring = push::ring(user, device, row.get(2), times);
            self.readable("a ring", &(invite, user, device), ring.map_err(|error| spoilt(&error)))
        };
        Ok(rows.iter().filter_map(ring).collect())
    }

    /// `now` is server time in ms.
    pub(super) async fn keep_push(&self, changes: &[PushChange], now: u64) -> ReadResult<()> {
        let mut rings = Rings::default();
        for change in changes {
            match change {
                PushChange::Registered { user, device, token, signed_at } => {
                    let text = serde_json::to_string(token).map_err(|error| spoilt(&error))?;
                    self.register(user, device, (&TokenDigest::of(token).0, &text), (*signed_at, now))
                        .await?;
                }
                PushChange::Unregistered(OwnDevice { user, device }) => {
                    let sql = "DELETE FROM push_tokens WHERE user_id = $1 AND device_id = $2";
                    self.rows(sql, &[&user.as_str(), &device.as_str()]).await?;
                }
                PushChange::Dead(OwnDevice { user, device }, token) => {
                    let sql = "DELETE FROM push_tokens WHERE user_id = $1 AND device_id = $2 AND digest = $3";
                    let digest = TokenDigest::of(token).0;
                    self.rows(sql, &[&user.as_str(), &device.as_str(), &digest]).await?;
                }
                PushChange::Ring(rung, state) => rings.becomes(rung, *state, now),
                PushChange::Over(rung) => rings.is_over(rung),
            }
        }
        self.keep_rings(&rings, int(now)).await
    }

    /// The token as its digest and as text; when the device had signed in, and when it is.
    async fn register(
        &self,
        user: &UserId,
        device: &Device,
        (digest, text): (&Vec<u8>, &str),
        (signed_at, now): (u64, u64),
    ) -> ReadResult<()> {
        let (user, id) = (user.as_str(), device.device_id.as_str());
        let (platform, signed_at, now) = (i16::from(device.platform.number()), int(signed_at), int(now));
        let moved = "DELETE FROM push_tokens WHERE digest = $1 AND (user_id, device_id) <> ($2, $3)";
        self.rows(moved, &[digest, &user, &id]).await?;
        let sql = "INSERT INTO push_tokens (user_id, device_id, platform, token, digest, signed_at, registered_at)
            SELECT $1, $2, $3, $4, $5, $6, $7 WHERE NOT EXISTS (SELECT FROM users WHERE user_id = $1 AND deleted_at IS NOT NULL)
            ON CONFLICT (user_id, device_id) DO UPDATE SET platform = excluded.platform,
            token = excluded.token, digest = excluded.digest, signed_at = excluded.signed_at,
            registered_at = excluded.registered_at";
        self.rows(sql, &[&user, &id, &platform, &text, digest, &signed_at, &now]).await?;
        let sql =
            "DELETE FROM push_tokens WHERE user_id = $1 AND device_id IN (SELECT device_id FROM push_tokens
            WHERE user_id = $1 AND device_id <> $2 ORDER BY registered_at DESC, device_id OFFSET $3)";
        let most = i64::try_from(DEVICES_WOKEN - 1).unwrap_or(i64::MAX);
        self.rows(sql, &[&user, &id, &most]).await.map(drop)
    }

    /// Two commits for all of them.
    async fn keep_rings(&self, rings: &Rings<'_>, now: i64) -> ReadResult<()> {
        let (over, states): (Vec<_>, Vec<_>) = rings.0.iter().partition(|(_, state)| state.is_none());
        if !over.is_empty() {
            let [invites, users, devices] = columns(over.into_iter().map(|(key, _)| *key));
            let sql = "DELETE FROM rings USING unnest($1::text[], $2::text[], $3::text[]) AS over (i, u, d)
                WHERE invite_id = i AND user_id = u AND device_id = d";
            self.rows(sql, &[&invites, &users, &devices]).await?;
        }
        if !states.is_empty() {
            let rows: Vec<&RingRow> = states.iter().filter_map(|(_, row)| row.as_ref()).collect();
            let names: Vec<&str> = rows.iter().map(|row| row.state.name()).collect();
            let times = |time: fn(&RingRow) -> Option<u64>| -> Vec<Option<i64>> {
                rows.iter().map(|row| time(row).map(int)).collect()
            };
            let (sent, heard) = (times(|row| row.sent_at), times(|row| row.heard_at));
            let (ringing, pushed) = (times(|row| row.ringing_at), times(|row| row.pushed_at));
            let [invites, users, devices] = columns(states.iter().map(|(key, _)| **key));
            // As `RingRow::then`.
            let sql = "INSERT INTO rings (invite_id, user_id, device_id, state, at, sent_at, heard_at, ringing_at, pushed_at)
                SELECT i, u, d, s, $5, t1, t2, t3, t4 FROM unnest($1::text[], $2::text[], $3::text[], $4::text[],
                    $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[]) AS new (i, u, d, s, t1, t2, t3, t4)
                ON CONFLICT (invite_id, user_id, device_id) DO UPDATE SET
                state = CASE WHEN excluded.state IN ('sent', 'heard', 'ringing') AND rings.state <> 'sent'
                    THEN rings.state ELSE excluded.state END,
                sent_at = coalesce(rings.sent_at, excluded.sent_at),
                heard_at = coalesce(rings.heard_at, excluded.heard_at),
                ringing_at = coalesce(rings.ringing_at, excluded.ringing_at),
                pushed_at = coalesce(rings.pushed_at, excluded.pushed_at)";
            self.rows(sql, &[&invites, &users, &devices, &names, &now, &sent, &heard, &ringing, &pushed])
                .await?;
        }
        Ok(())
    }
}

type Key<'a> = [&'a str; 3];

/// What becomes of rings in the end, in the order of their keys, so that two nodes cannot wait for each other; `None` = over.
#[derive(Default)]
struct Rings<'a>(BTreeMap<Key<'a>, Option<RingRow>>);

impl<'a> Rings<'a> {
    fn key(Rung { invite, of }: &'a Rung) -> Key<'a> {
        [invite.as_str(), of.user.as_str(), of.device.as_str()]
    }

    fn becomes(&mut self, rung: &'a Rung, state: RingState, now: u64) {
        let row = self.0.entry(Self::key(rung)).or_default();
        *row = Some(match *row {
            Some(before) => before.then(state, now),
            None => RingRow::new(state, now),
        });
    }

    fn is_over(&mut self, rung: &'a Rung) {
        self.0.insert(Self::key(rung), None);
    }
}

fn columns<'a>(keys: impl Iterator<Item = Key<'a>>) -> [Vec<&'a str>; 3] {
    let mut columns = [Vec::new(), Vec::new(), Vec::new()];
    for key in keys {
        columns.iter_mut().zip(key).for_each(|(column, part)| column.push(part));
    }
    columns
}
