/// Invitations: invite, cancel, accept, reject. Who wins a race, and who is told, is decided by the server.
#ifndef WIGWAG_V2TIM_SIGNALING_MANAGER_H
#define WIGWAG_V2TIM_SIGNALING_MANAGER_H

#include "V2TIMCallback.h"
#include "V2TIMMessage.h"
#include "V2TIMSignaling.h"

/// Makes invitations and answers them, and tells who is told of them.
class V2TIMSignalingManager {
public:
    virtual ~V2TIMSignalingManager() {}

    /// Adds a listener; the same again changes nothing. It stays from login to login.
    virtual void AddSignalingListener(V2TIMSignalingListener *listener) = 0;

    /// Removes a listener. It is not called afterwards: a call that has begun on another thread is waited for.
    virtual void RemoveSignalingListener(V2TIMSignalingListener *listener) = 0;

    /// Invites one user. Gives the inviteID at once; empty when the parameters are wrong or nobody is signed in. When `callback` is told
    /// 9520 or 9508 the invitation may have been made.
    ///
    /// @param onlineUserOnly "true" or "1": leaves no message, and reaches only users who are online; the same for all that follows from it.
    ///        Empty, "false" or "0": not
    /// @param timeout seconds; 0 = no deadline and no OnInvitationTimeout
    virtual V2TIMString Invite(const V2TIMString &invitee, const V2TIMString &data, const V2TIMString &onlineUserOnly,
                               const V2TIMOfflinePushInfo &offlinePushInfo, int timeout, V2TIMCallback *callback) = 0;

    /// The same with a switch, as newer versions of the interface have it.
    virtual V2TIMString Invite(const V2TIMString &invitee, const V2TIMString &data, bool onlineUserOnly,
                               const V2TIMOfflinePushInfo &offlinePushInfo, int timeout, V2TIMCallback *callback) = 0;

    /// The same with a literal, which would become a switch that is on, whatever it says.
    V2TIMString Invite(const V2TIMString &invitee, const V2TIMString &data, const char *onlineUserOnly,
                       const V2TIMOfflinePushInfo &offlinePushInfo, int timeout, V2TIMCallback *callback) {
        return Invite(invitee, data, V2TIMString(onlineUserOnly), offlinePushInfo, timeout, callback);
    }

    /// Invites some members of a group. Those who are no members are left out; when nobody is left the invitation is refused (10004).
    virtual V2TIMString InviteInGroup(const V2TIMString &groupID, const V2TIMStringVector &inviteeList, const V2TIMString &data,
                                      bool onlineUserOnly, int timeout, V2TIMCallback *callback) = 0;

    /// Takes one's invitation back. Refused with 8010 when nobody is pending any more, 8011 unless one is the inviter.
    virtual void Cancel(const V2TIMString &inviteID, const V2TIMString &data, V2TIMCallback *callback) = 0;

    /// Accepts an invitation. Refused with 8010 when somebody or something was faster, 8011 unless one is invited.
    virtual void Accept(const V2TIMString &inviteID, const V2TIMString &data, V2TIMCallback *callback) = 0;

    /// Rejects an invitation. Refused with 8010 when somebody or something was faster, 8011 unless one is invited.
    virtual void Reject(const V2TIMString &inviteID, const V2TIMString &data, V2TIMCallback *callback) = 0;

    /// What a message says about an invitation; its inviteID is empty when the message is not signaling.
    virtual V2TIMSignalingInfo GetSignalingInfo(const V2TIMMessage &msg) = 0;

    /// Makes an invitation known that was told another way, such as by a push. Refused with 8010 when there is no such invitation or it has
    /// ended, and with 8012 when it is open and known: after a login all that are open are.
    virtual void AddInvitedSignaling(const V2TIMSignalingInfo &info, V2TIMCallback *callback) = 0;

    /// Replaces an invitation's data. Refused with 8010 when it has ended or is for those online only, 8011 unless one has a part in it.
    virtual void ModifyInvitation(const V2TIMString &inviteID, const V2TIMString &data, V2TIMCallback *callback) = 0;
};

#endif
