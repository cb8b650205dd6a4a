package dev.wigwag.v2tim;

import dev.wigwag.internal.Json;
import dev.wigwag.internal.JsonObject;
import dev.wigwag.internal.Texts;
import java.nio.charset.StandardCharsets;

/** Messages of the protocol as this interface shows them, and the other way round. */
final class MessageShape {
    private MessageShape() {}

    /** A message as {@code userID} sees it. */
    static V2TIMMessage shown(Json message, String userID) {
        V2TIMMessage shown = new V2TIMMessage(elemOf(message.get("type").text(), message.get("content")));
        shown.msgID = message.get("messageID").text();
        shown.timestamp = message.get("time").integer() / 1000;
        shown.sender = message.get("sender").text();
        shown.groupID = message.get("groupID").text();
        shown.isSelf = shown.sender.equals(userID);
        if (shown.groupID.isEmpty()) {
            shown.userID = shown.isSelf ? message.get("receiver").text() : shown.sender;
        }
        shown.seq = message.get("seq").integer();
        shown.status = message.get("revoked").isTrue()
                ? V2TIMMessage.V2TIM_MSG_STATUS_LOCAL_REVOKED : V2TIMMessage.V2TIM_MSG_STATUS_SEND_SUCC;
        shown.priority = priorityOf(message.get("priority").text());
        shown.setCloudCustomData(message.get("cloudCustomData").text());
        shown.setNeedReadReceipt(message.get("needReadReceipt").isTrue());
        shown.setExcludedFromUnreadCount(message.get("excludedFromUnread").isTrue());
        shown.setExcludedFromLastMessage(message.get("excludedFromLastMessage").isTrue());
        return shown;
    }

    /** Writes the params of message.send. */
    static void write(V2TIMMessage message, JsonObject params) {
        JsonObject content = new JsonObject();
        if (message.elem instanceof V2TIMTextElem) {
            params.text("type", "text");
            content.text("text", message.getTextElem().getText());
        } else {
            V2TIMCustomElem custom = message.getCustomElem();
            params.text("type", "custom");
            content.text("data", Texts.strictly("data", custom.getData())).text("description", custom.getDescription());
            content.text("extension", Texts.strictly("extension", custom.getExtension()));
        }
        params.text("clientMsgID", message.msgID).text("priority", nameOf(message.priority));
        params.raw("content", content.done()).textIfAny("cloudCustomData", message.getCloudCustomData());
        params.flag("needReadReceipt", message.isNeedReadReceipt());
        params.flag("excludedFromUnread", message.isExcludedFromUnreadCount());
        params.flag("excludedFromLastMessage", message.isExcludedFromLastMessage());
    }

    /** What the server made of a message. */
    static V2TIMMessage isSent(V2TIMMessage sent, Json place) {
        sent.msgID = place.get("messageID").text();
        sent.seq = place.get("seq").integer();
        sent.timestamp = place.get("time").integer() / 1000;
        sent.status = V2TIMMessage.V2TIM_MSG_STATUS_SEND_SUCC;
        return sent;
    }

    static V2TIMMessage copyOf(V2TIMMessage message) {
        V2TIMMessage copy = new V2TIMMessage(message.elem);
        copy.msgID = message.msgID;
        copy.isSelf = message.isSelf;
        copy.priority = message.priority;
        copy.setCloudCustomData(message.getCloudCustomData());
        copy.setNeedReadReceipt(message.isNeedReadReceipt());
        copy.setExcludedFromUnreadCount(message.isExcludedFromUnreadCount());
        copy.setExcludedFromLastMessage(message.isExcludedFromLastMessage());
        return copy;
    }

    private static V2TIMElem elemOf(String type, Json content) {
        switch (type) {
            case "text":
                return new V2TIMTextElem(content.get("text").text());
            case "custom":
                byte[] data = content.get("data").text().getBytes(StandardCharsets.UTF_8);
                byte[] extension = content.get("extension").text().getBytes(StandardCharsets.UTF_8);
                return new V2TIMCustomElem(data, content.get("description").text(), extension);
            default:
                return new V2TIMElem();
        }
    }

    private static String nameOf(int priority) {
        return priority == V2TIMMessage.V2TIM_PRIORITY_HIGH ? "high" : priority == V2TIMMessage.V2TIM_PRIORITY_LOW ? "low" : "normal";
    }

    private static int priorityOf(String name) {
        return name.equals("high") ? V2TIMMessage.V2TIM_PRIORITY_HIGH
                : name.equals("low") ? V2TIMMessage.V2TIM_PRIORITY_LOW : V2TIMMessage.V2TIM_PRIORITY_NORMAL;
    }
}
