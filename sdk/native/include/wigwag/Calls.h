/// Calls: who rings, who is in them, how they end. An interface of Wigwag's own beside V2TIM, for the user who is signed in there:
/// `V2TIMManager::GetInstance()->GetCalls()`.
///
/// A call is named by its callID, which is the inviteID of the invitation that opened it. Who wins a race, who is busy and when a call is
/// over is decided by the server; docs/semantics.md, "Calls", has the rules.
#ifndef WIGWAG_CALLS_H
#define WIGWAG_CALLS_H

#include <cstdint>

#include "v2tim/V2TIMCallback.h"
#include "v2tim/V2TIMSignaling.h"
#include "v2tim/V2TIMString.h"

namespace wigwag {

/// Where somebody stands in a call.
enum class CallState {
    /// A newer server's word, which this version does not know.
    Unknown,
    /// They are asked, and have not answered.
    Ringing,
    /// They are in it.
    Joined,
    /// They were in it.
    Left,
    /// They said no.
    Rejected,
    /// They were in another call, and did not ring.
    Busy,
    /// They did not answer in time.
    TimedOut,
    /// The call was taken back, or was over before they answered.
    Cancelled,
    /// They left the group while it rang.
    Removed,
};

/// Why somebody is in a call no more.
enum class CallLeaveReason {
    /// They are in it, or a newer server's word.
    Unknown,
    /// They hung up.
    HungUp,
    /// All their devices were gone for too long.
    ConnectionLost,
    /// They went to another call.
    JoinedAnother,
    /// They left the group.
    LeftGroup,
    /// The call was over.
    CallEnded,
};

/// Why a call is over.
enum class CallEndReason {
    /// It goes on.
    Running,
    /// A newer server's word, which this version does not know.
    Unknown,
    /// Somebody hung up, and fewer than two were left.
    HungUp,
    /// The caller took it back.
    Cancelled,
    /// Everybody said no.
    Rejected,
    /// Everybody was in another call.
    Busy,
    /// Nobody answered in time.
    TimedOut,
    /// Somebody's devices were gone for too long, and fewer than two were left.
    ConnectionLost,
    /// Somebody went to another call, and fewer than two were left.
    JoinedAnother,
    /// Somebody left the group, and fewer than two were left.
    LeftGroup,
    /// The group was dismissed.
    GroupDismissed,
};

/// Why a device need not ring any more.
enum class RingEnd {
    /// One accepted, on this device.
    Accepted,
    /// One rejected, on this device.
    Rejected,
    /// One accepted on another device.
    AcceptedElsewhere,
    /// One rejected on another device, or left the group.
    RejectedElsewhere,
    /// It was taken back, or the call was over.
    Cancelled,
    /// The time was over.
    TimedOut,
    /// Silenced on another device: the invitation goes on, and can still be answered.
    SilencedElsewhere,
};

/// A server that helps to find a way between two devices, for a peer connection of WebRTC.
struct IceServer {
    /// "stun:…", "turn:…"
    V2TIMStringVector urls;
    /// Empty without credentials.
    V2TIMString username;
    /// Empty without credentials.
    V2TIMString credential;
};

/// What one needs to take part in the media, and nobody else gets.
struct CallMedia {
    /// "p2p": media goes between the devices, with `iceServers`, and what they say to each other goes by Calls::Signal(). "livekit": LiveKit's
    /// client, with `liveURL` and `token`. "none": the app's own.
    V2TIMString provider;
    /// With "p2p".
    V2TIMVector<IceServer> iceServers;
    /// With "livekit".
    V2TIMString liveURL;
    /// With "livekit".
    V2TIMString token;
    /// Until when the token or the credentials let somebody in, server time in ms; 0 without an end. Calls::Join() gives fresh ones.
    uint64_t expiresAt = 0;
};

/// What one gets who comes into a call.
struct CallEntry {
    /// The call.
    V2TIMString callID;
    /// Its room.
    V2TIMString roomID;
    /// "audio", "video" or a word of the app's.
    V2TIMString mediaType;
    /// To whoever invites: those who are in another call and do not ring.
    V2TIMStringVector busyLineUserIDList;
    /// The two called each other: this invitation of the other's was accepted, and no new call began. Empty otherwise.
    V2TIMString accepted;
    /// How to take part.
    CallMedia media;
};

/// Somebody who was called, or came.
struct CallPerson {
    /// Who.
    V2TIMString userID;
    /// Where they stand.
    CallState state = CallState::Unknown;
    /// Since when, server time in ms.
    uint64_t at = 0;
    /// When they first came in; 0 when they never did.
    uint64_t joinedAt = 0;
    /// The device that is in the call; empty when none is.
    V2TIMString deviceID;
    /// The invitation that asked them; empty for the caller.
    V2TIMString inviteID;
    /// Why they left.
    CallLeaveReason reason = CallLeaveReason::Unknown;
};

/// A call.
struct Call {
    /// Its name.
    V2TIMString callID;
    /// Its room.
    V2TIMString roomID;
    /// "audio", "video" or a word of the app's.
    V2TIMString mediaType;
    /// Empty without a group.
    V2TIMString groupID;
    /// Who began it.
    V2TIMString caller;
    /// Server time in ms.
    uint64_t createdAt = 0;
    /// When the second person came in; 0 before.
    uint64_t answeredAt = 0;
    /// 0 while it runs.
    uint64_t endedAt = 0;
    /// From the second person's coming in to the end, or until now.
    uint64_t durationMs = 0;
    /// Why it is over.
    CallEndReason endReason = CallEndReason::Running;
    /// One was called, neither came nor said no, and does not ring any more.
    bool missed = false;
    /// 1, 2, 3 …: how often it has changed.
    uint32_t version = 0;
    /// Everybody who was called or came, in that order.
    V2TIMVector<CallPerson> people;
};

/// Calls.
using CallVector = V2TIMVector<Call>;

/// A page of one's calls.
struct CallPage {
    /// The newest first.
    CallVector calls;
    /// Missed calls that began up to then were looked at, server time in ms.
    uint64_t seenUpTo = 0;
    /// Give it to get the next page; empty when this is the last.
    V2TIMString next;
};

/// Somebody calls.
struct CallRing {
    /// What is accepted, or rejected.
    V2TIMString inviteID;
    /// The call that one is asked into.
    V2TIMString callID;
    /// Its room.
    V2TIMString roomID;
    /// "audio", "video" or a word of the app's.
    V2TIMString mediaType;
    /// Who calls.
    V2TIMString inviter;
    /// Empty without a group.
    V2TIMString groupID;
    /// Everybody who is asked by this invitation.
    V2TIMStringVector inviteeList;
    /// The app's own.
    V2TIMString data;
    /// How long it still rings by the server's clock, ms; -1 without an end.
    int64_t remainingMs = -1;
};

/// How to call somebody.
struct CallOptions {
    /// "audio", "video" or a word of the app's.
    V2TIMString mediaType = "video";
    /// The room of a running call, to ring more people into it, or a name of the app's for a new one. Empty: a new room.
    V2TIMString roomID;
    /// The app's own, for those who ring.
    V2TIMString data;
    /// Seconds; 0 = without an end.
    uint32_t timeout = 30;
    /// Leaves no message, and reaches only users who are online.
    bool onlineUserOnly = false;
    /// For the server's push adapters.
    V2TIMOfflinePushInfo offlinePushInfo;
};

/// Told what happens to calls, from a thread of the library's.
///
/// Steps are told once, whichever way they are heard of; those of one's own too. What happened in a call before this device knew of it is not
/// told: Calls::Get() has it. After a restart what still rings is told again.
class CallListener {
public:
    virtual ~CallListener() = default;
    /// Somebody calls: ring. Not for one's own calls, and not while one is busy.
    virtual void OnRing(const CallRing &ring) { (void)ring; }
    /// Ring no more.
    virtual void OnRingEnded(const V2TIMString &inviteID, const V2TIMString &callID, RingEnd why) {
        (void)inviteID, (void)callID, (void)why;
    }
    /// Somebody called while one was busy; they were told. Calls::List() has it as missed.
    virtual void OnMissedWhileBusy(const CallRing &ring) { (void)ring; }
    /// More people ring in a call.
    virtual void OnPeopleInvited(const V2TIMString &callID, const V2TIMString &by, const V2TIMStringVector &userIDs) {
        (void)callID, (void)by, (void)userIDs;
    }
    /// Somebody came in, or moved to another device of theirs. `deviceID` is empty when they have left it meanwhile.
    virtual void OnPersonJoined(const V2TIMString &callID, const V2TIMString &userID, const V2TIMString &deviceID) {
        (void)callID, (void)userID, (void)deviceID;
    }
    /// Somebody who was called will not come.
    ///
    /// @param state Rejected, Busy, TimedOut, Cancelled or Removed
    virtual void OnPersonDeclined(const V2TIMString &callID, const V2TIMString &userID, CallState state) {
        (void)callID, (void)userID, (void)state;
    }
    /// Somebody who was in it is in it no more.
    virtual void OnPersonLeft(const V2TIMString &callID, const V2TIMString &userID, CallLeaveReason reason) {
        (void)callID, (void)userID, (void)reason;
    }
    /// The call is over. People who were in it until then are not told one by one.
    virtual void OnCallEnded(const V2TIMString &callID, CallEndReason reason, uint64_t durationMs) {
        (void)callID, (void)reason, (void)durationMs;
    }
    /// Somebody in the call sent this to one, or to all others.
    virtual void OnCallSignal(const V2TIMString &callID, const V2TIMString &sender, const V2TIMString &deviceID, const V2TIMString &data) {
        (void)callID, (void)sender, (void)deviceID, (void)data;
    }
    /// One looked at missed calls on another device.
    virtual void OnMissedCallsSeen(uint64_t upTo) { (void)upTo; }
};

/// Calls of the user who is signed in.
class Calls {
public:
    virtual ~Calls() = default;

    /// Adds a listener; the same again changes nothing. It stays from login to login.
    virtual void AddListener(CallListener *listener) = 0;
    /// Removes a listener. It is not called afterwards: a call that has begun on another thread is waited for.
    virtual void RemoveListener(CallListener *listener) = 0;

    /// Calls one user. Gives the inviteID at once, which is the callID of a new call; empty when the parameters are wrong or nobody is signed
    /// in. The callback is told what is needed to take part; where the two called each other, `accepted` says which invitation was taken.
    virtual V2TIMString Invite(const V2TIMString &invitee, const CallOptions &options, V2TIMValueCallback<CallEntry> *callback) = 0;
    /// Calls some members of a group. Those who are no members are left out.
    virtual V2TIMString InviteInGroup(const V2TIMString &groupID, const V2TIMStringVector &inviteeList, const CallOptions &options,
                                      V2TIMValueCallback<CallEntry> *callback) = 0;
    /// Comes in. Refused with 8010 when somebody or something was faster.
    virtual void Accept(const V2TIMString &inviteID, const V2TIMString &data, V2TIMValueCallback<CallEntry> *callback) = 0;
    /// Says no.
    virtual void Reject(const V2TIMString &inviteID, const V2TIMString &data, V2TIMCallback *callback) = 0;
    /// Takes one's invitation back: from these invitees, or from everybody where the list is empty.
    virtual void Cancel(const V2TIMString &inviteID, const V2TIMStringVector &inviteeList, const V2TIMString &data, V2TIMCallback *callback) = 0;
    /// Leaves a call. While it rings for one it is the reject, and while one is alone in it, the cancel.
    virtual void HangUp(const V2TIMString &callID, V2TIMCallback *callback) = 0;
    /// Comes into a call of one's group without an invitation, or again, or with this device; on the device that is in it, gives fresh media.
    virtual void Join(const V2TIMString &callID, V2TIMValueCallback<CallEntry> *callback) = 0;

    /// Sends something to one person in the call, or to all others where `to` is empty: what their devices say to each other to connect. It is not
    /// stored. Bundle what comes together.
    virtual void Signal(const V2TIMString &callID, const V2TIMString &to, const V2TIMString &data, V2TIMCallback *callback) = 0;

    /// Gives the calls that run as far as this device was told, oldest first. Nothing is asked.
    virtual CallVector Running() = 0;
    /// Reads one call from the server, running or over.
    virtual void Get(const V2TIMString &callID, V2TIMValueCallback<Call> *callback) = 0;
    /// Reads the newest running call of a group.
    virtual void GetOfGroup(const V2TIMString &groupID, V2TIMValueCallback<Call> *callback) = 0;
    /// Pages through one's calls, the newest first.
    ///
    /// @param onlyMissed a page of missed calls may be short, or empty, and still have a next one
    /// @param after empty for the first page, then `next` of the page before
    virtual void List(bool onlyMissed, const V2TIMString &after, V2TIMValueCallback<CallPage> *callback) = 0;
    /// Notes that missed calls that began up to then were looked at, server time in ms.
    virtual void MarkSeen(uint64_t upTo, V2TIMCallback *callback) = 0;
};

} // namespace wigwag

#endif
