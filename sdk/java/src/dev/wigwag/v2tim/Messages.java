package dev.wigwag.v2tim;

import dev.wigwag.Event;
import dev.wigwag.WigwagException;
import dev.wigwag.internal.Json;
import dev.wigwag.internal.JsonObject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The message manager over a client. */
final class Messages extends V2TIMMessageManager {
    /** The server's bound of a page. */
    private static final int MOST_AT_ONCE = 100;
    /** A seq past the newest message means the newest; the largest number that every JSON reader takes. */
    private static final long NEWEST = 9_007_199_254_740_991L;

    private final Session session;
    private final Listeners<V2TIMAdvancedMsgListener> advanced = new Listeners<>();
    private final Listeners<V2TIMSimpleMsgListener> simple = new Listeners<>();

    Messages(Session session) {
        this.session = session;
        session.tells(this::hear);
    }

    @Override
    public void addAdvancedMsgListener(V2TIMAdvancedMsgListener listener) {
        advanced.add(listener);
    }

    @Override
    public void removeAdvancedMsgListener(V2TIMAdvancedMsgListener listener) {
        advanced.remove(listener);
    }

    void addSimpleMsgListener(V2TIMSimpleMsgListener listener) {
        simple.add(listener);
    }

    void removeSimpleMsgListener(V2TIMSimpleMsgListener listener) {
        simple.remove(listener);
    }

    @Override
    public V2TIMMessage createTextMessage(String text) {
        return draft(new V2TIMTextElem(text));
    }

    @Override
    public V2TIMMessage createCustomMessage(byte[] data) {
        return createCustomMessage(data, "", new byte[0]);
    }

    @Override
    public V2TIMMessage createCustomMessage(byte[] data, String description, byte[] extension) {
        return draft(new V2TIMCustomElem(data, description, extension));
    }

    @Override
    public String sendMessage(V2TIMMessage message, String receiver, String groupID, int priority, boolean onlineUserOnly,
            V2TIMOfflinePushInfo offlinePushInfo, V2TIMSendCallback<V2TIMMessage> callback) {
        Told<V2TIMMessage> told = Told.of(session, callback);
        JsonObject options = new JsonObject().flag("onlineUserOnly", onlineUserOnly);
        try {
            options.rawIfAny("offlinePushInfo", V2TIMOfflinePushInfo.jsonOf(offlinePushInfo));
        } catch (WigwagException notUtf8) {
            told.fail(Failure.of(notUtf8));
            return null;
        }
        return send(message, new Peer(receiver, groupID), priority, options, told);
    }

    /** As the manager's own functions send. */
    String send(V2TIMMessage message, Peer to, int priority, V2TIMValueCallback<V2TIMMessage> callback) {
        return send(message, to, priority, new JsonObject(), Told.of(session, callback));
    }

    @Override
    public void getC2CHistoryMessageList(String userID, int count, V2TIMMessage lastMsg, V2TIMValueCallback<List<V2TIMMessage>> callback) {
        history(new Peer(userID, ""), count, lastMsg, callback);
    }

    @Override
    public void getGroupHistoryMessageList(String groupID, int count, V2TIMMessage lastMsg,
            V2TIMValueCallback<List<V2TIMMessage>> callback) {
        history(new Peer("", groupID), count, lastMsg, callback);
    }

    @Override
    public void revokeMessage(V2TIMMessage msg, V2TIMCallback callback) {
        if (msg == null || msg.seq == 0) {
            Told.of(session, callback).fail(Failure.unknownMessage());
            return;
        }
        ask("message.revoke", new Peer(msg.userID, msg.groupID).params().number("seq", msg.seq), callback);
    }

    @Override
    public void markC2CMessageAsRead(String userID, V2TIMCallback callback) {
        ask("message.markRead", new Peer(userID, "").params().number("seq", NEWEST), callback);
    }

    @Override
    public void markGroupMessageAsRead(String groupID, V2TIMCallback callback) {
        ask("message.markRead", new Peer("", groupID).params().number("seq", NEWEST), callback);
    }

    /** A request whose result is of no interest. */
    void ask(String method, JsonObject params, V2TIMCallback callback) {
        Told<Void> told = Told.of(session, callback);
        session.request(method, params.done(), told, told.reading(reply -> null));
    }

    private V2TIMMessage draft(V2TIMElem elem) {
        V2TIMMessage draft = new V2TIMMessage(elem);
        draft.msgID = Storage.newID();
        draft.isSelf = true;
        draft.sender = session.userID();
        return draft;
    }

    private String send(V2TIMMessage message, Peer to, int priority, JsonObject params, Told<V2TIMMessage> told) {
        boolean toOne = to.userID.isEmpty() != to.groupID.isEmpty();
        if (message == null || message.elem == null || !toOne) {
            told.fail(Failure.invalidParams(toOne ? "the message is null or has no element" : "give either a user or a group"));
            return null;
        }
        message.priority = priority;
        V2TIMMessage sent = MessageShape.copyOf(message);
        sent.userID = to.userID;
        sent.groupID = to.groupID;
        sent.sender = session.userID();
        try {
            MessageShape.write(sent, to.write(params));
        } catch (WigwagException notUtf8) {
            told.fail(Failure.of(notUtf8));
            return null;
        }
        boolean asked = session.request("message.send", params.done(), told,
                told.reading(reply -> MessageShape.isSent(sent, Json.read(reply.json()))));
        return asked ? message.msgID : null;
    }

    private void history(Peer peer, int count, V2TIMMessage lastMsg, V2TIMValueCallback<List<V2TIMMessage>> callback) {
        Told<List<V2TIMMessage>> told = Told.of(session, callback);
        if (count < 1 || count > MOST_AT_ONCE) {
            told.fail(Failure.invalidParams("count must be a whole number from 1 to 100"));
            return;
        }
        long before = lastMsg == null ? 0 : lastMsg.seq;
        if (before == 1) {
            told.succeed(new ArrayList<>());
            return;
        }
        JsonObject params = peer.params().number("limit", count);
        if (before > 0) {
            params.number("fromSeq", before - 1);
        }
        String userID = session.userID();
        session.request("message.history", params.done(), told, told.reading(reply -> {
            List<V2TIMMessage> page = new ArrayList<>();
            for (Json message : Json.read(reply.json()).get("messages").items()) {
                page.add(MessageShape.shown(message, userID));
            }
            return page;
        }));
    }

    private void hear(Event event, Login login) {
        String message = event.message();
        if (!message.isEmpty()) {
            received(Json.read(message), event.invitation() != null, login);
        } else if (event.name().equals("message.revoked")) {
            String msgID = Json.read(event.json()).get("messageID").text();
            advanced.tell(one -> one.onRecvMessageRevoked(msgID));
        } else if (event.name().equals("message.read")) {
            read(Json.read(event.json()), login.userID);
        }
    }

    private void received(Json message, boolean signaling, Login login) {
        // An own act whose reply was lost is told twice, as such and as an event.
        if (signaling && !login.isNews(message.get("messageID").text())) {
            return;
        }
        V2TIMMessage told = MessageShape.shown(message, login.userID);
        advanced.tell(one -> one.onRecvNewMessage(told));
        if (!signaling) {
            tellSimply(told);
        }
    }

    private void tellSimply(V2TIMMessage told) {
        boolean inGroup = !told.groupID.isEmpty();
        V2TIMUserInfo user = new V2TIMUserInfo(told.sender);
        V2TIMGroupMemberInfo member = new V2TIMGroupMemberInfo(told.sender);
        if (told.elem instanceof V2TIMTextElem) {
            String text = told.getTextElem().getText();
            simple.tell(one -> {
                if (inGroup) {
                    one.onRecvGroupTextMessage(told.msgID, told.groupID, member, text);
                } else {
                    one.onRecvC2CTextMessage(told.msgID, user, text);
                }
            });
        } else if (told.elem instanceof V2TIMCustomElem) {
            byte[] data = told.getCustomElem().getData();
            simple.tell(one -> {
                if (inGroup) {
                    one.onRecvGroupCustomMessage(told.msgID, told.groupID, member, data);
                } else {
                    one.onRecvC2CCustomMessage(told.msgID, user, data);
                }
            });
        }
    }

    private void read(Json read, String userID) {
        String reader = read.get("reader").text();
        if (!reader.equals(userID) && read.get("conversation").text().startsWith("c2c:")) {
            long timestamp = read.get("time").integer() / 1000;
            advanced.tell(one -> one.onRecvC2CReadReceipt(Collections.singletonList(new V2TIMMessageReceipt(reader, timestamp))));
        }
    }

    /** Where a message goes: one of the two is empty. */
    static final class Peer {
        final String userID;
        final String groupID;

        /** Null is empty. */
        Peer(String userID, String groupID) {
            this.userID = userID == null ? "" : userID;
            this.groupID = groupID == null ? "" : groupID;
        }

        JsonObject params() {
            return write(new JsonObject());
        }

        JsonObject write(JsonObject params) {
            return params.textIfAny("userID", userID).textIfAny("groupID", groupID);
        }
    }
}
