//! The functions that OpenIM's clients call, by name: 120 in `open-im-sdk` 2.3.0, 101 in 3.5.2, and the calls that apps of the
//! newer one reach through its `createRequestFunction`.

macro_rules! served {
    ($($name:ident),+ $(,)?) => {
        /// A function that does something here.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "OpenIM's own names, which docs/migrating-from-openim.md tells of")]
        pub enum Function { $($name),+ }

        impl Function {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// As it is called.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),+ }
            }
        }
    };
}

served! {
    Login, Logout, InitSDK, SetAppBackgroundStatus, NetworkStatusChanged, GetLoginStatus, GetLoginUser,
    GetLoginUserID, GetSelfUserInfo, SetSelfInfo, GetUsersInfo, GetUsersInfoWithCache, AddBlack,
    RemoveBlack, GetBlackList, SignalingInvite, SignalingInviteInGroup, SignalingAccept, SignalingReject,
    SignalingCancel, SignalingHungUp, SignalingGetRoomByGroupID, SignalingGetTokenByRoomID,
    SignalingSendCustomSignal, GetSignalingInvitationInfoStartApp, CreateTextMessage, CreateCustomMessage,
    SendMessage, SendMessageNotOss, InsertSingleMessageToLocalStorage, InsertGroupMessageToLocalStorage,
    GetHistoryMessageList, GetHistoryMessageListReverse, GetAdvancedHistoryMessageList,
    GetAdvancedHistoryMessageListReverse, RevokeMessage, NewRevokeMessage, MarkC2CMessageAsRead,
    MarkGroupMessageAsRead, MarkMessageAsReadByConID, MarkGroupMessageHasRead, MarkSingleMessageHasRead,
    MarkConversationMessageAsRead, GetAllConversationList, GetConversationListSplit, GetOneConversation,
    GetConversationIDBySessionType, GetMultipleConversation, GetTotalUnreadMsgCount, CreateGroup,
    JoinGroup, QuitGroup, DismissGroup, InviteUserToGroup, KickGroupMember, GetGroupMemberList,
    GetGroupMembersInfo, GetSpecifiedGroupMembersInfo, GetGroupMemberOwnerAndAdmin, GetGroupsInfo,
    GetSpecifiedGroupsInfo, GetJoinedGroupList, SetGroupInfo, TransferGroupOwner, SetGroupMemberRoleLevel,
}

/// Lists of what does not exist here: friends, applications, departments. They are empty, and apps ask for them at their start.
const EMPTY_LISTS: [&str; 19] = [
    "GetFriendList",
    "GetRecvFriendApplicationList",
    "GetSendFriendApplicationList",
    "GetFriendApplicationListAsApplicant",
    "GetFriendApplicationListAsRecipient",
    "GetSendGroupApplicationList",
    "GetRecvGroupApplicationList",
    "GetGroupApplicationListAsRecipient",
    "GetGroupApplicationListAsApplicant",
    "SearchFriends",
    "GetDesignatedFriendsInfo",
    "GetSpecifiedFriendsInfo",
    "CheckFriend",
    "GetSubDepartment",
    "GetDepartmentMember",
    "GetUserInDepartment",
    "GetConversationRecvMessageOpt",
    "SubscribeUsersStatus",
    "GetSubscribeUsersStatus",
];

/// Functions that exist in one of the packages and that nothing here answers to.
const NOT_SUPPORTED: [&str; 71] = [
    "AcceptFriendApplication",
    "AcceptGroupApplication",
    "AddFriend",
    "ChangeGroupMemberMute",
    "ChangeGroupMute",
    "ClearC2CHistoryMessage",
    "ClearC2CHistoryMessageFromLocalAndSvr",
    "ClearConversationAndDeleteAllMsg",
    "ClearGroupHistoryMessage",
    "ClearGroupHistoryMessageFromLocalAndSvr",
    "CreateAdvancedQuoteMessage",
    "CreateAdvancedTextMessage",
    "CreateCardMessage",
    "CreateFaceMessage",
    "CreateFileMessageByFile",
    "CreateFileMessageByURL",
    "CreateFileMessageFromFullPath",
    "CreateForwardMessage",
    "CreateImageMessageByFile",
    "CreateImageMessageByURL",
    "CreateImageMessageFromFullPath",
    "CreateLocationMessage",
    "CreateMergerMessage",
    "CreateQuoteMessage",
    "CreateSoundMessageByFile",
    "CreateSoundMessageByURL",
    "CreateSoundMessageFromFullPath",
    "CreateTextAtMessage",
    "CreateVideoMessageByFile",
    "CreateVideoMessageByURL",
    "CreateVideoMessageFromFullPath",
    "DeleteAllConversationFromLocal",
    "DeleteAllMsgFromLocal",
    "DeleteAllMsgFromLocalAndSvr",
    "DeleteConversation",
    "DeleteConversationAndDeleteAllMsg",
    "DeleteConversationFromLocalAndSvr",
    "DeleteFriend",
    "DeleteMessage",
    "DeleteMessageFromLocalAndSvr",
    "DeleteMessageFromLocalStorage",
    "FindMessageList",
    "GetDepartmentInfo",
    "GetDepartmentMemberAndSubDepartment",
    "GetGroupMemberListByJoinTimeFilter",
    "HideAllConversation",
    "HideConversation",
    "PinConversation",
    "RefuseFriendApplication",
    "RefuseGroupApplication",
    "ResetConversationGroupAtType",
    "SearchGroupMembers",
    "SearchGroups",
    "SearchLocalMessages",
    "SearchOrganization",
    "SetConversationBurnDuration",
    "SetConversationDraft",
    "SetConversationPrivateChat",
    "SetConversationRecvMessageOpt",
    "SetFriendRemark",
    "SetGlobalRecvMessageOpt",
    "SetGroupApplyMemberFriend",
    "SetGroupLookMemberInfo",
    "SetGroupMemberInfo",
    "SetGroupMemberNickname",
    "SetGroupVerification",
    "SetMessageLocalEx",
    "SetOneConversationPrivateChat",
    "TypingStatusUpdate",
    "UnsubscribeUsersStatus",
    "UploadFile",
];

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// A function that does something.
    Function(Function),
    /// A list of what does not exist here.
    EmptyList,
    /// A function that does nothing here.
    NotSupported,
    /// No function.
    Nothing,
}

impl Named {
    /// What this name stands for.
    pub fn by(name: &str) -> Self {
        if let Some(function) = Function::ALL.iter().find(|function| function.as_str() == name) {
            Self::Function(*function)
        } else if EMPTY_LISTS.contains(&name) {
            Self::EmptyList
        } else if NOT_SUPPORTED.contains(&name) {
            Self::NotSupported
        } else {
            Self::Nothing
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_for_one_thing() {
        for name in EMPTY_LISTS {
            assert_eq!(Named::by(name), Named::EmptyList);
            assert!(!NOT_SUPPORTED.contains(&name), "{name}");
        }
        for name in NOT_SUPPORTED {
            assert_eq!(Named::by(name), Named::NotSupported);
        }
        assert_eq!(Named::by("SignalingInvite"), Named::Function(Function::SignalingInvite));
        assert_eq!(Named::by("Dance"), Named::Nothing);
    }
}
