//! How devices are woken, and how far each is with a ring. Each change can be made twice.

use std::collections::BTreeMap;

use wigwag_protocol::{Device, InviteId, UserId};

use super::connection::{int, nat, spoilt};
use super::read::{ReadResult, Reader};
use crate::store::push::{self, DEVICES_WOKEN, TokenDigest, TokenRow};
use crate::store::{KeptToken, OwnDevice, PushChange, RingState, Rung};

impl Reader {
    pub(super) async fn push_tokens(&self, users: &[UserId]) -> ReadResult<Vec<KeptToken>> {
        let users: Vec<&str> = users.iter().map(UserId::as_str).collect();
        let sql = "SELECT user_id, device_id, platform, token, signed_at, disabled_since IS NOT NULL
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
                is_disabled: row.get(5),
            });
            self.readable("a push token", &(user, device), token.map_err(|error| spoilt(&error)))
        };
        Ok(rows.iter().filter_map(token).collect())
    }

    pub(super) async fn rung(&self, invite: &InviteId) -> ReadResult<Vec<(OwnDevice, RingState)>> {
        let sql = "SELECT user_id, device_id, state FROM rings WHERE invite_id = $1";
        let rows = self.rows(sql, &[&invite.as_str()]).await?;
        let ring = |row: &tokio_postgres::Row| {
            let (user, device): (&str, &str) = (row.get(0), row.get(1));
            let ring = push::ring(user, device, row.get(2));
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
                PushChange::Ring(rung, state) => rings.becomes(rung, *state),
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
            VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (user_id, device_id) DO UPDATE SET platform = excluded.platform,
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
            let names: Vec<&str> =
                states.iter().filter_map(|(_, state)| Some(state.as_ref()?.name())).collect();
            let [invites, users, devices] = columns(states.into_iter().map(|(key, _)| *key));
            let sql = "INSERT INTO rings (invite_id, user_id, device_id, state, at)
                SELECT i, u, d, s, $5 FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS new (i, u, d, s)
                ON CONFLICT (invite_id, user_id, device_id)
                DO UPDATE SET state = excluded.state WHERE excluded.state <> 'heard'";
            self.rows(sql, &[&invites, &users, &devices, &names, &now]).await?;
        }
        Ok(())
    }
}

type Key<'a> = [&'a str; 3];

/// What becomes of rings in the end, in the order of their keys, so that two nodes cannot wait for each other; `None` = over.
#[derive(Default)]
struct Rings<'a>(BTreeMap<Key<'a>, Option<RingState>>);

impl<'a> Rings<'a> {
    fn key(Rung { invite, of }: &'a Rung) -> Key<'a> {
        [invite.as_str(), of.user.as_str(), of.device.as_str()]
    }

    fn becomes(&mut self, rung: &'a Rung, state: RingState) {
        let before = self.0.entry(Self::key(rung)).or_default();
        if before.is_none() || state != RingState::Heard {
            *before = Some(state);
        }
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
