//! The app on a device: a person who invites, calls, answers and writes at random, and a notebook of everything it was told.

mod calling;

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use wigwag_client::{ClientEvent, Error, Happened};
use wigwag_protocol::call::CallView;
use wigwag_protocol::invitation::{InvitationView, InviteeState, Notify};
use wigwag_protocol::message::MessageOptions;
use wigwag_protocol::params::CallWish;
use wigwag_protocol::{CallId, GroupId, InvitationEvent, InviteId, Method, UserId, params, result};

use self::calling::Calls;

/// Names a command for good: the life of the device's process, and the machine's number in it.
pub type CommandId = (u32, u64);

/// What people here do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Invites one user.
    Invite,
    /// Invites members of the group.
    InviteMembers,
    /// Accepts.
    Accept,
    /// Rejects.
    Reject,
    /// Takes an invitation back.
    Cancel,
    /// Takes it back from one invitee.
    CancelOne,
    /// Replaces its data.
    Modify,
    /// Sends a message.
    Write,
    /// Marks messages read.
    Read,
    /// Comes into a call, again or with this device.
    Join,
    /// Leaves a call.
    HangUp,
    /// Sends a signal to the others in a call.
    Signal,
    /// Looks at a call.
    Look,
}

/// What people are out to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// Anything.
    Lively,
    /// To bring to its end what they began.
    Finishing,
    /// To be in no call.
    Leaving,
}

/// A command that was given.
#[derive(Debug, Clone)]
pub struct Given {
    /// What.
    pub verb: Verb,
    /// Its parameters, JSON.
    pub params: String,
    /// The invitation it is about.
    pub about: Option<InviteId>,
    /// The call it is about.
    pub call: Option<CallId>,
    /// How often it was settled.
    pub settled: u32,
    /// The process died while it waited.
    pub abandoned: bool,
}

/// A command that was carried out, with its result as JSON.
#[derive(Debug, Clone)]
pub struct Acknowledged {
    /// The command.
    pub given: Given,
    /// The result.
    pub result: String,
}

/// An invitation as this app shows it.
#[derive(Debug)]
struct Ringing {
    pending: BTreeSet<UserId>,
    by_me: bool,
    /// Its end is kept only briefly, so an app that was away ends it by its own watch; or it has no deadline, and nobody is told
    /// when it is closed for its age.
    ends_untold: bool,
}

/// The app of one device.
#[derive(Debug)]
pub struct App {
    /// Whose device it is.
    pub user: UserId,
    /// Where its stream started.
    pub start: Option<u64>,
    /// Every event, by its cursor, in the order it was told or stood in a reply.
    pub seen: Vec<u64>,
    /// Own acts whose reply came after later events. Their own event had come at its place and was not told; the command was sent
    /// again for what only a reply says.
    pub late: BTreeSet<u64>,
    /// Cursors the server said were too old to be told: from one (exclusive) to the other (inclusive).
    pub skipped: Vec<(u64, u64)>,
    /// A process died before it was told what was too old. The next one is, of another place.
    untold: bool,
    /// Every command.
    pub given: BTreeMap<CommandId, Given>,
    /// Those that were carried out.
    pub acknowledged: Vec<Acknowledged>,
    /// Those that were given up because no reply came in time.
    pub in_doubt: Vec<Given>,
    ringing: BTreeMap<InviteId, Ringing>,
    calls: Calls,
    again: Vec<Given>,
    made: u32,
}

impl App {
    pub(crate) fn new(user: UserId) -> Self {
        Self {
            user,
            start: None,
            seen: Vec::new(),
            late: BTreeSet::new(),
            skipped: Vec::new(),
            untold: false,
            given: BTreeMap::new(),
            acknowledged: Vec::new(),
            in_doubt: Vec::new(),
            ringing: BTreeMap::new(),
            calls: Calls::default(),
            again: Vec::new(),
            made: 0,
        }
    }

    /// The invitations it shows as open, of those whose end it is sure to be told.
    pub fn open(&self) -> BTreeSet<InviteId> {
        self.ringing.iter().filter(|(_, ringing)| !ringing.ends_untold).map(|(id, _)| id.clone()).collect()
    }

    /// The newest cursor it knows.
    fn newest(&self) -> u64 {
        let skipped = self.skipped.last().map(|(_, to)| *to);
        self.seen.last().copied().max(skipped).max(self.start).unwrap_or(0)
    }

    /// What was too old when the app is told so at `cursor`: while the open invitations are listed, what is new comes before. In
    /// all lives since it was last told there is a gap for each time that it should have been.
    fn gaps(&mut self, cursor: u64) -> Vec<(u64, u64)> {
        let since = self.skipped.last().map_or(0, |(_, to)| *to).max(self.start.unwrap_or(0));
        let places: Vec<u64> = [since].into_iter().chain(self.seen.iter().copied()).chain([cursor]).collect();
        let gaps = places.windows(2).map(|pair| (pair[0], pair[1])).filter(|(from, _)| *from >= since);
        if std::mem::take(&mut self.untold) {
            return gaps.collect();
        }
        vec![gaps.max_by_key(|(from, to)| to.saturating_sub(*from)).unwrap_or((since, cursor))]
    }

    /// The app is told; gives the cursor it has taken over.
    pub(crate) fn hears(&mut self, event: ClientEvent, cursor: Option<u64>) -> Option<u64> {
        match event {
            ClientEvent::Happened(happened) => {
                self.seen.push(happened.cursor);
                self.happened(&happened);
                Some(happened.cursor)
            }
            ClientEvent::Resynced { open_invitations, .. } => {
                let cursor = cursor.expect("a resync has a cursor");
                if self.start.is_none() {
                    self.start = Some(cursor);
                } else {
                    let gaps = self.gaps(cursor);
                    self.skipped.extend(gaps);
                }
                self.ringing.clear();
                for view in &open_invitations {
                    self.shows(view);
                }
                Some(cursor)
            }
            ClientEvent::Unknown { params, .. } => panic!("the client does not know {params}"),
            ClientEvent::RingOver { .. }
            | ClientEvent::Status(_)
            | ClientEvent::State(_)
            | ClientEvent::CursorNotStored(_) => None,
        }
    }

    fn shows(&mut self, view: &InvitationView) {
        let pending = view.invitees.iter().filter(|one| one.state == InviteeState::Pending);
        let pending: BTreeSet<UserId> = pending.map(|one| one.user_id.clone()).collect();
        let invited = view.invitees.iter().any(|one| one.user_id == self.user);
        if !invited || pending.contains(&self.user) {
            let by_me = view.inviter == self.user;
            let ends_untold = view.online_user_only || view.timeout == 0;
            self.ringing.insert(view.invite_id.clone(), Ringing { pending, by_me, ends_untold });
        }
        self.calls.leads_to(&view.invite_id, view.call.as_ref());
    }

    fn happened(&mut self, happened: &Happened) {
        self.calls.hears(&happened.event, &self.user);
        let Some(event) = happened.event.of_invitation() else { return };
        match event {
            InvitationEvent::Received(event) => {
                if event.busy.contains(&self.user) {
                    // It does not ring here, and of its end among parties the others alone are told.
                    return;
                }
                let rung = event.invitee_list.iter().filter(|user| !event.busy.contains(user));
                let ends_untold = event.online_user_only || event.timeout == 0;
                let (pending, by_me) = (rung.cloned().collect(), event.inviter == self.user);
                self.rings(&event.invite_id, Ringing { pending, by_me, ends_untold });
            }
            InvitationEvent::Accepted(event) | InvitationEvent::Rejected(event) => {
                self.settled_for(&event.invite_id, std::slice::from_ref(&event.invitee));
            }
            InvitationEvent::Cancelled(event) | InvitationEvent::TimedOut(event) => {
                self.settled_for(&event.invite_id, &event.invitee_list);
            }
            InvitationEvent::Modified(_) => {}
        }
    }

    /// An invitation of which everybody is busy has ended when it is told.
    fn rings(&mut self, id: &InviteId, ringing: Ringing) {
        if !ringing.pending.is_empty() {
            self.ringing.insert(id.clone(), ringing);
        }
    }

    /// Rings no longer when nobody is pending, or when one's own part in it is over.
    fn settled_for(&mut self, id: &InviteId, users: &[UserId]) {
        let Some(ringing) = self.ringing.get_mut(id) else { return };
        ringing.pending.retain(|user| !users.contains(user));
        if ringing.pending.is_empty() || users.contains(&self.user) {
            self.ringing.remove(id);
        }
    }

    /// A command is over. `cursor` is the machine's, with the reply taken in.
    pub(crate) fn settled(&mut self, id: CommandId, outcome: Result<String, Error>, cursor: Option<u64>) {
        let given = self.given.get_mut(&id).expect("only what was given is settled");
        given.settled += 1;
        let given = given.clone();
        match outcome {
            Ok(result) => self.carried_out(given, result, cursor),
            // Whatever beat it, it rings here no longer.
            Err(Error::Refused(_)) => {
                if let (Some(id), Verb::Accept | Verb::Reject | Verb::Cancel) = (&given.about, given.verb) {
                    self.ringing.remove(id);
                }
                if let (Some(call), Verb::HangUp) = (&given.call, given.verb) {
                    self.calls.left(call);
                }
            }
            // It may or may not have been carried out: asked again, it is answered as the first time.
            Err(error) => {
                if matches!(error, Error::TimedOut) {
                    self.in_doubt.push(given.clone());
                }
                self.wants_again(given);
            }
        }
    }

    /// A changed payload may have been overtaken since, and so may what was done in a call.
    fn wants_again(&mut self, given: Given) {
        let is_overtaken =
            matches!(given.verb, Verb::Modify | Verb::Join | Verb::HangUp | Verb::Signal | Verb::Look);
        if !is_overtaken {
            self.again.push(Given { settled: 0, abandoned: false, ..given });
        }
    }

    fn carried_out(&mut self, given: Given, result: String, cursor: Option<u64>) {
        let placed: Placed = read(&result);
        // A repeat's reply carries the place of the first, which may have been told as an event meanwhile.
        if let Some(place) = placed.cursor.filter(|place| *place > self.newest() && Some(*place) <= cursor) {
            self.seen.push(place);
            self.invited(&given, &result);
        } else {
            self.late.extend(placed.cursor);
        }
        self.came_into(&given, &result);
        if let Some(id) = &given.about {
            let me = self.user.clone();
            match given.verb {
                Verb::Accept | Verb::Reject | Verb::Join => self.settled_for(id, &[me]),
                Verb::Cancel => {
                    self.ringing.remove(id);
                }
                Verb::CancelOne => {
                    let cancel: params::Cancel = read(&given.params);
                    self.settled_for(id, &cancel.invitee_list.unwrap_or_default());
                }
                Verb::Invite
                | Verb::InviteMembers
                | Verb::Modify
                | Verb::Write
                | Verb::Read
                | Verb::HangUp
                | Verb::Signal
                | Verb::Look => {}
            }
        }
        self.acknowledged.push(Acknowledged { given, result });
    }

    /// What this device did itself is in its reply alone. Two who called each other met in the other's invitation.
    fn invited(&mut self, given: &Given, result: &str) {
        let Some(id) = given.about.clone() else { return };
        let (invitees, online_only, timeout) = match given.verb {
            Verb::Invite => {
                let wish: params::Invite = read(&given.params);
                (vec![wish.invitee], wish.online_user_only, wish.timeout)
            }
            Verb::InviteMembers => {
                let wish: params::InviteInGroup = read(&given.params);
                (wish.invitee_list, wish.online_user_only, wish.timeout)
            }
            Verb::Accept
            | Verb::Reject
            | Verb::Cancel
            | Verb::CancelOne
            | Verb::Modify
            | Verb::Write
            | Verb::Read
            | Verb::Join
            | Verb::HangUp
            | Verb::Signal
            | Verb::Look => return,
        };
        let acted: result::Acted = read(result);
        let busy = acted.call.as_ref().map(|entry| entry.busy.clone()).unwrap_or_default();
        let left_out = |user: &UserId| busy.contains(user) || acted.ignored_invitees.contains(user);
        let is_theirs = acted.invite_id != id || acted.call.is_some_and(|entry| entry.accepted.is_some());
        if is_theirs {
            return;
        }
        let pending = invitees.into_iter().filter(|user| !left_out(user)).collect();
        let ends_untold = online_only || timeout == 0;
        self.rings(&id, Ringing { pending, by_me: true, ends_untold });
    }

    /// The process dies: commands without reply die with it, and a person who wants them gives them again. `untold`: it was to be
    /// told that something was too old.
    pub(crate) fn restarts(&mut self, untold: bool) {
        self.untold |= untold;
        let mut lost = Vec::new();
        for given in self.given.values_mut().filter(|given| given.settled == 0 && !given.abandoned) {
            given.abandoned = true;
            lost.push(given.clone());
        }
        for given in lost {
            self.wants_again(given);
        }
    }

    /// What was given up is tried again first; then, if there may be something new, a person's whim. `screen` has the calls that
    /// are running, as the client knows them.
    pub(crate) fn wants(
        &mut self,
        others: &[UserId],
        screen: &[CallView],
        mood: Mood,
        dice: &mut Rng,
    ) -> Option<Given> {
        match mood {
            Mood::Lively => self.again.pop().or_else(|| self.whim(others, screen, dice)),
            Mood::Finishing => self.again.pop().or_else(|| self.calls.goes()),
            Mood::Leaving => self.calls.goes(),
        }
    }

    fn whim(&mut self, others: &[UserId], screen: &[CallView], dice: &mut Rng) -> Option<Given> {
        self.made += 1;
        let whom = &others[dice.usize(..others.len())];
        match dice.u8(0..32) {
            0..3 => Some(self.invites(whom, None, dice)),
            3..5 => Some(self.invites_members(others, None, dice)),
            5..12 => self.answers(dice),
            12..14 => self.cancels(dice),
            14 => self.modifies(dice),
            15..18 => Some(self.writes(whom, dice)),
            18 => Some(reads(whom, dice.u64(1..40))),
            _ => self.whim_about_calls(others, screen, dice),
        }
    }

    fn fresh_name(&self, dice: &mut Rng) -> String {
        format!("{}-{}-{:08x}", self.user, self.made, dice.u32(..))
    }

    fn invites(&mut self, whom: &UserId, call: Option<CallWish>, dice: &mut Rng) -> Given {
        let id = InviteId::parse(&self.fresh_name(dice)).expect("an inviteID");
        let wish = params::Invite {
            invite_id: Some(id.clone()),
            invitee: whom.clone(),
            inviter: None,
            // The event of an invite that met the other's names the data and not the invite, so it is by this that they are told apart.
            data: id.to_string(),
            timeout: rings_for(dice),
            online_user_only: dice.u8(0..8) == 0,
            progress: false,
            excluded_from_unread: false,
            excluded_from_last_message: false,
            call,
            offline_push_info: None,
        };
        wish_for(Verb::Invite, &wish, Some(id))
    }

    fn invites_members(&mut self, others: &[UserId], call: Option<CallWish>, dice: &mut Rng) -> Given {
        let id = InviteId::parse(&self.fresh_name(dice)).expect("an inviteID");
        let first = dice.usize(..others.len());
        let wish = params::InviteInGroup {
            invite_id: Some(id.clone()),
            group_id: everybody(),
            invitee_list: others[first..].to_vec(),
            notify: if dice.bool() { Notify::Members } else { Notify::Parties },
            inviter: None,
            data: "class".to_owned(),
            timeout: rings_for(dice),
            online_user_only: dice.u8(0..8) == 0,
            progress: false,
            excluded_from_unread: false,
            excluded_from_last_message: false,
            call,
            offline_push_info: None,
        };
        wish_for(Verb::InviteMembers, &wish, Some(id))
    }

    fn answers(&self, dice: &mut Rng) -> Option<Given> {
        let mine = self.ringing.iter().filter(|(_, ringing)| ringing.pending.contains(&self.user));
        let id = pick(mine.map(|(id, _)| id), dice)?;
        let verb = if dice.u8(0..3) == 0 { Verb::Reject } else { Verb::Accept };
        Some(wish_for(verb, &answer(&id), Some(id)))
    }

    fn cancels(&self, dice: &mut Rng) -> Option<Given> {
        let mine = self.ringing.iter().filter(|(_, ringing)| ringing.by_me);
        let id = pick(mine.map(|(id, _)| id), dice)?;
        if dice.bool() && self.ringing[&id].pending.len() > 1 {
            return self.cancels_one(id);
        }
        Some(wish_for(Verb::Cancel, &answer(&id), Some(id)))
    }

    fn cancels_one(&self, id: InviteId) -> Option<Given> {
        let whom = self.ringing[&id].pending.first()?.clone();
        let invitee_list = Some(vec![whom]);
        let cancel =
            params::Cancel { invite_id: id.clone(), invitee_list, data: String::new(), user_id: None };
        Some(wish_for(Verb::CancelOne, &cancel, Some(id)))
    }

    fn modifies(&self, dice: &mut Rng) -> Option<Given> {
        let id = pick(self.ringing.keys(), dice)?;
        let wish = params::Modify { invite_id: id.clone(), data: dice.u8(..).to_string() };
        Some(wish_for(Verb::Modify, &wish, Some(id)))
    }

    fn writes(&self, whom: &UserId, dice: &mut Rng) -> Given {
        let wish = params::MessageSend {
            user_id: Some(whom.clone()),
            group_id: None,
            client_msg_id: Some(self.fresh_name(dice)),
            kind: "text".to_owned(),
            content: serde_json::value::to_raw_value(&serde_json::json!({ "text": "hi" })).expect("JSON"),
            offline_push_info: None,
            options: MessageOptions::default(),
        };
        wish_for(Verb::Write, &wish, None)
    }
}

/// The place a result may carry.
#[derive(Deserialize)]
struct Placed {
    #[serde(default)]
    cursor: Option<u64>,
}

fn read<T: DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).expect("what was written by the same protocol")
}

impl Verb {
    pub(crate) fn method(self) -> Method {
        match self {
            Self::Invite => Method::Invite,
            Self::InviteMembers => Method::InviteInGroup,
            Self::Accept => Method::Accept,
            Self::Reject => Method::Reject,
            Self::Cancel | Self::CancelOne => Method::Cancel,
            Self::Modify => Method::Modify,
            Self::Write => Method::MessageSend,
            Self::Read => Method::MessageMarkRead,
            Self::Join => Method::CallJoin,
            Self::HangUp => Method::CallHangUp,
            Self::Signal => Method::CallSignal,
            Self::Look => Method::CallGet,
        }
    }
}

/// The group everybody is in.
pub(crate) fn everybody() -> GroupId {
    GroupId::parse("everybody").expect("a groupID")
}

fn reads(whom: &UserId, seq: u64) -> Given {
    let wish = params::MessageAt { user_id: Some(whom.clone()), group_id: None, seq };
    wish_for(Verb::Read, &wish, None)
}

fn answer(id: &InviteId) -> params::Answer {
    params::Answer { invite_id: id.clone(), data: String::new(), user_id: None }
}

fn wish_for(verb: Verb, wish: &impl Serialize, about: Option<InviteId>) -> Given {
    let params = serde_json::to_string(wish).expect("parameters are JSON");
    Given { verb, params, about, call: None, settled: 0, abandoned: false }
}

/// Seconds; one in ten has no deadline.
fn rings_for(dice: &mut Rng) -> u32 {
    if dice.u8(0..10) == 0 { 0 } else { dice.u32(3..20) }
}

fn pick<'a>(from: impl Iterator<Item = &'a InviteId>, dice: &mut Rng) -> Option<InviteId> {
    let all: Vec<&InviteId> = from.collect();
    (!all.is_empty()).then(|| all[dice.usize(..all.len())].clone())
}
