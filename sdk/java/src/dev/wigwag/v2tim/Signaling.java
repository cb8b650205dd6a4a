package dev.wigwag.v2tim;

import dev.wigwag.Client;
import dev.wigwag.Event;
import dev.wigwag.Invitation;
import dev.wigwag.Invite;
import dev.wigwag.ReplyListener;
import dev.wigwag.WigwagException;
import dev.wigwag.internal.Json;
import dev.wigwag.internal.Native;
import dev.wigwag.internal.Texts;
import java.util.List;
import java.util.function.Supplier;

/** The signaling manager over a client. */
final class Signaling extends V2TIMSignalingManager {
    private final Session session;
    private final Listeners<V2TIMSignalingListener> listeners = new Listeners<>();

    Signaling(Session session) {
        this.session = session;
        session.tells(this::hear);
    }

    @Override
    public void addSignalingListener(V2TIMSignalingListener listener) {
        listeners.add(listener);
    }

    @Override
    public void removeSignalingListener(V2TIMSignalingListener listener) {
        listeners.remove(listener);
    }

    @Override
    public String invite(String invitee, String data, boolean onlineUserOnly, V2TIMOfflinePushInfo offlinePushInfo, int timeout,
            V2TIMCallback callback) {
        return inviting(() -> {
            Invite invite = Invite.user(invitee).data(data).onlineUserOnly(onlineUserOnly).timeout(timeout);
            return invite.offlinePushInfo(V2TIMOfflinePushInfo.jsonOf(offlinePushInfo));
        }, callback);
    }

    @Override
    public String inviteInGroup(String groupID, List<String> inviteeList, String data, boolean onlineUserOnly, int timeout,
            V2TIMCallback callback) {
        if (inviteeList == null) {
            Told.of(session, callback).fail(Failure.invalidParams("inviteeList must not be null"));
            return null;
        }
        return inviting(() -> Invite.inGroup(groupID, inviteeList).data(data).onlineUserOnly(onlineUserOnly).timeout(timeout), callback);
    }

    @Override
    public void cancel(String inviteID, String data, V2TIMCallback callback) {
        act((client, replied) -> client.cancel(inviteID, data, replied), callback);
    }

    @Override
    public void accept(String inviteID, String data, V2TIMCallback callback) {
        act((client, replied) -> client.accept(inviteID, data, replied), callback);
    }

    @Override
    public void reject(String inviteID, String data, V2TIMCallback callback) {
        act((client, replied) -> client.reject(inviteID, data, replied), callback);
    }

    @Override
    public void modifyInvitation(String inviteID, String data, V2TIMCallback callback) {
        act((client, replied) -> client.modify(inviteID, data, replied), callback);
    }

    @Override
    public void addInvitedSignaling(V2TIMSignalingInfo info, V2TIMCallback callback) {
        if (info == null || isEmpty(info.getInviteID()) || isEmpty(info.getInviter())) {
            Told.of(session, callback).fail(Failure.invalidParams("the inviteID and the inviter of info must not be empty"));
            return;
        }
        act((client, replied) -> client.addInvited(info.getInviteID(), replied), callback);
    }

    @Override
    public V2TIMSignalingInfo getSignalingInfo(V2TIMMessage msg) {
        V2TIMCustomElem custom = msg == null ? null : msg.getCustomElem();
        if (custom == null || custom.getData() == null) {
            return null;
        }
        try {
            String said = Texts.text(Native.signalingOf(custom.getData()));
            return said.isEmpty() ? null : infoOf(Json.read(said));
        } catch (WigwagException notUtf8) {
            return null;
        }
    }

    /** One of the things that can be done about an invitation. */
    private interface Act {
        void on(Client client, ReplyListener replied);
    }

    private void act(Act act, V2TIMCallback callback) {
        Told<Void> told = Told.of(session, callback);
        session.ask(login -> act.on(login.client, told.reading(reply -> null)), told);
    }

    /** What is wrong with the invitation itself is told by the callback, too. */
    private String inviting(Supplier<Invite> invite, V2TIMCallback callback) {
        Told<Void> told = Told.of(session, callback);
        String[] inviteID = {null};
        session.ask(login -> inviteID[0] = login.client.invite(invite.get(), told.reading(reply -> null)), told);
        return inviteID[0];
    }

    private static V2TIMSignalingInfo infoOf(Json said) {
        V2TIMSignalingInfo info = new V2TIMSignalingInfo();
        info.setInviteID(said.get("inviteID").text());
        info.setGroupID(said.get("groupID").text());
        info.setInviter(said.get("inviter").text());
        info.setInviteeList(said.get("inviteeList").texts());
        info.setData(said.get("data").text());
        info.setTimeout((int) said.get("timeout").integer());
        info.setActionType((int) said.get("actionType").integer());
        return info;
    }

    /** What this device did itself is no news to its listeners, nor is what was told at the login or at the deadline. */
    private void hear(Event event, Login login) {
        String userID = login.userID;
        if (event.name().equals("invitation.silenced")) {
            silenced(Json.read(event.json()), userID);
            return;
        }
        Invitation told = event.invitation();
        if (told == null || event.isOwn() || told.toldBefore()) {
            return;
        }
        String inviteID = told.inviteID();
        String data = told.data();
        List<String> invitees = told.invitees();
        switch (event.type()) {
            case Event.INVITATION_RECEIVED:
                // One's own, from another device, does not ring, nor does an old message.
                if (!told.inviter().equals(userID) && !told.isPast()) {
                    listeners.tell(one -> one.onReceiveNewInvitation(inviteID, told.inviter(), told.groupID(), invitees, data));
                }
                return;
            case Event.INVITATION_ACCEPTED:
                listeners.tell(one -> one.onInviteeAccepted(inviteID, invitees.get(0), data));
                return;
            case Event.INVITATION_REJECTED:
                listeners.tell(one -> one.onInviteeRejected(inviteID, invitees.get(0), data));
                return;
            case Event.INVITATION_CANCELLED:
                // Tencent's has no callback for a cancel of others, after which the invitation goes on.
                if (!told.isStillOpen() || invitees.contains(userID)) {
                    listeners.tell(one -> one.onInvitationCancelled(inviteID, told.inviter(), data));
                }
                return;
            case Event.INVITATION_TIMED_OUT:
                listeners.tell(one -> one.onInvitationTimeout(inviteID, invitees));
                return;
            case Event.INVITATION_MODIFIED:
                listeners.tell(one -> one.onInvitationModified(inviteID, data));
                return;
            default:
                // A newer library tells more.
        }
    }

    /** Another device has said that none of this user's shall ring. Tencent's has no word for it: the ring ends as if that had rejected it. */
    private void silenced(Json told, String userID) {
        String inviteID = told.get("inviteID").text();
        listeners.tell(one -> one.onInviteeRejected(inviteID, userID, ""));
    }

    private static boolean isEmpty(String text) {
        return text == null || text.isEmpty();
    }
}
