//! Every method of the protocol, typed.

use uuid::Uuid;
use wigwag_protocol::params::{
    Answer, CallGet, CallList, CallMarkSeen, CallOnly, CallSignal, Cancel, ConversationList,
    ConversationOnly, ConversationPin, Get, GroupCreate, GroupList, GroupMembers, GroupNews, GroupOnly,
    GroupSetAttributes, GroupSetInfo, GroupSetRole, GroupUsers, Invite, InviteInGroup, ListOpen, MessageAt,
    MessageHistory, MessageReceipts, MessageSend, Modify, Nothing, PushRegister, Ringing, UserGet,
    UserGetStatus, UserListBlocked, UserOnly, UserSetProfile, UserSetReach, UserSetStatus, UserWatch,
};
use wigwag_protocol::quiet::{Quiet, Silence};
use wigwag_protocol::result::{
    Acted, Attributes, AttributesSet, Blocked, Calls, Conversations, Done, Got, GotCall, GroupCreated,
    GroupInfo, Groups, History, Joined, Members, MessageSent, OnlineCount, OpenList, OwnQuiet, OwnReach,
    Profiles, PushOffer, Receipts, Statuses,
};
use wigwag_protocol::{InviteId, Method, result};

use crate::client::{Client, Inviting, Reply};

macro_rules! calls {
    ($($(#[$doc:meta])* $name:ident($params:ident: $type:ty) -> $result:ty = $method:ident;)+) => {
        impl Client {
            $(
                $(#[$doc])*
                pub fn $name(&self, $params: &$type) -> Reply<$result> {
                    self.call(Method::$method, $params)
                }
            )+
        }
    };
}

impl Client {
    /// Invites one user. Without an inviteID a `UUIDv7` is made, so that the invitation has its name before the reply and
    /// can be sent again safely.
    pub fn invite(&self, mut invite: Invite) -> Inviting {
        let invite_id = invite.invite_id.get_or_insert_with(new_invite_id).clone();
        Inviting::new(invite_id, self.call(Method::Invite, &invite))
    }

    /// Invites some members of a group; see [`Client::invite`]. The reply names those who are not members.
    pub fn invite_in_group(&self, mut invite: InviteInGroup) -> Inviting {
        let invite_id = invite.invite_id.get_or_insert_with(new_invite_id).clone();
        Inviting::new(invite_id, self.call(Method::InviteInGroup, &invite))
    }

    /// Sends a message. Without a clientMsgID one is made, so that it can be sent again safely.
    pub fn send(&self, mut message: MessageSend) -> Reply<MessageSent> {
        message.client_msg_id.get_or_insert_with(|| Uuid::now_v7().to_string());
        self.call(Method::MessageSend, &message)
    }

    /// Reads who may ring one, and who may add one to groups.
    pub fn reach(&self) -> Reply<OwnReach> {
        self.call(Method::UserGetReach, &Nothing {})
    }

    /// Reads when one's devices ring without a sound.
    pub fn quiet(&self) -> Reply<OwnQuiet> {
        self.call(Method::UserGetQuiet, &Nothing {})
    }

    /// This device is not woken any more when somebody rings and it is away.
    pub fn unregister_push(&self) -> Reply<Done> {
        self.call(Method::PushUnregister, &Nothing {})
    }

    /// Reads how this server wakes devices.
    pub fn push_settings(&self) -> Reply<PushOffer> {
        self.call(Method::PushSettings, &Nothing {})
    }
}

calls! {
    /// Takes an invitation back. Refused with 8010 when it is settled, 8011 unless one is the inviter.
    cancel(cancel: Cancel) -> Acted = Cancel;
    /// Accepts an invitation. Refused with 8010 when somebody or something was faster; the outcome says who.
    accept(answer: Answer) -> Acted = Accept;
    /// Rejects an invitation. Refused with 8010 when somebody or something was faster; the outcome says who.
    reject(answer: Answer) -> Acted = Reject;
    /// Replaces an invitation's data. Not repeated after a lost connection.
    modify(modify: Modify) -> Acted = Modify;
    /// Reads one invitation, open or ended. With `next` in the reply, more answers follow.
    get(get: Get) -> Got = Get;
    /// Pages through the open invitations one is concerned with, oldest first. [`Client::invitations`] has them all without asking.
    list_open(page: ListOpen) -> OpenList = ListOpen;
    /// Enters a call without an invitation, again, or with this device instead of another.
    join_call(call: CallOnly) -> Joined = CallJoin;
    /// Leaves a call. While it rings, the caller takes it back and an invitee rejects it.
    hang_up(call: CallOnly) -> Done = CallHangUp;
    /// Reads one call, running or over.
    get_call(call: CallGet) -> GotCall = CallGet;
    /// Pages through one's calls, the newest first.
    call_list(page: CallList) -> Calls = CallList;
    /// Says that this device shows a ring to its user, where the inviter wants to know (`progress`).
    ringing(ring: Ringing) -> Done = Ringing;
    /// Stops the ring on all one's own devices, and answers nothing: for the inviter it rings on. Refused with 8010 when it is settled.
    silence(ring: Silence) -> Done = Silence;
    /// Marks missed calls as seen.
    mark_calls_seen(up_to: CallMarkSeen) -> Done = CallMarkSeen;
    /// Sends a signal to the others in a call. Not repeated after a lost connection.
    signal_call(signal: CallSignal) -> Done = CallSignal;
    /// Reads a page of a conversation.
    history(page: MessageHistory) -> History = MessageHistory;
    /// Takes one's own message back, within the server's window. Not repeated after a lost connection.
    revoke(at: MessageAt) -> Done = MessageRevoke;
    /// Marks a conversation as read up to a message.
    mark_read(at: MessageAt) -> Done = MessageMarkRead;
    /// Pages through those who have read a message, in byte order.
    receipts(page: MessageReceipts) -> Receipts = MessageReceipts;
    /// Lists one's conversations with unread counts: the pinned ones, then the others, both newest first.
    conversations(page: ConversationList) -> Conversations = ConversationList;
    /// Pins a conversation of one's list, or unpins it. Not repeated after a lost connection.
    pin_conversation(wish: ConversationPin) -> Done = ConversationPin;
    /// Takes a conversation out of one's list, with what was said in it, until something new is said. Not repeated after a lost connection.
    delete_conversation(which: ConversationOnly) -> Done = ConversationDelete;
    /// Creates a group and owns it. Not repeated after a lost connection.
    create_group(group: GroupCreate) -> GroupCreated = GroupCreate;
    /// Joins a group. Not repeated after a lost connection.
    join_group(group: GroupOnly) -> Done = GroupJoin;
    /// Leaves a group. Not repeated after a lost connection.
    quit_group(group: GroupOnly) -> Done = GroupQuit;
    /// Dismisses one's group. Not repeated after a lost connection.
    dismiss_group(group: GroupOnly) -> Done = GroupDismiss;
    /// Adds members to a group. Not repeated after a lost connection.
    add_members(users: GroupUsers) -> Done = GroupAddMembers;
    /// Removes members from a group. Not repeated after a lost connection.
    remove_members(users: GroupUsers) -> Done = GroupRemoveMembers;
    /// Pages through a group's members, in byte order of their userIDs.
    members(page: GroupMembers) -> Members = GroupMembers;
    /// Reads the description of a group that one is in or could join; without a `role` one is not in it.
    group_info(group: GroupOnly) -> GroupInfo = GroupInfo;
    /// Changes a group's description. Not repeated after a lost connection.
    set_group_info(info: GroupSetInfo) -> Done = GroupSetInfo;
    /// Changes a member's role, or hands the group over. Not repeated after a lost connection.
    set_role(role: GroupSetRole) -> Done = GroupSetRole;
    /// Reads a group's attributes and counters. They are told of while one is online ([`Event::AttributesChanged`](crate::Event)); read them again
    /// after every session that was opened without all events in between.
    attributes(group: GroupOnly) -> Attributes = GroupAttributes;
    /// Writes a group's attributes and counters. Not repeated after a lost connection.
    set_attributes(wish: GroupSetAttributes) -> AttributesSet = GroupSetAttributes;
    /// Counts the members of a group who are online. Asking more often than once in 5 s gives the same answer.
    online_count(group: GroupOnly) -> OnlineCount = GroupOnlineCount;
    /// Reads what became of one in one's groups, and notices, in their order: what a session that did not go on from a cursor was not told
    /// ([`ClientEvent::Resync`](crate::ClientEvent::Resync)).
    group_news(page: GroupNews) -> result::News = GroupNews;
    /// Pages through the groups one is in, in byte order.
    groups(page: GroupList) -> Groups = GroupList;
    /// Reads users' profiles; those who do not exist are left out. With `next` in the reply, ask again for the users from that one on.
    profiles(users: UserGet) -> Profiles = UserGet;
    /// Changes one's own profile. Not repeated after a lost connection.
    set_profile(profile: UserSetProfile) -> Done = UserSetProfile;
    /// Blocks a user: their invitations and messages are refused with 20007. Not repeated after a lost connection.
    block(user: UserOnly) -> Done = UserBlock;
    /// Unblocks a user. Not repeated after a lost connection.
    unblock(user: UserOnly) -> Done = UserUnblock;
    /// Pages through the users one has blocked, in byte order.
    blocked(page: UserListBlocked) -> Blocked = UserListBlocked;
    /// Says who may ring one, and who may add one to groups; what is left out stays. Not repeated after a lost connection.
    set_reach(reach: UserSetReach) -> Done = UserSetReach;
    /// Says when one's devices ring without a sound, in place of what one said before. Not repeated after a lost connection.
    set_quiet(quiet: Quiet) -> Done = UserSetQuiet;
    /// Says something of oneself, at most 100 bytes, for as long as one is online; nothing with an empty text. Not repeated after a lost
    /// connection.
    set_status(status: UserSetStatus) -> Done = UserSetStatus;
    /// Tells whether users are online, as far as one may know it.
    statuses(users: UserGetStatus) -> Statuses = UserGetStatus;
    /// The same, and tells of changes from now on ([`ClientEvent::Status`](crate::ClientEvent::Status)): of these users, in place of those
    /// before. They are watched again after a lost connection.
    watch(users: UserWatch) -> Statuses = UserWatch;
    /// Says how this device is woken when somebody rings and it is away; replaces what it registered before.
    register_push(token: PushRegister) -> Done = PushRegister;
}

fn new_invite_id() -> InviteId {
    InviteId::parse(&Uuid::now_v7().to_string()).expect("36 printable characters")
}
