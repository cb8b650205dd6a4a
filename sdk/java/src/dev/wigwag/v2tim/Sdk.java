package dev.wigwag.v2tim;

import dev.wigwag.Client;
import dev.wigwag.Event;
import dev.wigwag.Reply;
import dev.wigwag.Trouble;
import dev.wigwag.internal.JsonObject;
import java.util.List;

/** The manager over a session. */
final class Sdk extends V2TIMManager {
    static final Sdk INSTANCE = new Sdk();

    private final Listeners<V2TIMSDKListener> listeners = new Listeners<>();
    private final Listeners<WigwagEventListener> events = new Listeners<>();
    private final Session session = new Session();
    // Told before the signaling manager: a message is heard of before what it says.
    final Messages messages;
    final Signaling signaling;
    final Groups groups;
    private final CallsOfUser calls;
    private final GroupNews groupNews;
    private final Statuses statuses;

    private Sdk() {
        session.tells((event, login) -> hear(event));
        messages = new Messages(session);
        signaling = new Signaling(session);
        groups = new Groups(session);
        groupNews = new GroupNews(session);
        calls = new CallsOfUser(session);
        statuses = new Statuses(session, changed -> listeners.tell(one -> one.onUserStatusChanged(changed)));
    }

    @Override
    public void addIMSDKListener(V2TIMSDKListener listener) {
        listeners.add(listener);
    }

    @Override
    public void removeIMSDKListener(V2TIMSDKListener listener) {
        listeners.remove(listener);
    }

    @Override
    public boolean initSDK(Object context, int sdkAppID, V2TIMSDKConfig config) {
        if (sdkAppID == 0 || config == null || config.getServerAddress().isEmpty()) {
            return false;
        }
        V2TIMSDKConfig copy = new V2TIMSDKConfig();
        copy.setServerAddress(config.getServerAddress());
        copy.setInitPath(config.getInitPath());
        copy.setCallbackExecutor(config.getCallbackExecutor());
        session.configure(copy);
        return true;
    }

    @Override
    public boolean initSDK(Object context, int sdkAppID, V2TIMSDKConfig config, V2TIMSDKListener listener) {
        addIMSDKListener(listener);
        return initSDK(context, sdkAppID, config);
    }

    @Override
    public void unInitSDK() {
        session.logout();
        session.configure(null);
    }

    @Override
    public String getVersion() {
        return Client.version();
    }

    @Override
    public long getServerTime() {
        return session.serverTime();
    }

    @Override
    public void login(String userID, String userSig, V2TIMCallback callback) {
        session.login(userID, userSig, Told.of(session, callback));
    }

    @Override
    public void logout(V2TIMCallback callback) {
        session.logout();
        Told.of(session, callback).succeed(null);
    }

    @Override
    public String getLoginUser() {
        String userID = session.userID();
        return userID.isEmpty() ? null : userID;
    }

    @Override
    public int getLoginStatus() {
        return session.status();
    }

    @Override
    public void setSelfStatus(V2TIMUserStatus status, V2TIMCallback callback) {
        statuses.say(status, callback);
    }

    @Override
    public void getUserStatus(List<String> userIDList, V2TIMValueCallback<List<V2TIMUserStatus>> callback) {
        statuses.of(userIDList, callback);
    }

    @Override
    public void subscribeUserStatus(List<String> userIDList, V2TIMCallback callback) {
        statuses.watch(userIDList, callback);
    }

    @Override
    public void unsubscribeUserStatus(List<String> userIDList, V2TIMCallback callback) {
        statuses.unwatch(userIDList, callback);
    }

    @Override
    public void addSimpleMsgListener(V2TIMSimpleMsgListener listener) {
        messages.addSimpleMsgListener(listener);
    }

    @Override
    public void removeSimpleMsgListener(V2TIMSimpleMsgListener listener) {
        messages.removeSimpleMsgListener(listener);
    }

    @Override
    public String sendC2CTextMessage(String text, String userID, V2TIMValueCallback<V2TIMMessage> callback) {
        return toUser(messages.createTextMessage(text), userID, callback);
    }

    @Override
    public String sendC2CCustomMessage(byte[] customData, String userID, V2TIMValueCallback<V2TIMMessage> callback) {
        return toUser(messages.createCustomMessage(customData), userID, callback);
    }

    @Override
    public String sendGroupTextMessage(String text, String groupID, int priority, V2TIMValueCallback<V2TIMMessage> callback) {
        return messages.send(messages.createTextMessage(text), new Messages.Peer("", groupID), priority, callback);
    }

    @Override
    public String sendGroupCustomMessage(byte[] customData, String groupID, int priority, V2TIMValueCallback<V2TIMMessage> callback) {
        return messages.send(messages.createCustomMessage(customData), new Messages.Peer("", groupID), priority, callback);
    }

    @Override
    public void createGroup(String groupType, String groupID, String groupName, V2TIMValueCallback<String> callback) {
        V2TIMGroupInfo info = new V2TIMGroupInfo();
        info.setGroupType(groupType);
        info.setGroupID(groupID);
        info.setGroupName(groupName);
        groups.createGroup(info, null, callback);
    }

    @Override
    public void joinGroup(String groupID, String message, V2TIMCallback callback) {
        messages.ask("group.join", new JsonObject().text("groupID", groupID), callback);
    }

    @Override
    public void quitGroup(String groupID, V2TIMCallback callback) {
        messages.ask("group.quit", new JsonObject().text("groupID", groupID), callback);
    }

    @Override
    public void dismissGroup(String groupID, V2TIMCallback callback) {
        messages.ask("group.dismiss", new JsonObject().text("groupID", groupID), callback);
    }

    @Override
    public void addGroupListener(V2TIMGroupListener listener) {
        groupNews.listeners.add(listener);
    }

    @Override
    public void removeGroupListener(V2TIMGroupListener listener) {
        groupNews.listeners.remove(listener);
    }

    @Override
    public Calls getCalls() {
        return calls;
    }

    @Override
    public void request(String method, String params, V2TIMValueCallback<String> callback) {
        Told<String> told = Told.of(session, callback);
        session.request(method, params, told, told.reading(Reply::json));
    }

    @Override
    public void addEventListener(WigwagEventListener listener) {
        events.add(listener);
    }

    @Override
    public void removeEventListener(WigwagEventListener listener) {
        events.remove(listener);
    }

    private String toUser(V2TIMMessage message, String userID, V2TIMValueCallback<V2TIMMessage> callback) {
        return messages.send(message, new Messages.Peer(userID, ""), V2TIMMessage.V2TIM_PRIORITY_NORMAL, callback);
    }

    private void hear(Event event) {
        switch (event.type()) {
            case Event.CONNECTING:
                listeners.tell(V2TIMSDKListener::onConnecting);
                return;
            case Event.CONNECTED:
                listeners.tell(V2TIMSDKListener::onConnectSuccess);
                return;
            case Event.RECONNECTING:
                lost(event.trouble());
                listeners.tell(V2TIMSDKListener::onConnecting);
                return;
            case Event.STOPPED:
                stopped(event.trouble());
                return;
            default:
                if (event.cursor() > 0) {
                    events.tell(one -> one.onEvent(event.name(), event.json()));
                }
        }
    }

    private void stopped(Trouble trouble) {
        if (trouble.reason().equals("kicked")) {
            listeners.tell(V2TIMSDKListener::onKickedOffline);
        } else if (trouble.reason().equals("tokenExpired")) {
            listeners.tell(V2TIMSDKListener::onUserSigExpired);
        } else {
            lost(trouble);
        }
    }

    private void lost(Trouble trouble) {
        Failure failure = Failure.of(trouble);
        listeners.tell(one -> one.onConnectFailed(failure.code, failure.getMessage()));
    }
}
