//! Commands that follow each other: so many lanes, each with one command on its way.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use uuid::Uuid;
use wigwag_engine::command::{Answer, Invite, Invited};
use wigwag_engine::invitation::Switches;
use wigwag_engine::{Actor, Command, Request};
use wigwag_protocol::{Device, DeviceId, InviteId, Platform, UserId};
use wigwag_server::store::{Asker, Committed, Permission, ReplyTo, SessionId, Submission};

use super::opened::Opened;
use crate::{stop, wire};

/// Seconds an invitation rings; far longer than a lifecycle takes.
const TIMEOUT: u32 = 30;

/// Without a single commit for this long, something is wrong.
const PATIENCE: Duration = Duration::from_secs(20);

/// The lanes and their users.
pub(super) struct ClosedLoop {
    pairs: Vec<[Actor; 2]>,
    lanes: Vec<Lane>,
    invite_data: String,
    answer_data: String,
}

/// Goes from pair to pair of its own.
struct Lane {
    pair: usize,
    /// The invitation that is to be accepted next; none when the next command is an invite.
    ringing: Option<InviteId>,
}

impl ClosedLoop {
    /// `waiting` lanes, which share the pairs out among themselves.
    pub(super) fn new(pairs: usize, waiting: usize) -> Result<Self> {
        let pair =
            |number| Ok([actor(&format!("caller{number:05}"))?, actor(&format!("callee{number:05}"))?]);
        Ok(Self {
            pairs: (0..pairs).map(pair).collect::<Result<_>>()?,
            lanes: (0..waiting).map(|pair| Lane { pair, ringing: None }).collect(),
            invite_data: unescaped(wire::INVITE_DATA)?,
            answer_data: unescaped(wire::ANSWER_DATA)?,
        })
    }

    /// Makes the users known.
    pub(super) async fn register(&self, opened: &mut Opened) -> Result<()> {
        for actor in self.pairs.iter().flatten() {
            let request = Request::By(actor.clone(), Command::Register);
            submit(opened, request, 0)?;
        }
        let mut left = 2 * self.pairs.len();
        while left > 0 {
            for committed in next_batch(opened).await? {
                lane_of(&committed)?;
                left -= 1;
            }
        }
        Ok(())
    }

    /// Gives every lane its first command.
    pub(super) fn begin(&mut self, opened: &Opened) -> Result<()> {
        (0..self.lanes.len()).try_for_each(|lane| self.go_on(opened, lane))
    }

    /// Goes on for this long; how many lifecycles were complete.
    pub(super) async fn run(&mut self, opened: &mut Opened, length: Duration) -> Result<u32> {
        let end = Instant::now() + length;
        let mut complete = 0;
        while Instant::now() < end {
            stop::check()?;
            for committed in next_batch(opened).await? {
                let lane = lane_of(&committed)?;
                complete += u32::from(self.lanes[lane].ringing.is_none());
                self.go_on(opened, lane)?;
            }
        }
        Ok(complete)
    }

    fn go_on(&mut self, opened: &Opened, lane: usize) -> Result<()> {
        let request = self.next(lane)?;
        submit(opened, request, lane)
    }

    fn next(&mut self, number: usize) -> Result<Request> {
        let (waiting, pairs) = (self.lanes.len(), &self.pairs);
        let lane = &mut self.lanes[number];
        let [caller, callee] = &pairs[lane.pair];
        if let Some(id) = lane.ringing.take() {
            lane.pair = Some(lane.pair + waiting).filter(|&next| next < pairs.len()).unwrap_or(number);
            let command = Command::Accept(Answer { id, data: self.answer_data.clone() });
            return Ok(Request::By(callee.clone(), command));
        }
        let id = InviteId::parse(&Uuid::now_v7().to_string())?;
        lane.ringing = Some(id.clone());
        let invite = Invite {
            id: Some(id),
            invited: Invited::User(callee.user.clone()),
            data: self.invite_data.clone(),
            timeout: TIMEOUT,
            switches: Switches::default(),
            offline_push_info: None,
            call: None,
            unreachable: Vec::new(),
        };
        Ok(Request::By(caller.clone(), Command::Invite(Box::new(invite))))
    }
}

pub(super) fn submit(opened: &Opened, request: Request, lane: usize) -> Result<()> {
    let asker =
        Asker { session: SessionId(lane as u64), connected_at: 0, heard_at: tokio::time::Instant::now() };
    let submission = Submission {
        request,
        reply_to: ReplyTo::Session(asker),
        once: None,
        permission: Permission::NotNeeded,
    };
    match opened.store.submit(submission) {
        Ok(()) => Ok(()),
        Err(reason) => bail!("the store takes no more commands: {reason:?}"),
    }
}

pub(super) async fn next_batch(opened: &mut Opened) -> Result<Vec<Committed>> {
    let batch = tokio::time::timeout(PATIENCE, opened.committed.recv()).await;
    batch.with_context(|| format!("no commit within {PATIENCE:?}"))?.context("the store has ended")
}

/// The lane whose command was carried out; a refusal is an error.
pub(super) fn lane_of(committed: &Committed) -> Result<usize> {
    if let Err(error) = committed.reply() {
        bail!("refused: {error:?}");
    }
    let (_, SessionId(lane)) = committed.origin().context("nobody waits for a reply")?;
    Ok(usize::try_from(lane)?)
}

pub(super) fn actor(name: &str) -> Result<Actor> {
    let device = Device { device_id: DeviceId::parse("bench")?, platform: Platform::LINUX };
    Ok(Actor { user: UserId::parse(name)?, device: Some(device) })
}

/// From the form inside a JSON string.
fn unescaped(text: &str) -> Result<String> {
    Ok(serde_json::from_str(&format!("\"{text}\""))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_invites_and_accepts_and_goes_to_its_next_pair() {
        let mut load = ClosedLoop::new(5, 2).unwrap();
        let mut callers = Vec::new();
        for _ in 0..4 {
            let invite = load.next(0).unwrap();
            let accept = load.next(0).unwrap();
            let (Request::By(_, Command::Invite(invite_)), Request::By(_, Command::Accept(answer))) =
                (&invite, &accept)
            else {
                panic!("{invite:?} and {accept:?}")
            };
            assert_eq!(invite_.id.as_ref(), Some(&answer.id));
            let Invited::User(invitee) = &invite_.invited else { panic!("{invite_:?}") };
            assert_eq!(Some(invitee), accept.user());
            callers.push(invite.user().unwrap().to_string());
        }
        assert_eq!(callers, ["caller00000", "caller00002", "caller00004", "caller00000"]);
    }
}
