//! How far invitations are with devices, for inviters who want to know (docs/protocol.md, "Progress").
//!
//! The rows of `rings` say what has been; the inviter is told by a command of the device's, which changes nothing. Nothing here is done for
//! other invitations, but that pushes want to know which rings were heard.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use wigwag_engine::command::{Invite, Progress};
use wigwag_engine::push::{Ring, Seen, Wake};
use wigwag_engine::{Actor, Command, refusal};
use wigwag_protocol::invitation::{DeviceProgress, InvitationView, Invitee, InviteeState, ProgressStep};
use wigwag_protocol::{InviteId, UserId};
use wigwag_session::refused::Refusal;

use super::Door;
use super::query::unavailable;
use crate::push::is_off;
use crate::store::{DEVICES_WOKEN, OwnDevice, PushChange, ReplyTo, RingRow, RingState, Rung, StoreError};

/// Devices of an invitation that are shown: about 20 KB.
const DEVICES_SHOWN: usize = 100;
/// Devices of an invitee that are told of, the first that say something: as many as are woken. A user can invent deviceIDs as fast as they
/// may sign in, and each would be a row and an event for the inviter.
const DEVICES_TOLD: usize = DEVICES_WOKEN;

type Rows = Vec<(OwnDevice, RingRow)>;

/// What a node knows of a device and a ring.
#[derive(Debug, Clone)]
pub struct RingReport {
    /// The user, on the device.
    pub actor: Actor,
    /// Which ring.
    pub invite: InviteId,
    /// How far it is.
    pub state: RingState,
    /// The inviter, if they want to know.
    pub watcher: Option<UserId>,
}

/// Whether the command makes an invitation whose inviter wants to know how far it is.
pub fn is_watched(command: &Command) -> bool {
    matches!(command, Command::Invite(invite) if invite.switches.progress)
}

impl Door {
    /// The same invitation with those invitees who cannot be reached. When that cannot be found out, they can.
    pub async fn informed(&self, command: Command) -> Command {
        let Command::Invite(mut invite) = command else { return command };
        invite.unreachable = self.unreachable(&invite).await;
        Command::Invite(invite)
    }

    async fn unreachable(&self, invite: &Invite) -> Vec<UserId> {
        let invitees = invite.invited.users();
        let online = self.online.among(invitees).await;
        let away: Vec<UserId> = invitees.iter().filter(|user| !online.contains(*user)).cloned().collect();
        if away.is_empty() || !wakes_whoever_is_away(invite, self.clock.now_ms()) {
            return away;
        }
        let Ok(tokens) = self.store.push_tokens(&away).await else { return Vec::new() };
        let is_woken = |user: &UserId| {
            let mut own = tokens.iter().filter(|token| token.of.user == *user && !token.is_disabled);
            own.any(|token| self.pushes.offer.providers.contains(&token.token.provider()))
        };
        away.into_iter().filter(|user| !is_woken(user)).collect()
    }

    /// Nodes have sent rings to devices, or devices have acknowledged them. Those that nobody watches are written first, because
    /// devices are woken if they come too late.
    pub async fn rings_reported(&self, reports: Vec<RingReport>) -> Result<(), StoreError> {
        let (watched, others): (Vec<_>, Vec<_>) =
            reports.into_iter().partition(|report| report.watcher.is_some());
        let others: Vec<PushChange> = others.into_iter().filter_map(change).collect();
        if !others.is_empty() {
            self.store.keep_push(others, self.clock.now_ms()).await?;
        }
        if watched.is_empty() { Ok(()) } else { self.watched_rings_reported(watched).await }
    }

    async fn watched_rings_reported(&self, reports: Vec<RingReport>) -> Result<(), StoreError> {
        let now = self.clock.now_ms();
        let mut news: BTreeMap<(InviteId, OwnDevice), (Actor, UserId, ProgressStep)> = BTreeMap::new();
        let mut changes = Vec::with_capacity(reports.len());
        let mut known = HashMap::new();
        for report in reports {
            let (Some(of), Some(inviter)) = (own(&report.actor), report.watcher.clone()) else { continue };
            let rows = self.rows_of(&report.invite, &mut known).await?;
            if !is_told(rows, &of) {
                continue;
            }
            if is_news(rows, &of, report.state) {
                let news_of = (report.invite.clone(), of.clone());
                news.insert(news_of, (report.actor.clone(), inviter, step(report.state)));
            }
            becomes(rows, of, report.state, now);
            changes.extend(change(report));
        }
        self.store.keep_push(changes, now).await?;
        for ((id, _), (actor, inviter, step)) in news {
            self.progress(actor, Progress { id, inviter, step });
        }
        Ok(())
    }

    /// Tells the inviter, if they want to know and the ring still waits for the actor. Nobody waits for the outcome; what finds no
    /// place in a full queue can be read.
    pub fn progress(&self, actor: Actor, progress: Progress) {
        if let Err(failure) = self.ask(actor, Command::Progress(progress), ReplyTo::Nobody) {
            tracing::debug!(?failure, "an inviter is not told how far it is");
        }
    }

    /// The rows of an invitation, which are read once for all reports of a batch: many devices of a group report together.
    async fn rows_of<'a>(
        &self,
        invite: &InviteId,
        known: &'a mut HashMap<InviteId, Rows>,
    ) -> Result<&'a mut Rows, StoreError> {
        Ok(match known.entry(invite.clone()) {
            Entry::Occupied(rows) => rows.into_mut(),
            Entry::Vacant(place) => place.insert(self.store.rung(invite).await?),
        })
    }

    /// `signaling.ringing`: the device shows the ring. Nothing is kept of rings that nobody watches, and a repeat tells nothing.
    pub(super) async fn rings(&self, actor: Actor, id: InviteId) -> Result<(), Refusal> {
        let found = self.store.invitation(&id).await.map_err(unavailable)?;
        let invitation = found.ok_or(refusal::Refusal::UnknownInvitation)?;
        let relation = self.relation(&actor.user, invitation.group()).await?;
        let seen = invitation.seen_by(&actor.user, relation).ok_or(refusal::Refusal::UnknownInvitation)?;
        let rung = seen.invitee(&actor.user).ok_or(refusal::Refusal::NotInvitee)?;
        let Some(of) = own(&actor).filter(|_| rung.settled.is_none() && seen.switches.progress) else {
            return Ok(());
        };
        let rows = self.store.rung(&id).await.map_err(unavailable)?;
        if is_told(&rows, &of) && is_news(&rows, &of, RingState::Ringing) {
            let change = PushChange::Ring(Rung { invite: id.clone(), of }, RingState::Ringing);
            self.store.keep_push(vec![change], self.clock.now_ms()).await.map_err(unavailable)?;
            let inviter = seen.inviter.clone();
            self.progress(actor, Progress { id, inviter, step: ProgressStep::Ringing });
        }
        Ok(())
    }

    /// An invitation with what its inviter wants to know. `reader` is a user; they learn nothing of those who have blocked them meanwhile.
    pub(super) async fn with_devices(
        &self,
        mut view: InvitationView,
        reader: Option<&UserId>,
    ) -> Result<InvitationView, Refusal> {
        if !view.progress {
            return Ok(view);
        }
        let mut rows = self.store.rung(&view.invite_id).await.map_err(unavailable)?;
        if let Some(reader) = reader.filter(|_| !rows.is_empty()) {
            let users: BTreeSet<&UserId> = rows.iter().map(|(of, _)| &of.user).collect();
            let users: Vec<UserId> = users.into_iter().cloned().collect();
            let blocking = self.store.blocking(&users, reader).await.map_err(unavailable)?;
            rows.retain(|(of, _)| !blocking.contains(&of.user));
        }
        show(&mut view, rows);
        Ok(view)
    }
}

/// Whether a push leaves for an invitee who is away.
fn wakes_whoever_is_away(invite: &Invite, now: u64) -> bool {
    let deadline = (invite.timeout > 0).then(|| now + u64::from(invite.timeout) * 1_000);
    let is_quiet = invite.switches.online_user_only || is_off(invite.offline_push_info.as_deref());
    let away = Seen { is_pending: true, is_online: false, is_heard: false };
    Ring { began: now, deadline, is_quiet }.wakes(away, now) == Wake::Now
}

fn show(view: &mut InvitationView, rows: Rows) {
    let mut room = DEVICES_SHOWN;
    for (of, row) in rows {
        let is_own =
            |one: &&mut Invitee| one.user_id == of.user && one.state == InviteeState::Pending && room > 0;
        if let Some(invitee) = view.invitees.iter_mut().find(is_own) {
            invitee.devices.push(shown(of, row));
            room -= 1;
        }
    }
}

fn change(report: RingReport) -> Option<PushChange> {
    let of = own(&report.actor)?;
    Some(PushChange::Ring(Rung { invite: report.invite, of }, report.state))
}

/// Whether the device is one of those of its user's that are told of.
fn is_told(rows: &Rows, of: &OwnDevice) -> bool {
    let of_user = || rows.iter().filter(|(other, _)| other.user == of.user);
    of_user().any(|(other, _)| other == of) || of_user().count() < DEVICES_TOLD
}

/// What the store will say.
fn becomes(rows: &mut Rows, of: OwnDevice, state: RingState, now: u64) {
    match rows.iter_mut().find(|(other, _)| *other == of) {
        Some((_, row)) => *row = row.then(state, now),
        None => rows.push((of, RingRow::new(state, now))),
    }
}

/// A device that connects again has the same rings once more.
fn is_news(rows: &Rows, of: &OwnDevice, state: RingState) -> bool {
    let Some((_, row)) = rows.iter().find(|(other, _)| other == of) else { return true };
    match state {
        RingState::Sent => row.sent_at.is_none() && !row.is_heard(),
        RingState::Heard => !row.is_heard(),
        RingState::Ringing => row.ringing_at.is_none(),
        RingState::Leaving | RingState::Pushed | RingState::Refused => true,
    }
}

fn own(actor: &Actor) -> Option<OwnDevice> {
    let device = actor.device.as_ref()?;
    Some(OwnDevice { user: actor.user.clone(), device: device.device_id.clone() })
}

fn step(state: RingState) -> ProgressStep {
    match state {
        RingState::Sent | RingState::Leaving => ProgressStep::Sent,
        RingState::Heard => ProgressStep::Acknowledged,
        RingState::Ringing => ProgressStep::Ringing,
        RingState::Pushed => ProgressStep::Pushed,
        RingState::Refused => ProgressStep::PushRefused,
    }
}

fn shown(of: OwnDevice, row: RingRow) -> DeviceProgress {
    let is_refused = row.state == RingState::Refused;
    DeviceProgress {
        device_id: of.device,
        sent_at: row.sent_at,
        acknowledged_at: row.heard_at,
        ringing_at: row.ringing_at,
        pushed_at: row.pushed_at.filter(|_| !is_refused),
        push_refused_at: row.pushed_at.filter(|_| is_refused),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use wigwag_engine::command::Invited;
    use wigwag_engine::invitation::Switches;
    use wigwag_protocol::DeviceId;

    use super::*;

    fn device(user: &str, number: usize) -> OwnDevice {
        let device = DeviceId::parse(&format!("d{number:03}")).unwrap();
        OwnDevice { user: UserId::parse(user).unwrap(), device }
    }

    fn rows(user: &str, devices: usize) -> Rows {
        (0..devices).map(|number| (device(user, number), RingRow::new(RingState::Sent, 1))).collect()
    }

    #[test]
    fn the_first_devices_of_a_user_are_told_of() {
        let bob = rows("bob", DEVICES_TOLD - 1);
        assert!(is_told(&bob, &device("bob", DEVICES_TOLD)));
        let bob = rows("bob", DEVICES_TOLD);
        assert!(!is_told(&bob, &device("bob", DEVICES_TOLD)));
        assert!(is_told(&bob, &device("bob", 0)) && is_told(&bob, &device("carol", 0)));
    }

    #[test]
    fn a_step_is_told_once_and_in_its_order() {
        let (mut known, of) = (rows("bob", 0), device("bob", 0));
        let mut told = |state| {
            let news = is_news(&known, &of, state);
            becomes(&mut known, of.clone(), state, 1);
            news
        };
        let steps = [RingState::Sent, RingState::Sent, RingState::Heard, RingState::Sent, RingState::Heard];
        assert_eq!(steps.map(&mut told), [true, false, true, false, false]);
        assert_eq!([RingState::Ringing, RingState::Ringing].map(told), [true, false]);
    }

    #[test]
    fn as_many_devices_are_shown_as_fit_and_none_of_whom_it_is_settled() {
        let invitees = json!([
            {"userID": "a", "state": "rejected", "at": 1},
            {"userID": "b", "state": "pending"},
            {"userID": "c", "state": "pending"},
        ]);
        let view = json!({"inviteID": "i", "inviter": "z", "data": "", "timeout": 30, "createdAt": 1, "status": "open", "version": 1, "invitees": invitees});
        let view: InvitationView = serde_json::from_value(view).unwrap();
        for (of_c, shown_of_c) in [(60, 60), (61, 60)] {
            let mut view = view.clone();
            show(&mut view, [rows("a", 20), rows("b", 40), rows("c", of_c)].concat());
            let shown: Vec<usize> = view.invitees.iter().map(|one| one.devices.len()).collect();
            assert_eq!(shown, [0, 40, shown_of_c]);
        }
    }

    #[test]
    fn a_push_leaves_only_while_there_is_time_to_show_it() {
        let wish = |timeout, info: Option<&str>, online_user_only| Invite {
            id: None,
            invited: Invited::User(UserId::parse("bob").unwrap()),
            data: String::new(),
            timeout,
            switches: Switches { online_user_only, ..Switches::default() },
            offline_push_info: info.map(str::to_owned),
            call: None,
            unreachable: Vec::new(),
        };
        let off = Some(r#"{"disablePush":true}"#);
        for (invite, wakes) in [
            (wish(3, None, false), true),
            (wish(2, None, false), false),
            (wish(0, None, false), false),
            (wish(3, None, true), false),
            (wish(3, off, false), false),
        ] {
            assert_eq!(wakes_whoever_is_away(&invite, 1_000), wakes, "{invite:?}");
        }
    }
}
