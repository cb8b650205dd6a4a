/// Calls of the protocol as wigwag/Calls.h shows them. Not for apps.
#ifndef WIGWAG_V2TIM_DETAIL_CALL_SHAPES_H
#define WIGWAG_V2TIM_DETAIL_CALL_SHAPES_H

#include <cstdint>
#include <string>

#include "../../Calls.h"
#include "json.h"

namespace wigwag::v2tim::detail {

/// A word of the protocol, and what it is here.
template <class T> struct Word {
    const char *word;
    T meaning;
};

template <class T, size_t N> T Meaning(const Word<T> (&words)[N], const std::string &said, T otherwise) {
    for (const Word<T> &known : words) {
        if (said == known.word) {
            return known.meaning;
        }
    }
    return otherwise;
}

inline CallState StateOf(const std::string &word) {
    static constexpr Word<CallState> WORDS[] = {
        {"ringing", CallState::Ringing},   {"joined", CallState::Joined},       {"left", CallState::Left},
        {"rejected", CallState::Rejected}, {"busy", CallState::Busy},           {"timedOut", CallState::TimedOut},
        {"removed", CallState::Removed},   {"cancelled", CallState::Cancelled},
    };
    return Meaning(WORDS, word, CallState::Unknown);
}

inline CallLeaveReason LeaveReasonOf(const std::string &word) {
    static constexpr Word<CallLeaveReason> WORDS[] = {
        {"hungUp", CallLeaveReason::HungUp},       {"connectionLost", CallLeaveReason::ConnectionLost},
        {"leftGroup", CallLeaveReason::LeftGroup}, {"joinedAnother", CallLeaveReason::JoinedAnother},
        {"callEnded", CallLeaveReason::CallEnded},
    };
    return Meaning(WORDS, word, CallLeaveReason::Unknown);
}

inline CallEndReason EndReasonOf(const std::string &word) {
    static constexpr Word<CallEndReason> WORDS[] = {
        {"", CallEndReason::Running},
        {"hungUp", CallEndReason::HungUp},
        {"cancelled", CallEndReason::Cancelled},
        {"rejected", CallEndReason::Rejected},
        {"busy", CallEndReason::Busy},
        {"timedOut", CallEndReason::TimedOut},
        {"connectionLost", CallEndReason::ConnectionLost},
        {"joinedAnother", CallEndReason::JoinedAnother},
        {"leftGroup", CallEndReason::LeftGroup},
        {"groupDismissed", CallEndReason::GroupDismissed},
    };
    return Meaning(WORDS, word, CallEndReason::Unknown);
}

inline uint64_t MillisOf(const Json &number) { return static_cast<uint64_t>(number.Integer()); }

inline V2TIMStringVector TextsIn(const Json &list) {
    V2TIMStringVector texts;
    for (const Json &item : list.Items()) {
        texts.PushBack(item.Text());
    }
    return texts;
}

inline bool Has(const V2TIMStringVector &texts, const std::string &text) {
    for (const V2TIMString &one : texts) {
        if (one.Text() == text) {
            return true;
        }
    }
    return false;
}

inline CallMedia MediaOf(const Json &media) {
    CallMedia shown;
    shown.provider = media["provider"].Text();
    for (const Json &server : media["iceServers"].Items()) {
        shown.iceServers.PushBack({TextsIn(server["urls"]), server["username"].Text(), server["credential"].Text()});
    }
    shown.liveURL = media["liveURL"].Text();
    shown.token = media["token"].Text();
    shown.expiresAt = MillisOf(media["expiresAt"]);
    return shown;
}

inline CallEntry EntryOf(const Json &entry) {
    CallEntry shown;
    shown.callID = entry["callID"].Text();
    shown.roomID = entry["roomID"].Text();
    shown.mediaType = entry["mediaType"].Text();
    shown.busyLineUserIDList = TextsIn(entry["busyLineUserIDList"]);
    shown.accepted = entry["accepted"].Text();
    shown.media = MediaOf(entry["media"]);
    return shown;
}

inline CallPerson PersonOf(const Json &person) {
    CallPerson shown;
    shown.userID = person["userID"].Text();
    shown.state = StateOf(person["state"].Text());
    shown.at = MillisOf(person["at"]);
    shown.joinedAt = MillisOf(person["joinedAt"]);
    shown.deviceID = person["device"]["deviceID"].Text();
    shown.inviteID = person["inviteID"].Text();
    shown.reason = LeaveReasonOf(person["reason"].Text());
    return shown;
}

inline Call CallOf(const Json &call) {
    Call shown;
    shown.callID = call["callID"].Text();
    shown.roomID = call["roomID"].Text();
    shown.mediaType = call["mediaType"].Text();
    shown.groupID = call["groupID"].Text();
    shown.caller = call["caller"].Text();
    shown.createdAt = MillisOf(call["createdAt"]);
    shown.answeredAt = MillisOf(call["answeredAt"]);
    shown.endedAt = MillisOf(call["endedAt"]);
    shown.durationMs = MillisOf(call["durationMs"]);
    shown.endReason = EndReasonOf(call["endReason"].Text());
    shown.missed = call["missed"].IsTrue();
    shown.version = static_cast<uint32_t>(call["version"].Integer());
    for (const Json &person : call["people"].Items()) {
        shown.people.PushBack(PersonOf(person));
    }
    return shown;
}

inline CallVector CallsIn(const Json &calls) {
    CallVector shown;
    for (const Json &call : calls.Items()) {
        shown.PushBack(CallOf(call));
    }
    return shown;
}

/// The ring of an event `invitation.received`.
inline CallRing RingOf(const Json &received) {
    CallRing ring;
    ring.inviteID = received["inviteID"].Text();
    ring.callID = received["call"]["callID"].Text();
    ring.roomID = received["call"]["roomID"].Text();
    ring.mediaType = received["call"]["mediaType"].Text();
    ring.inviter = received["inviter"].Text();
    ring.groupID = received["groupID"].Text();
    ring.inviteeList = TextsIn(received["inviteeList"]);
    ring.data = received["data"].Text();
    ring.remainingMs = received["remainingMs"].IsNull() ? -1 : received["remainingMs"].Integer();
    return ring;
}

} // namespace wigwag::v2tim::detail

#endif
