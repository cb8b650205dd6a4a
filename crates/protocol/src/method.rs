//! The methods a client may call.

macro_rules! methods {
    ($($(#[$doc:meta])* $name:ident = $text:literal),+ $(,)?) => {
        /// A method of the protocol.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Method { $($(#[$doc])* $name),+ }

        impl Method {
            /// Every method, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The method's name on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }

            /// The method of that name.
            pub fn parse(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$name),)+ _ => None }
            }
        }
    };
}

methods! {
    /// Signs in and opens the session; the first request of a connection.
    SessionOpen = "session.open",
    /// Tells up to where the device has taken its stream over.
    SessionAck = "session.ack",
    /// Ends the session.
    SessionClose = "session.close",
    /// Invites one user.
    Invite = "signaling.invite",
    /// Invites some members of a group.
    InviteInGroup = "signaling.inviteInGroup",
    /// Takes an invitation back.
    Cancel = "signaling.cancel",
    /// Accepts an invitation.
    Accept = "signaling.accept",
    /// Rejects an invitation.
    Reject = "signaling.reject",
    /// Replaces an invitation's data.
    Modify = "signaling.modify",
    /// Says that this device shows a ring to its user.
    Ringing = "signaling.ringing",
    /// Stops the ring on all one's own devices, and answers nothing.
    Silence = "signaling.silence",
    /// Reads one invitation.
    Get = "signaling.get",
    /// Lists the open invitations the user is concerned with.
    ListOpen = "signaling.listOpen",
    /// Enters a call without an invitation, or again.
    CallJoin = "call.join",
    /// Leaves a call, or ends what rings.
    CallHangUp = "call.hangUp",
    /// Reads one call.
    CallGet = "call.get",
    /// Lists the user's calls.
    CallList = "call.list",
    /// Marks missed calls as seen.
    CallMarkSeen = "call.markSeen",
    /// Sends a signal to the others in a call.
    CallSignal = "call.signal",
    /// Sends a message.
    MessageSend = "message.send",
    /// Reads a page of a conversation.
    MessageHistory = "message.history",
    /// Takes one's own message back.
    MessageRevoke = "message.revoke",
    /// Marks a conversation as read up to a message.
    MessageMarkRead = "message.markRead",
    /// Tells who has read a message.
    MessageReceipts = "message.receipts",
    /// Lists the user's conversations with unread counts.
    ConversationList = "conversation.list",
    /// Pins a conversation in the user's list, or unpins it.
    ConversationPin = "conversation.pin",
    /// Takes a conversation out of the user's list until something new is said in it.
    ConversationDelete = "conversation.delete",
    /// Creates a group.
    GroupCreate = "group.create",
    /// Joins a group.
    GroupJoin = "group.join",
    /// Leaves a group.
    GroupQuit = "group.quit",
    /// Dismisses a group.
    GroupDismiss = "group.dismiss",
    /// Adds members to a group.
    GroupAddMembers = "group.addMembers",
    /// Removes members from a group.
    GroupRemoveMembers = "group.removeMembers",
    /// Pages through a group's members.
    GroupMembers = "group.members",
    /// Reads the description of a group that one is in or could join.
    GroupInfo = "group.info",
    /// Changes a group's description.
    GroupSetInfo = "group.setInfo",
    /// Makes a member an admin or an admin a member, or hands the group over.
    GroupSetRole = "group.setRole",
    /// Reads a group's attributes and counters.
    GroupAttributes = "group.attributes",
    /// Writes a group's attributes and counters.
    GroupSetAttributes = "group.setAttributes",
    /// Counts the members of a group who are online.
    GroupOnlineCount = "group.onlineCount",
    /// Reads what became of the user in their groups, and notices, in their order.
    GroupNews = "group.listNews",
    /// Lists the groups the user is in.
    GroupList = "group.list",
    /// Reads users' profiles.
    UserGet = "user.get",
    /// Changes one's own profile.
    UserSetProfile = "user.setProfile",
    /// Blocks a user.
    UserBlock = "user.block",
    /// Unblocks a user.
    UserUnblock = "user.unblock",
    /// Lists the users one has blocked.
    UserListBlocked = "user.listBlocked",
    /// Says who may ring one, and who may add one to groups.
    UserSetReach = "user.setReach",
    /// Reads who may ring one, and who may add one to groups.
    UserGetReach = "user.getReach",
    /// Says when one's devices ring without a sound.
    UserSetQuiet = "user.setQuiet",
    /// Reads when one's devices ring without a sound.
    UserGetQuiet = "user.getQuiet",
    /// Says something of oneself, for as long as one is online.
    UserSetStatus = "user.setStatus",
    /// Tells whether users are online, as far as one may know it.
    UserGetStatus = "user.getStatus",
    /// The same, and tells of changes from now on as long as the session lasts.
    UserWatch = "user.watch",
    /// Says how this device is woken when somebody rings and it is away.
    PushRegister = "push.register",
    /// Takes that back.
    PushUnregister = "push.unregister",
    /// Reads how this server wakes devices.
    PushSettings = "push.settings",
}
