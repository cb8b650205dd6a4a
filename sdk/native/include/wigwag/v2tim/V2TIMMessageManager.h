/// Messages: made, sent, read.
#ifndef WIGWAG_V2TIM_MESSAGE_MANAGER_H
#define WIGWAG_V2TIM_MESSAGE_MANAGER_H

#include "V2TIMCallback.h"
#include "V2TIMMessage.h"

/// Makes messages, sends them, reads them, and tells who is told of them.
class V2TIMMessageManager {
public:
    virtual ~V2TIMMessageManager() = default;

    virtual void AddAdvancedMsgListener(V2TIMAdvancedMsgListener *listener) = 0;
    virtual void RemoveAdvancedMsgListener(V2TIMAdvancedMsgListener *listener) = 0;

    virtual V2TIMMessage CreateTextMessage(const V2TIMString &text) = 0;
    virtual V2TIMMessage CreateCustomMessage(const V2TIMBuffer &data) = 0;
    virtual V2TIMMessage CreateCustomMessage(const V2TIMBuffer &data, const V2TIMString &description, const V2TIMString &extension) = 0;

    /// Sends a message that was made before, to either a user or a group. One that failed can be sent again; it arrives once. Gives the
    /// message's name, and puts it into the message; empty when the parameters are wrong or nobody is signed in.
    virtual V2TIMString SendMessage(V2TIMMessage &message, const V2TIMString &receiver, const V2TIMString &groupID,
                                    V2TIMMessagePriority priority, bool onlineUserOnly, const V2TIMOfflinePushInfo &offlinePushInfo,
                                    V2TIMSendCallback *callback) = 0;

    /// Reads one-to-one messages, newest first; those before `lastMsg` unless its seq is 0. At most 100 at once; perhaps fewer than asked for.
    virtual void GetC2CHistoryMessageList(const V2TIMString &userID, int count, const V2TIMMessage &lastMsg,
                                          V2TIMValueCallback<V2TIMMessageVector> *callback) = 0;
    /// Reads a group's messages in the same way.
    virtual void GetGroupHistoryMessageList(const V2TIMString &groupID, int count, const V2TIMMessage &lastMsg,
                                            V2TIMValueCallback<V2TIMMessageVector> *callback) = 0;

    /// Takes one's own message back, within the server's window.
    virtual void RevokeMessage(const V2TIMMessage &message, V2TIMCallback *callback) = 0;

    /// Marks everything with a user as read.
    virtual void MarkC2CMessageAsRead(const V2TIMString &userID, V2TIMCallback *callback) = 0;
    /// Marks everything in a group as read.
    virtual void MarkGroupMessageAsRead(const V2TIMString &groupID, V2TIMCallback *callback) = 0;
};

#endif
