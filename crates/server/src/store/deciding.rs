//! Deciding the commands of a batch, the same for every store.
//!
//! The rules read a ledger, and a ledger may lack rows. So a store asks [`Desk::step`] again and again, does what it is
//! told, and stops at [`Step::Done`]:
//!
//! - [`Step::Load`]: load these keys into the ledger.
//! - [`Step::Locate`]: find out which of these users have a session on another node, and tell [`Desk::located`].
//!
//! When it is done, the decision is applied to the ledger, so the next command of the batch sees it. Nothing is written
//! here: the store writes all decisions of a batch in one transaction.

use std::cell::RefCell;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use wigwag_engine::wanted::Wanted;
use wigwag_engine::{Chance, Change, Decision, Key, Ledger, Reply, Request, Stop, Surroundings, decide};
use wigwag_protocol::{GroupId, UserId};
use wigwag_session::LoggedEvent;
use wigwag_session::rates::Allowance;
use wigwag_session::refused::{Failure, Refusal};

use super::once::Keep;
use super::{Growth, OnlineUsers, Permission, Planned, WriterSettings};
use crate::rates::kept::{Paced, Paces, admit};
use crate::zones::Zones;

/// A command reads its wanted keys in one pass, and another for every key that was not foreseen. More passes than this
/// mean that the store does not load what it is asked for.
const MOST_PASSES: usize = 64;

/// What has to be written for a command, or why it is refused.
pub(super) type Decided = Result<ToWrite, Box<Refusal>>;

/// A decision with the text of its events, which is made once: for the log and for all who are told.
#[derive(Debug)]
pub(super) struct ToWrite {
    pub(super) changes: Vec<Change>,
    pub(super) events: Vec<Arc<LoggedEvent>>,
    pub(super) reply: Reply,
    /// The reply as it is kept for repeats, if it is.
    pub(super) keep: Option<Box<Keep>>,
    /// About what somebody has to be asked first. There is nothing to write then, and the reply counts for nothing.
    pub(super) asks_about: Option<Planned>,
}

impl ToWrite {
    /// Whether there is nothing to write.
    pub(super) fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.events.is_empty() && self.keep.is_none()
    }

    fn asking_about(planned: Planned, reply: Reply) -> Self {
        let (changes, events) = (Vec::new(), Vec::new());
        Self { changes, events, reply, keep: None, asks_about: Some(planned) }
    }
}

impl From<Decision> for ToWrite {
    fn from(Decision { changes, events, reply }: Decision) -> Self {
        let events =
            events.into_iter().map(|event| Arc::new(LoggedEvent::of(Arc::unwrap_or_clone(event)))).collect();
        Self { changes, events, reply, keep: None, asks_about: None }
    }
}

/// What the store has to do next for a command.
#[derive(Debug)]
pub(super) enum Step {
    /// Load these keys into the ledger.
    Load(Vec<Key>),
    /// Find out which of these users have a session on another node.
    Locate(Vec<UserId>),
    /// Nothing: the command is decided.
    Done(Decided),
}

/// What the commands of a batch are decided with.
pub(super) struct Desk<'a, P> {
    pub(super) ledger: &'a mut Ledger,
    pub(super) paces: &'a mut P,
    settings: &'a WriterSettings,
    presence: &'a dyn OnlineUsers,
    /// Server time in ms.
    now: u64,
    /// Users who have no session here: whether they have one on another node.
    elsewhere: HashMap<UserId, bool>,
}

/// A command that is being decided.
pub(super) struct Deciding<'a> {
    request: &'a Request,
    permission: &'a Permission,
    /// When it came, server time in µs. Rates count from then, not from when the batch begins.
    came_at: u64,
    passes: usize,
    /// Named at the first miss: a command whose rows are all loaded does not need it.
    wanted: Option<Wanted>,
}

impl<'a> Deciding<'a> {
    /// `came_at` is server time in ms.
    pub(super) fn new(request: &'a Request, permission: &'a Permission, came_at: u64) -> Self {
        Self { request, permission, came_at: came_at.saturating_mul(1_000), passes: 0, wanted: None }
    }

    /// What of the decision somebody may have to be asked about.
    fn planned(&self, decision: &Decision, ledger: &Ledger) -> Option<Planned> {
        if matches!(self.permission, Permission::NotNeeded) {
            return None;
        }
        let invitation = decision.invitation_made().map(|made| Planned::Invitation(Arc::clone(made)));
        let message = || decision.message_sent().map(|sent| Planned::Message(Box::new(sent.clone())));
        let growth = || growth(decision, ledger).map(|growth| Planned::Growth(Box::new(growth)));
        invitation.or_else(message).or_else(growth)
    }

    fn undecidable(&self) -> Step {
        let request = self.request.kind();
        tracing::error!(request, passes = self.passes, "a request could not be decided");
        Step::Done(Err(Failure::Internal.into()))
    }
}

impl<'a, P: Paces> Desk<'a, P> {
    /// `now` is server time in ms.
    pub(super) fn new(
        ledger: &'a mut Ledger,
        paces: &'a mut P,
        settings: &'a WriterSettings,
        presence: &'a dyn OnlineUsers,
        now: u64,
    ) -> Self {
        Self { ledger, paces, settings, presence, now, elsewhere: HashMap::new() }
    }

    /// The next step towards a decision.
    pub(super) fn step(&mut self, deciding: &mut Deciding<'_>) -> Step {
        if deciding.passes == 0
            && let Err(wait) = self.admit_user(deciding)
        {
            return Step::Done(Err(Box::new(Refusal::UserTooFast(wait))));
        }
        if let Some(wanted) = &mut deciding.wanted {
            let missing = wanted.missing(self.ledger);
            if !missing.is_empty() {
                return Step::Load(missing);
            }
        }
        if deciding.passes == MOST_PASSES {
            return deciding.undecidable();
        }
        deciding.passes += 1;
        self.pass(deciding)
    }

    /// Takes in which users have a session on another node.
    pub(super) fn located(&mut self, users: impl IntoIterator<Item = (UserId, bool)>) {
        self.elsewhere.extend(users);
    }

    fn pass(&mut self, deciding: &mut Deciding<'_>) -> Step {
        let unknown = RefCell::new(Vec::new());
        let online = |user: &UserId| self.is_online(user, &unknown);
        let around = Surroundings {
            now: self.now,
            limits: &self.settings.limits,
            online: &online,
            zones: &Zones,
            media: &*self.settings.media.0,
        };
        // The rules only read, so a panic in them leaves the ledger as it was.
        let decided =
            catch_unwind(AssertUnwindSafe(|| decide(self.ledger, deciding.request, &around, &mut FreshIds)));
        let unknown = unknown.into_inner();
        if !unknown.is_empty() {
            return Step::Locate(unknown);
        }
        match decided {
            Ok(Ok(decision)) => Step::Done(self.apply(deciding, decision)),
            Ok(Err(Stop::Refused(refusal))) => Step::Done(Err(Box::new(refusal.into()))),
            Ok(Err(Stop::Missing(keys))) => {
                let wanted = deciding.wanted.get_or_insert_with(|| Wanted::of(deciding.request));
                wanted.keys.extend(keys);
                Step::Load(wanted.missing(self.ledger))
            }
            Err(_) => deciding.undecidable(),
        }
    }

    /// Notes the users of whom it is not known whether they are online; the pass counts for nothing then.
    fn is_online(&self, user: &UserId, unknown: &RefCell<Vec<UserId>>) -> bool {
        self.presence.here(user)
            || self.elsewhere.get(user).copied().unwrap_or_else(|| {
                unknown.borrow_mut().push(user.clone());
                false
            })
    }

    /// Makes the decision true for the commands after it, unless somebody has to be asked first or its group is written to too fast.
    fn apply(&mut self, deciding: &Deciding<'_>, mut decision: Decision) -> Decided {
        if let Some(planned) = deciding.planned(&decision, self.ledger) {
            match deciding.permission {
                Permission::NotNeeded => {}
                Permission::Needed => return Ok(ToWrite::asking_about(planned, decision.reply)),
                Permission::Given(grant) => {
                    if let Some(push_info) = &grant.push_info {
                        decision.replace_push_info(push_info);
                    }
                }
                Permission::Denied(refusal) => return Err(refusal.clone()),
            }
        }
        if let Some(group) = paced_group(deciding.request, &decision) {
            let admitted = admit(self.paces, Paced::Group(group), deciding.came_at);
            admitted.map_err(|wait| Box::new(Refusal::GroupTooFast(wait)))?;
        }
        self.ledger.apply(&decision);
        Ok(decision.into())
    }

    /// Counts a command against its user's rate over all nodes, or gives the time to wait. What other people wait for is not counted
    /// here: each node counts it for itself.
    fn admit_user(&mut self, deciding: &Deciding<'_>) -> Result<(), Duration> {
        let Request::By(actor, command) = deciding.request else { return Ok(()) };
        // It was counted before somebody was asked about it.
        let was_asked_about = match deciding.permission {
            Permission::NotNeeded | Permission::Needed => false,
            Permission::Given(_) | Permission::Denied(_) => true,
        };
        // A back end has the pace of its key: what it does for a user is none of that user's commands.
        if was_asked_about || actor.is_back_end() || Allowance::of(command) != Allowance::Commands {
            return Ok(());
        }
        admit(self.paces, Paced::User(&actor.user), deciding.came_at)
    }
}

/// Who would come to which group.
fn growth(decision: &Decision, ledger: &Ledger) -> Option<Growth> {
    let added = decision.members_added()?.clone();
    let there = || ledger.group(&added.group_id).ok().flatten();
    let group = decision.group_made().or_else(there)?;
    Some(Growth { ext: group.ext.clone(), added })
}

/// The group whose rate limit this decided command counts against. A repeat does not count: a refusal would tell the
/// client that the first try had failed.
fn paced_group<'a>(request: &'a Request, decision: &Decision) -> Option<&'a GroupId> {
    if decision.is_empty() { None } else { request.group_written_to() }
}

/// Identifiers that grow with time, so that indexes grow at their end.
struct FreshIds;

impl Chance for FreshIds {
    fn fresh_id(&mut self) -> String {
        uuid::Uuid::now_v7().simple().to_string()
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;
    use std::sync::Arc;

    use async_trait::async_trait;
    use wigwag_engine::command::{Answer, Invite, Invited, SendMessage};
    use wigwag_engine::conversation::ConversationHead;
    use wigwag_engine::invitation::Switches;
    use wigwag_engine::ledger::{Loaded, Reader, User};
    use wigwag_engine::{Actor, Command, Invitation, Limits};
    use wigwag_protocol::group::{Profile, Reach};
    use wigwag_protocol::message::{MessageOptions, Peer};
    use wigwag_protocol::{Device, DeviceId, InviteId, Platform};
    use wigwag_session::rates::Pace;

    use super::*;
    use crate::rates::kept::GroupPaces;
    use crate::store::{GiveAccess, Grant};

    const NOW: u64 = 1_700_000_000_000;

    struct Nobody;

    #[async_trait]
    impl OnlineUsers for Nobody {
        fn here(&self, _: &UserId) -> bool {
            false
        }

        async fn elsewhere(&self, users: &[UserId]) -> Vec<bool> {
            vec![false; users.len()]
        }

        async fn look(&self, users: &[UserId]) -> Vec<Option<bool>> {
            vec![Some(false); users.len()]
        }
    }

    /// Rows of a database in which everybody is registered and nothing else has happened.
    #[derive(Default)]
    struct Table {
        invitation: Option<Arc<Invitation>>,
        loads: usize,
        /// Answers nothing, as a broken store would.
        is_broken: bool,
    }

    impl Table {
        fn load(&self, key: Key) -> Loaded {
            match key {
                Key::User(id) => {
                    let (nickname, face_url, ext) = <(String, String, String)>::default();
                    let profile = Profile { user_id: id.clone(), nickname, face_url, ext };
                    let user = User {
                        profile,
                        head: 0,
                        reach: Reach::default(),
                        has_quiet: false,
                        status: String::new(),
                        disabled_since: None,
                        deleted_at: None,
                    };
                    Loaded::User(id, Some(user))
                }
                Key::Quiet(user) => Loaded::Quiet(user, None),
                Key::Block(by, target) => Loaded::Block(by, target, false),
                Key::Invitation(id) => {
                    Loaded::Invitation(id.clone(), self.invitation.clone().filter(|one| one.id == id))
                }
                Key::OpenCount(inviter) => Loaded::OpenCount(inviter, 0),
                Key::OpenLasting(inviter) => Loaded::OpenLasting(inviter, Vec::new()),
                Key::OpenInGroup(group) => Loaded::OpenInGroup(group, Vec::new()),
                Key::PendingFor(user) => Loaded::PendingFor(user, Vec::new()),
                Key::Call(id) => Loaded::Call(id, None),
                Key::Room(room) => Loaded::Room(room, None),
                Key::InCall(user) => Loaded::InCall(user, None),
                Key::RunningInGroup(group) => Loaded::RunningInGroup(group, Vec::new()),
                Key::CallsSeen(user) => Loaded::CallsSeen(user, 0),
                Key::Group(id) => Loaded::Group(id, None),
                Key::Board(group) => Loaded::Board(group, wigwag_engine::Board::default()),
                Key::HasLeft(group, user) => Loaded::HasLeft(group, user, false),
                Key::GroupCount(user) => Loaded::GroupCount(user, 0),
                Key::SharedGroups(of, with) => Loaded::SharedGroups(of, with, Vec::new()),
                Key::Conversation(id) => Loaded::Conversation(id, ConversationHead::default()),
                Key::Message(conversation, seq) => Loaded::Message(conversation, seq, None),
                Key::ClientMessage(sender, id) => Loaded::ClientMessage(sender, id, None),
                Key::Read(user, conversation) => Loaded::Read(user, conversation, Reader::default()),
                Key::PinCount(user) => Loaded::PinCount(user, 0),
            }
        }
    }

    fn decides(table: &mut Table, ledger: &mut Ledger, request: &Request) -> (Decided, usize) {
        decides_with(table, ledger, request, &Permission::NotNeeded)
    }

    fn decides_with(
        table: &mut Table,
        ledger: &mut Ledger,
        request: &Request,
        permission: &Permission,
    ) -> (Decided, usize) {
        let pace = Pace::new(NonZeroU32::MIN, NonZeroU32::MIN);
        let settings = WriterSettings {
            limits: Limits::default(),
            max_batch: 1,
            linger: Duration::ZERO,
            group_pace: pace,
            media: GiveAccess::default(),
        };
        let mut paces = GroupPaces::new(pace);
        let mut desk = Desk::new(ledger, &mut paces, &settings, &Nobody, NOW);
        let mut deciding = Deciding::new(request, permission, NOW);
        loop {
            match desk.step(&mut deciding) {
                Step::Load(keys) => {
                    table.loads += 1;
                    for key in keys.into_iter().filter(|_| !table.is_broken) {
                        desk.ledger.take(table.load(key));
                    }
                }
                Step::Locate(users) => desk.located(users.into_iter().map(|user| (user, false))),
                Step::Done(decided) => return (decided, deciding.passes),
            }
        }
    }

    fn asks(name: &str, command: Command) -> Request {
        let device = Device { device_id: DeviceId::parse("phone").unwrap(), platform: Platform::LINUX };
        Request::By(Actor { user: UserId::parse(name).unwrap(), device: Some(device) }, command)
    }

    fn invites(online_user_only: bool) -> Request {
        let invite = Invite {
            id: Some(InviteId::parse("i").unwrap()),
            invited: Invited::User(UserId::parse("bob").unwrap()),
            data: String::new(),
            timeout: 30,
            switches: Switches { online_user_only, ..Switches::default() },
            offline_push_info: None,
            call: None,
            unreachable: Vec::new(),
        };
        asks("alice", Command::Invite(Box::new(invite)))
    }

    fn accepts() -> Request {
        let id = InviteId::parse("i").unwrap();
        asks("bob", Command::Accept(Answer { id, data: String::new() }))
    }

    fn writes() -> Request {
        let user = |name: &str| UserId::parse(name).unwrap();
        let content = serde_json::value::RawValue::from_string(r#"{"text":"hello"}"#.to_owned()).unwrap();
        let send = SendMessage {
            peer: Peer::User(user("bob")),
            client_msg_id: Some("m".to_owned()),
            kind: "text".to_owned(),
            content,
            options: MessageOptions::default(),
            offline_push_info: None,
        };
        Request::By(Actor::back_end(user("alice")), Command::SendMessage(Box::new(send)))
    }

    fn made(decision: &ToWrite) -> Option<Arc<Invitation>> {
        decision.changes.iter().find_map(|change| {
            if let Change::InvitationMade(made) = change { Some(Arc::clone(made)) } else { None }
        })
    }

    #[test]
    fn a_cold_command_is_loaded_together_and_decided_in_the_second_pass() {
        let mut table = Table::default();
        let (invited, passes) = decides(&mut table, &mut Ledger::default(), &invites(false));
        assert_eq!((passes, table.loads), (2, 1), "an invite names all it reads");
        let mut table = Table { invitation: made(&invited.unwrap()), ..Table::default() };
        let (accepted, passes) = decides(&mut table, &mut Ledger::default(), &accepts());
        accepted.unwrap();
        assert_eq!((passes, table.loads), (2, 2), "an answer first reads who is concerned");
    }

    #[test]
    fn an_invitation_is_made_once_somebody_has_allowed_it() {
        let (mut table, mut ledger) = (Table::default(), Ledger::default());
        let mut asks =
            |permission: &Permission| decides_with(&mut table, &mut ledger, &invites(false), permission).0;
        let question = asks(&Permission::Needed).unwrap();
        assert!(question.is_empty());
        let Some(Planned::Invitation(planned)) = question.asks_about else { panic!("{question:?}") };
        assert_eq!(planned.id.as_str(), "i");
        let denied = Permission::Denied(Box::new(Refusal::HookSilent));
        assert_eq!(*asks(&denied).unwrap_err(), Refusal::HookSilent);
        let grant = Grant { push_info: Some("{}".to_owned()), left_out: Vec::new() };
        let made = made(&asks(&Permission::Given(Box::new(grant))).unwrap()).unwrap();
        assert_eq!((made.offline_push_info.as_deref(), made.own_push_info()), (Some("{}"), None));
        // It exists now, so nobody is asked about a repeat, and whatever is said of it comes too late.
        for permission in [Permission::Needed, denied] {
            let repeated = asks(&permission).unwrap();
            assert!(repeated.is_empty() && repeated.asks_about.is_none());
        }
    }

    #[test]
    fn a_message_is_sent_once_somebody_has_allowed_it() {
        let (mut table, mut ledger) = (Table::default(), Ledger::default());
        let request = writes();
        let mut asks =
            |permission: &Permission| decides_with(&mut table, &mut ledger, &request, permission).0;
        let question = asks(&Permission::Needed).unwrap();
        assert!(question.is_empty());
        let Some(Planned::Message(planned)) = &question.asks_about else { panic!("{question:?}") };
        assert_eq!((planned.client_msg_id.as_deref(), planned.seq), (Some("m"), Some(1)));
        let denied = Permission::Denied(Box::new(Refusal::HookSilent));
        assert_eq!(*asks(&denied).unwrap_err(), Refusal::HookSilent);
        assert_eq!(asks(&Permission::Given(Box::default())).unwrap().events.len(), 1);
        // It was sent, so nobody is asked about a repeat, and whatever is said of it comes too late.
        for permission in [Permission::Needed, denied] {
            let repeated = asks(&permission).unwrap();
            assert!(repeated.is_empty() && repeated.asks_about.is_none());
        }
    }

    #[test]
    fn what_the_rules_refuse_is_not_asked_about() {
        let (mut table, mut ledger) = (Table::default(), Ledger::default());
        let mut oneself = invites(false);
        let Request::By(actor, _) = &mut oneself else { panic!("{oneself:?}") };
        actor.user = UserId::parse("bob").unwrap();
        let decided = decides_with(&mut table, &mut ledger, &oneself, &Permission::Needed).0;
        assert!(matches!(*decided.unwrap_err(), Refusal::Rules(_)));
    }

    #[test]
    fn a_warm_command_is_decided_in_the_first_pass() {
        let (mut table, mut ledger) = (Table::default(), Ledger::default());
        decides(&mut table, &mut ledger, &invites(false)).0.unwrap();
        let loads = table.loads;
        let (accepted, passes) = decides(&mut table, &mut ledger, &accepts());
        accepted.unwrap();
        assert_eq!((passes, table.loads), (1, loads));
    }

    #[test]
    fn whoever_is_not_here_is_looked_for_on_other_nodes() {
        let (mut table, mut ledger) = (Table::default(), Ledger::default());
        let (invited, passes) = decides(&mut table, &mut ledger, &invites(true));
        assert_eq!(invited.unwrap().events[0].places.len(), 1, "bob is nowhere");
        assert_eq!(passes, 3);
    }

    #[test]
    fn a_store_that_loads_nothing_gets_no_decision() {
        let mut table = Table { is_broken: true, ..Table::default() };
        let (decided, passes) = decides(&mut table, &mut Ledger::default(), &invites(false));
        assert_eq!(*decided.unwrap_err(), Failure::Internal.into());
        assert_eq!(passes, MOST_PASSES);
    }
}
