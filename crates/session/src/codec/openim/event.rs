//! The events that this server raises.

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        /// An event's name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[expect(missing_docs, reason = "OpenIM's own names, which say what they say")]
        pub enum Name { $($(#[$doc])* $name),+ }

        impl Name {
            /// As it is written.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),+ }
            }
        }
    };
}

names! {
    OnConnectSuccess, OnSyncServerStart, OnSyncServerFinish, OnKickedOffline, OnUserTokenExpired, OnSelfInfoUpdated,
    OnReceiveNewInvitation, OnInviteeAccepted, OnInviteeRejected, OnInviteeAcceptedByOtherDevice,
    OnInviteeRejectedByOtherDevice, OnInvitationCancelled, OnInvitationTimeout, OnHangUp, OnRoomParticipantConnected,
    OnRoomParticipantDisconnected, OnReceiveCustomSignal,
    OnRecvNewMessage, OnRecvNewMessages, OnRecvMessageRevoked, OnNewRecvMessageRevoked, OnRecvC2CReadReceipt,
    OnNewConversation, OnConversationChanged, OnTotalUnreadMessageCountChanged,
    OnJoinedGroupAdded, OnJoinedGroupDeleted, OnGroupMemberAdded, OnGroupMemberDeleted, OnGroupInfoChanged,
    OnGroupDismissed, OnGroupMemberInfoChanged, OnBlackAdded, OnBlackDeleted,
}
