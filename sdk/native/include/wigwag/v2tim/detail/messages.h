/// The message manager over the C library. Not for apps.
#ifndef WIGWAG_V2TIM_DETAIL_MESSAGES_H
#define WIGWAG_V2TIM_DETAIL_MESSAGES_H

#include <memory>
#include <string>
#include <utility>

#include "../V2TIMMessageManager.h"
#include "session.h"
#include "signaling.h"

namespace wigwag::v2tim::detail {

inline const char *NameOf(V2TIMMessagePriority priority) {
    return priority == V2TIM_PRIORITY_HIGH ? "high" : priority == V2TIM_PRIORITY_LOW ? "low" : "normal";
}

inline V2TIMMessagePriority PriorityOf(const std::string &name) {
    return name == "high" ? V2TIM_PRIORITY_HIGH : name == "low" ? V2TIM_PRIORITY_LOW : V2TIM_PRIORITY_NORMAL;
}

/// The element of a message's content.
inline std::unique_ptr<V2TIMElem> ElemOf(const std::string &type, const Json &content) {
    if (type == "text") {
        auto text = std::make_unique<V2TIMTextElem>();
        text->text = content["text"].Text();
        return text;
    }
    if (type == "custom") {
        auto custom = std::make_unique<V2TIMCustomElem>();
        const std::string &data = content["data"].Text();
        custom->data = V2TIMBuffer(reinterpret_cast<const uint8_t *>(data.data()), data.size());
        custom->desc = content["description"].Text();
        custom->extension = content["extension"].Text();
        return custom;
    }
    return std::make_unique<V2TIMElem>();
}

/// A message of the protocol as this interface shows it to `userID`.
inline V2TIMMessage Shown(const Json &message, const std::string &userID) {
    V2TIMMessage shown;
    shown.msgID = message["messageID"].Text();
    shown.timestamp = message["time"].Integer() / 1000;
    shown.sender = message["sender"].Text();
    shown.groupID = message["groupID"].Text();
    shown.isSelf = shown.sender.Text() == userID;
    if (shown.groupID.Empty()) {
        shown.userID = shown.isSelf ? message["receiver"].Text() : shown.sender;
    }
    shown.seq = static_cast<uint64_t>(message["seq"].Integer());
    shown.status = message["revoked"].IsTrue() ? V2TIM_MSG_STATUS_LOCAL_REVOKED : V2TIM_MSG_STATUS_SEND_SUCC;
    shown.elemList.PushBack(ElemOf(message["type"].Text(), message["content"]));
    shown.cloudCustomData = message["cloudCustomData"].Text();
    shown.needReadReceipt = message["needReadReceipt"].IsTrue();
    shown.priority = PriorityOf(message["priority"].Text());
    shown.isExcludedFromUnreadCount = message["excludedFromUnread"].IsTrue();
    shown.isExcludedFromLastMessage = message["excludedFromLastMessage"].IsTrue();
    return shown;
}

/// The params of message.send; empty when the message has no element that can be sent.
inline std::string SendingOf(const V2TIMMessage &message, JsonObject params) {
    const V2TIMElem *elem = message.elemList.Empty() ? nullptr : message.elemList[0];
    JsonObject content;
    if (const auto *text = dynamic_cast<const V2TIMTextElem *>(elem)) {
        params.Text("type", "text");
        content.Text("text", text->text.Text());
    } else if (const auto *custom = dynamic_cast<const V2TIMCustomElem *>(elem)) {
        params.Text("type", "custom");
        content.Text("data", custom->data.Text());
        content.Text("description", custom->desc.Text()).Text("extension", custom->extension.Text());
    } else {
        return std::string();
    }
    params.Raw("content", content.Done()).TextIfAny("cloudCustomData", message.cloudCustomData.Text());
    params.Switch("needReadReceipt", message.needReadReceipt);
    params.Switch("excludedFromUnread", message.isExcludedFromUnreadCount);
    params.Switch("excludedFromLastMessage", message.isExcludedFromLastMessage);
    return params.Done();
}

class MessageManager final : public V2TIMMessageManager {
public:
    explicit MessageManager(Session &session) : session_(session) {
        session.Tells([this](const WigwagEvent &event, Line &line) { Hear(event, line); });
    }

    void AddAdvancedMsgListener(V2TIMAdvancedMsgListener *listener) override { advanced_.Add(listener); }
    void RemoveAdvancedMsgListener(V2TIMAdvancedMsgListener *listener) override { advanced_.Remove(listener); }
    void AddSimpleMsgListener(V2TIMSimpleMsgListener *listener) { simple_.Add(listener); }
    void RemoveSimpleMsgListener(V2TIMSimpleMsgListener *listener) { simple_.Remove(listener); }

    V2TIMMessage CreateTextMessage(const V2TIMString &text) override {
        auto elem = std::make_unique<V2TIMTextElem>();
        elem->text = text;
        return Draft(std::move(elem));
    }
    V2TIMMessage CreateCustomMessage(const V2TIMBuffer &data) override { return CreateCustomMessage(data, V2TIMString(), V2TIMString()); }
    V2TIMMessage CreateCustomMessage(const V2TIMBuffer &data, const V2TIMString &description, const V2TIMString &extension) override {
        auto elem = std::make_unique<V2TIMCustomElem>();
        elem->data = data;
        elem->desc = description;
        elem->extension = extension;
        return Draft(std::move(elem));
    }

    V2TIMString SendMessage(V2TIMMessage &message, const V2TIMString &receiver, const V2TIMString &groupID, V2TIMMessagePriority priority,
                            bool onlineUserOnly, const V2TIMOfflinePushInfo &offlinePushInfo, V2TIMSendCallback *callback) override {
        if (message.msgID.Empty()) {
            message.msgID = NewID();
        }
        message.priority = priority;
        const std::string push = PushOf(offlinePushInfo);
        JsonObject params;
        params.TextIfAny("userID", receiver.Text()).TextIfAny("groupID", groupID.Text()).Text("clientMsgID", message.msgID.Text());
        params.Text("priority", NameOf(priority)).Switch("onlineUserOnly", onlineUserOnly);
        if (!push.empty()) {
            params.Raw("offlinePushInfo", push);
        }
        return Send(message, {receiver, groupID}, SendingOf(message, std::move(params)), callback);
    }

    void GetC2CHistoryMessageList(const V2TIMString &userID, int count, const V2TIMMessage &lastMsg,
                                  V2TIMValueCallback<V2TIMMessageVector> *callback) override {
        History({userID, V2TIMString()}, count, lastMsg.seq, callback);
    }
    void GetGroupHistoryMessageList(const V2TIMString &groupID, int count, const V2TIMMessage &lastMsg,
                                    V2TIMValueCallback<V2TIMMessageVector> *callback) override {
        History({V2TIMString(), groupID}, count, lastMsg.seq, callback);
    }

    void RevokeMessage(const V2TIMMessage &message, V2TIMCallback *callback) override {
        if (message.seq == 0) {
            return Fail(callback, UnknownMessage());
        }
        session_.Do("message.revoke", To({message.userID, message.groupID}).Number("seq", message.seq), callback);
    }

    void MarkC2CMessageAsRead(const V2TIMString &userID, V2TIMCallback *callback) override {
        session_.Do("message.markRead", To({userID, V2TIMString()}).Number("seq", NEWEST), callback);
    }
    void MarkGroupMessageAsRead(const V2TIMString &groupID, V2TIMCallback *callback) override {
        session_.Do("message.markRead", To({V2TIMString(), groupID}).Number("seq", NEWEST), callback);
    }

private:
    /// Where a message goes: one of the two is empty.
    struct Peer {
        V2TIMString userID;
        V2TIMString groupID;
    };

    static JsonObject To(const Peer &peer) {
        JsonObject params;
        params.TextIfAny("userID", peer.userID.Text()).TextIfAny("groupID", peer.groupID.Text());
        return params;
    }

    V2TIMMessage Draft(std::unique_ptr<V2TIMElem> elem) {
        V2TIMMessage draft;
        draft.msgID = NewID();
        draft.isSelf = true;
        draft.sender = session_.UserID();
        draft.elemList.PushBack(std::move(elem));
        return draft;
    }

    V2TIMString Send(const V2TIMMessage &message, const Peer &to, const std::string &params, V2TIMSendCallback *callback) {
        if (params.empty() || to.userID.Empty() == to.groupID.Empty()) {
            Fail(callback, InvalidParams(params.empty() ? "the message has no text and no custom element" : "give either a user or a group"));
            return V2TIMString();
        }
        V2TIMMessage sent = message;
        sent.userID = to.userID;
        sent.groupID = to.groupID;
        sent.sender = session_.UserID();
        const auto failure = session_.Request("message.send", params, [callback, sent](const WigwagReply &reply) {
            if (reply.result != WIGWAG_RESULT_OK) {
                return Fail(callback, FailureOf(reply.trouble));
            }
            const Json place = Json::Read(reply.json);
            V2TIMMessage done = sent;
            done.msgID = place["messageID"].Text();
            done.seq = static_cast<uint64_t>(place["seq"].Integer());
            done.timestamp = place["time"].Integer() / 1000;
            done.status = V2TIM_MSG_STATUS_SEND_SUCC;
            Succeed(callback, done);
        });
        if (failure) {
            Fail(callback, *failure);
            return V2TIMString();
        }
        return message.msgID;
    }

    void History(const Peer &peer, int count, uint64_t before, V2TIMValueCallback<V2TIMMessageVector> *callback) {
        if (count < 1 || count > MOST_AT_ONCE) {
            return Fail(callback, InvalidParams("count must be a whole number from 1 to 100"));
        }
        if (before == 1) {
            return Succeed(callback, V2TIMMessageVector());
        }
        JsonObject params = To(peer);
        params.Number("limit", static_cast<uint64_t>(count));
        if (before > 0) {
            params.Number("fromSeq", before - 1);
        }
        session_.Fetch("message.history", params, callback, [userID = session_.UserID()](const Json &page) {
            V2TIMMessageVector messages;
            for (const Json &message : page["messages"].Items()) {
                messages.PushBack(Shown(message, userID));
            }
            return messages;
        });
    }

    void Hear(const WigwagEvent &event, Line &line) {
        const std::string name = Taken(event.name);
        if (event.message.length > 0) {
            return Received(Json::Read(event.message), event.invitation != nullptr, line);
        }
        if (name == "message.revoked") {
            const V2TIMString msgID(Json::Read(event.json)["messageID"].Text());
            advanced_.Tell([&](V2TIMAdvancedMsgListener &one) { one.OnRecvMessageRevoked(msgID); });
        } else if (name == "message.read") {
            Read(Json::Read(event.json), line.userID);
        }
    }

    void Received(const Json &message, bool signaling, Line &line) {
        // An own act whose reply was lost is told twice, as such and as an event.
        if (signaling && !line.told.IsNews(message["messageID"].Text())) {
            return;
        }
        const V2TIMMessage told = Shown(message, line.userID);
        advanced_.Tell([&](V2TIMAdvancedMsgListener &one) { one.OnRecvNewMessage(told); });
        if (!signaling) {
            TellSimply(told);
        }
    }

    void TellSimply(const V2TIMMessage &told) {
        const V2TIMElem *elem = told.elemList[0];
        const V2TIMUserFullInfo user{told.sender};
        V2TIMGroupMemberFullInfo member;
        member.userID = told.sender;
        if (const auto *text = dynamic_cast<const V2TIMTextElem *>(elem)) {
            simple_.Tell([&](V2TIMSimpleMsgListener &one) {
                told.groupID.Empty() ? one.OnRecvC2CTextMessage(told.msgID, user, text->text)
                                     : one.OnRecvGroupTextMessage(told.msgID, told.groupID, member, text->text);
            });
        } else if (const auto *custom = dynamic_cast<const V2TIMCustomElem *>(elem)) {
            simple_.Tell([&](V2TIMSimpleMsgListener &one) {
                told.groupID.Empty() ? one.OnRecvC2CCustomMessage(told.msgID, user, custom->data)
                                     : one.OnRecvGroupCustomMessage(told.msgID, told.groupID, member, custom->data);
            });
        }
    }

    void Read(const Json &read, const std::string &userID) {
        const std::string &reader = read["reader"].Text();
        if (reader == userID || read["conversation"].Text().rfind("c2c:", 0) != 0) {
            return;
        }
        V2TIMMessageReceipt receipt;
        receipt.userID = reader;
        receipt.timestamp = read["time"].Integer() / 1000;
        V2TIMMessageReceiptVector receipts;
        receipts.PushBack(receipt);
        advanced_.Tell([&](V2TIMAdvancedMsgListener &one) { one.OnRecvC2CReadReceipt(receipts); });
    }

    /// The server's bound of a page.
    static constexpr int MOST_AT_ONCE = 100;
    /// A seq past the newest message means the newest; the largest number that every JSON reader takes.
    static constexpr uint64_t NEWEST = 9'007'199'254'740'991;

    Session &session_;
    Listeners<V2TIMAdvancedMsgListener> advanced_;
    Listeners<V2TIMSimpleMsgListener> simple_;
};

} // namespace wigwag::v2tim::detail

#endif
