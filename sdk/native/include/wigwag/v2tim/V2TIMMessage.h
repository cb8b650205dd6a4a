/// What messages are, and who is told of them.
#ifndef WIGWAG_V2TIM_MESSAGE_H
#define WIGWAG_V2TIM_MESSAGE_H

#include <cstdint>
#include <memory>
#include <utility>

#include "V2TIMGroup.h"
#include "V2TIMSignaling.h"
#include "V2TIMString.h"

enum V2TIMElemType {
    /// A type that this interface has no element for.
    V2TIM_ELEM_TYPE_NONE = 0,
    V2TIM_ELEM_TYPE_TEXT = 1,
    V2TIM_ELEM_TYPE_CUSTOM = 2,
};

enum V2TIMMessageStatus {
    V2TIM_MSG_STATUS_SENDING = 1,
    V2TIM_MSG_STATUS_SEND_SUCC = 2,
    V2TIM_MSG_STATUS_SEND_FAIL = 3,
    /// Taken back by its sender.
    V2TIM_MSG_STATUS_LOCAL_REVOKED = 6,
};

enum V2TIMMessagePriority {
    V2TIM_PRIORITY_DEFAULT = 0,
    V2TIM_PRIORITY_HIGH = 1,
    V2TIM_PRIORITY_NORMAL = 2,
    V2TIM_PRIORITY_LOW = 3,
};

/// What a message holds.
class V2TIMElem {
public:
    virtual ~V2TIMElem() = default;
    virtual std::unique_ptr<V2TIMElem> Clone() const { return std::make_unique<V2TIMElem>(*this); }

    V2TIMElemType elemType = V2TIM_ELEM_TYPE_NONE;
};

/// A text.
class V2TIMTextElem : public V2TIMElem {
public:
    V2TIMTextElem() { elemType = V2TIM_ELEM_TYPE_TEXT; }
    std::unique_ptr<V2TIMElem> Clone() const override { return std::make_unique<V2TIMTextElem>(*this); }

    V2TIMString text;
};

/// What only apps understand; signaling comes as such a message, too.
class V2TIMCustomElem : public V2TIMElem {
public:
    V2TIMCustomElem() { elemType = V2TIM_ELEM_TYPE_CUSTOM; }
    std::unique_ptr<V2TIMElem> Clone() const override { return std::make_unique<V2TIMCustomElem>(*this); }

    /// The app's own; UTF-8, because the server keeps texts.
    V2TIMBuffer data;
    V2TIMString desc;
    V2TIMString extension;
};

/// Elements that belong to their list: a copy has copies.
class V2TIMElemVector {
public:
    V2TIMElemVector() = default;
    V2TIMElemVector(const V2TIMElemVector &other) {
        for (const auto &elem : other.elems_) {
            elems_.push_back(elem->Clone());
        }
    }
    V2TIMElemVector(V2TIMElemVector &&) = default;
    V2TIMElemVector &operator=(V2TIMElemVector other) {
        elems_.swap(other.elems_);
        return *this;
    }

    size_t Size() const { return elems_.size(); }
    bool Empty() const { return elems_.empty(); }
    V2TIMElem *operator[](size_t index) const { return elems_[index].get(); }
    void PushBack(std::unique_ptr<V2TIMElem> elem) { elems_.push_back(std::move(elem)); }

private:
    std::vector<std::unique_ptr<V2TIMElem>> elems_;
};

/// A message.
class V2TIMMessage {
public:
    /// The server's name for it; before it is sent the client's own.
    V2TIMString msgID;
    /// Server time, seconds.
    int64_t timestamp = 0;
    V2TIMString sender;
    /// The group; empty one-to-one.
    V2TIMString groupID;
    /// The other user; empty in groups.
    V2TIMString userID;
    /// Place in the conversation: 1, 2, 3 … without gap; 0 when only those online get it.
    uint64_t seq = 0;
    V2TIMMessageStatus status = V2TIM_MSG_STATUS_SENDING;
    V2TIMElemVector elemList;
    V2TIMString cloudCustomData;
    /// Whether one sent it oneself, on whichever device.
    bool isSelf = false;
    bool needReadReceipt = false;
    V2TIMMessagePriority priority = V2TIM_PRIORITY_NORMAL;
    bool isExcludedFromUnreadCount = false;
    bool isExcludedFromLastMessage = false;
};

using V2TIMMessageVector = V2TIMVector<V2TIMMessage>;

/// Who has read, and when.
struct V2TIMMessageReceipt {
    V2TIMString userID;
    /// Server time, seconds.
    int64_t timestamp = 0;
};

using V2TIMMessageReceiptVector = V2TIMVector<V2TIMMessageReceipt>;

/// Told of every message, signaling included; from a thread of the library's.
class V2TIMAdvancedMsgListener {
public:
    virtual ~V2TIMAdvancedMsgListener() = default;
    /// A message came. Every signaling action that leaves a message is one of them, one's own included.
    virtual void OnRecvNewMessage(const V2TIMMessage &message) { (void)message; }
    virtual void OnRecvC2CReadReceipt(const V2TIMMessageReceiptVector &receiptList) { (void)receiptList; }
    virtual void OnRecvMessageRevoked(const V2TIMString &msgID) { (void)msgID; }
};

/// Who sent a message.
struct V2TIMUserFullInfo {
    V2TIMString userID;
};

/// Told of text and custom messages that are not signaling; from a thread of the library's.
class V2TIMSimpleMsgListener {
public:
    virtual ~V2TIMSimpleMsgListener() = default;
    virtual void OnRecvC2CTextMessage(const V2TIMString &msgID, const V2TIMUserFullInfo &sender, const V2TIMString &text) {
        (void)msgID, (void)sender, (void)text;
    }
    virtual void OnRecvC2CCustomMessage(const V2TIMString &msgID, const V2TIMUserFullInfo &sender, const V2TIMBuffer &customData) {
        (void)msgID, (void)sender, (void)customData;
    }
    virtual void OnRecvGroupTextMessage(const V2TIMString &msgID, const V2TIMString &groupID, const V2TIMGroupMemberFullInfo &sender,
                                        const V2TIMString &text) {
        (void)msgID, (void)groupID, (void)sender, (void)text;
    }
    virtual void OnRecvGroupCustomMessage(const V2TIMString &msgID, const V2TIMString &groupID, const V2TIMGroupMemberFullInfo &sender,
                                          const V2TIMBuffer &customData) {
        (void)msgID, (void)groupID, (void)sender, (void)customData;
    }
};

#endif
