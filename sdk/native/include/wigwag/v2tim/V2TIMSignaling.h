/// What invitations and their listeners are.
#ifndef WIGWAG_V2TIM_SIGNALING_H
#define WIGWAG_V2TIM_SIGNALING_H

#include <cstdint>

#include "V2TIMString.h"

enum V2TIMSignalingActionType {
    SignalingActionType_Unknown = 0,
    SignalingActionType_Invite = 1,
    SignalingActionType_Cancel_Invite = 2,
    SignalingActionType_Accept_Invite = 3,
    SignalingActionType_Reject_Invite = 4,
    SignalingActionType_Invite_Timeout = 5,
};

/// What a message says about an invitation.
struct V2TIMSignalingInfo {
    /// Empty when the message is not signaling.
    V2TIMString inviteID;
    /// Empty one-to-one.
    V2TIMString groupID;
    V2TIMString inviter;
    /// Invite: everybody. Accept, reject: the one. Cancel, timeout: those who were pending.
    V2TIMStringVector inviteeList;
    V2TIMString data;
    /// Seconds on an invite, else 0.
    uint32_t timeout = 0;
    V2TIMSignalingActionType actionType = SignalingActionType_Unknown;
};

/// Push settings. They are kept as they are for the server's push adapters; an empty one says nothing.
struct V2TIMOfflinePushInfo {
    V2TIMString title;
    V2TIMString desc;
    V2TIMString ext;
    bool disablePush = false;
    V2TIMString iOSSound;
    bool ignoreIOSBadge = false;
    V2TIMString AndroidSound;
    V2TIMString AndroidOPPOChannelID;
    V2TIMString AndroidFCMChannelID;
    V2TIMString AndroidXiaoMiChannelID;
    V2TIMString AndroidVIVOCategory;
    V2TIMString AndroidHuaWeiCategory;
    V2TIMString AndroidOPPOCategory;
    V2TIMString HarmonyCategory;
};

/// Told what happens to invitations, from a thread of the library's.
class V2TIMSignalingListener {
public:
    virtual ~V2TIMSignalingListener() = default;
    /// Somebody is invited; after a login also for each open invitation that waits for one's answer. In a group every member is told: look
    /// whether you are in `inviteeList`. `groupID` is empty one-to-one.
    virtual void OnReceiveNewInvitation(const V2TIMString &inviteID, const V2TIMString &inviter, const V2TIMString &groupID,
                                        const V2TIMStringVector &inviteeList, const V2TIMString &data) {
        (void)inviteID, (void)inviter, (void)groupID, (void)inviteeList, (void)data;
    }
    /// An invitee accepted; oneself, when it was on another device. In a group every member is told.
    virtual void OnInviteeAccepted(const V2TIMString &inviteID, const V2TIMString &invitee, const V2TIMString &data) {
        (void)inviteID, (void)invitee, (void)data;
    }
    /// An invitee rejected, or left the group; oneself, when it was on another device. In a group every member is told.
    virtual void OnInviteeRejected(const V2TIMString &inviteID, const V2TIMString &invitee, const V2TIMString &data) {
        (void)inviteID, (void)invitee, (void)data;
    }
    /// The inviter took it back, left the group or dismissed it.
    virtual void OnInvitationCancelled(const V2TIMString &inviteID, const V2TIMString &inviter, const V2TIMString &data) {
        (void)inviteID, (void)inviter, (void)data;
    }
    /// The deadline passed; once, with everybody who had not answered. Comes at the deadline also while this device is offline.
    virtual void OnInvitationTimeout(const V2TIMString &inviteID, const V2TIMStringVector &inviteeList) {
        (void)inviteID, (void)inviteeList;
    }
    /// Its data was replaced.
    virtual void OnInvitationModified(const V2TIMString &inviteID, const V2TIMString &data) { (void)inviteID, (void)data; }
};

#endif
