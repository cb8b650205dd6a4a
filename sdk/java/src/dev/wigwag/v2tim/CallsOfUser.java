package dev.wigwag.v2tim;

import dev.wigwag.Event;
import dev.wigwag.Invite;
import dev.wigwag.Reply;
import dev.wigwag.WigwagException;
import dev.wigwag.internal.Json;
import dev.wigwag.internal.JsonObject;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/** Calls over a client. */
final class CallsOfUser extends Calls {
    private final Session session;
    private final Listeners<CallListener> listeners = new Listeners<>();

    CallsOfUser(Session session) {
        this.session = session;
        session.tells(this::hear);
    }

    @Override
    public void addListener(CallListener listener) {
        listeners.add(listener);
    }

    @Override
    public void removeListener(CallListener listener) {
        listeners.remove(listener);
    }

    @Override
    public String invite(String invitee, CallOptions options, V2TIMValueCallback<CallEntry> callback) {
        return inviting(() -> Invite.user(invitee), options, Told.of(session, callback));
    }

    @Override
    public String inviteInGroup(String groupID, List<String> inviteeList, CallOptions options, V2TIMValueCallback<CallEntry> callback) {
        Told<CallEntry> told = Told.of(session, callback);
        if (inviteeList == null) {
            told.fail(Failure.invalidParams("inviteeList must not be null"));
            return null;
        }
        return inviting(() -> Invite.inGroup(groupID, inviteeList), options, told);
    }

    @Override
    public void accept(String inviteID, String data, V2TIMValueCallback<CallEntry> callback) {
        Told<CallEntry> told = Told.of(session, callback);
        session.ask(login -> login.client.accept(inviteID, data, told.reading(CallsOfUser::entry)), told);
    }

    @Override
    public void reject(String inviteID, String data, V2TIMCallback callback) {
        Told<Void> told = Told.of(session, callback);
        session.ask(login -> login.client.reject(inviteID, data, told.reading(reply -> null)), told);
    }

    @Override
    public void cancel(String inviteID, List<String> inviteeList, String data, V2TIMCallback callback) {
        JsonObject params = new JsonObject().text("inviteID", inviteID).text("data", data);
        if (inviteeList != null && !inviteeList.isEmpty()) {
            params.list("inviteeList", inviteeList);
        }
        fetch("signaling.cancel", params, Told.of(session, callback), done -> null);
    }

    @Override
    public void hangUp(String callID, V2TIMCallback callback) {
        act("call.hangUp", callID, RingEnd.REJECTED, Told.of(session, callback), done -> null);
    }

    @Override
    public void join(String callID, V2TIMValueCallback<CallEntry> callback) {
        act("call.join", callID, RingEnd.ACCEPTED, Told.of(session, callback), CallEntry::new);
    }

    @Override
    public void signal(String callID, String to, String data, V2TIMCallback callback) {
        fetch("call.signal", of(callID).textIfAny("to", to).text("data", data), Told.of(session, callback), done -> null);
    }

    @Override
    public List<Call> running() {
        try {
            return Call.in(Json.read(session.login().client.runningCalls()));
        } catch (Failure | WigwagException nobody) {
            return Collections.emptyList();
        }
    }

    @Override
    public void get(String callID, V2TIMValueCallback<Call> callback) {
        fetch("call.get", of(callID), Told.of(session, callback), got -> new Call(got.get("call")));
    }

    @Override
    public void getOfGroup(String groupID, V2TIMValueCallback<Call> callback) {
        fetch("call.get", new JsonObject().text("groupID", groupID), Told.of(session, callback), got -> new Call(got.get("call")));
    }

    @Override
    public void list(boolean onlyMissed, String after, V2TIMValueCallback<CallPage> callback) {
        JsonObject params = new JsonObject().flag("missed", onlyMissed).textIfAny("after", after);
        fetch("call.list", params, Told.of(session, callback), CallPage::new);
    }

    @Override
    public void markSeen(long upTo, V2TIMCallback callback) {
        fetch("call.markSeen", new JsonObject().number("upTo", upTo), Told.of(session, callback), done -> null);
    }

    private static JsonObject of(String callID) {
        return new JsonObject().text("callID", callID);
    }

    /** What is needed to take part. */
    private static CallEntry entry(Reply reply) {
        return new CallEntry(Json.read(reply.json()).get("call"));
    }

    private <T> void fetch(String method, JsonObject params, Told<T> told, Function<Json, T> read) {
        session.request(method, params.done(), told, told.reading(reply -> read.apply(Json.read(reply.json()))));
    }

    private String inviting(Supplier<Invite> whom, CallOptions options, Told<CallEntry> told) {
        CallOptions wish = options == null ? new CallOptions() : options;
        if (wish.getMediaType() == null || wish.getMediaType().isEmpty()) {
            told.fail(Failure.invalidParams("mediaType must not be empty"));
            return null;
        }
        String[] inviteID = {null};
        session.ask(login -> {
            Invite invite = whom.get().opensCall(wish.getMediaType()).inRoom(wish.getRoomID()).data(wish.getData());
            invite.timeout(wish.getTimeout()).onlineUserOnly(wish.isOnlineUserOnly());
            invite.offlinePushInfo(V2TIMOfflinePushInfo.jsonOf(wish.getOfflinePushInfo()));
            inviteID[0] = login.client.invite(invite, told.reading(CallsOfUser::entry));
        }, told);
        return inviteID[0];
    }

    /** Comes in, or leaves, by the call's name: no event says so on this device. */
    private <T> void act(String method, String callID, RingEnd why, Told<T> told, Function<Json, T> read) {
        session.ask(login -> login.client.request(method, of(callID).done(), reply -> {
            told.reading(given -> read.apply(Json.read(given.json()))).onReply(reply);
            if (reply.isOk()) {
                for (String inviteID : login.calls.ringsOf(callID)) {
                    endRing(inviteID, why, login);
                }
                catchUp(callID, login);
            }
        }), told);
    }

    private void hear(Event event, Login login) {
        boolean isCall = event.name().startsWith("call.");
        boolean isSilenced = event.name().equals("invitation.silenced");
        if (event.invitation() == null && !isCall && !isSilenced) {
            return;
        }
        Json told = Json.read(event.json());
        if (isSilenced) {
            endRing(told.get("inviteID").text(), RingEnd.SILENCED_ELSEWHERE, login);
        } else if (event.type() == Event.INVITATION_RECEIVED) {
            received(event, told, login);
        } else if (event.invitation() != null) {
            settled(event, told, login);
        } else {
            stepped(event.name(), told, login);
        }
    }

    private void received(Event event, Json told, Login login) {
        CallRing ring = new CallRing(told);
        if (ring.getCallID().isEmpty()) {
            return;
        }
        List<String> busy = told.get("busyLineUserIDList").texts();
        boolean isForMe = !ring.getInviter().equals(login.userID) && ring.getInviteeList().contains(login.userID);
        boolean isNews = !event.invitation().isPast() && !event.invitation().toldBefore();
        if (busy.contains(login.userID)) {
            listeners.tell(one -> one.onMissedWhileBusy(ring));
        } else if (isForMe && isNews && login.calls.rings(ring)) {
            listeners.tell(one -> one.onRing(ring));
        }
        login.calls.open(ring, told.get("device").get("deviceID").text(), busy);
        catchUp(ring.getCallID(), login);
    }

    /** An invitation was answered, or is over, for somebody. */
    private void settled(Event event, Json told, Login login) {
        String inviteID = told.get("inviteID").text();
        String callID = login.knownInvitation(inviteID).get("call").get("callID").text();
        if (callID.isEmpty() || event.type() == Event.INVITATION_MODIFIED) {
            return;
        }
        List<String> whose = event.invitation().invitees();
        if (whose.contains(login.userID)) {
            endRing(inviteID, RingEnd.of(event), login);
        }
        follow(callID, whose, login);
    }

    private void stepped(String name, Json told, Login login) {
        String callID = told.get("callID").text();
        switch (name) {
            case "call.signal":
                String device = told.get("device").get("deviceID").text();
                listeners.tell(one -> one.onCallSignal(callID, told.get("sender").text(), device, told.get("data").text()));
                return;
            case "call.seen":
                listeners.tell(one -> one.onMissedCallsSeen(told.get("upTo").integer()));
                return;
            case "call.invited":
                List<String> userIDs = told.get("userIDs").texts();
                listeners.tell(one -> one.onPeopleInvited(callID, told.get("by").text(), userIDs));
                break;
            default:
        }
        tell(login.calls.hear(name, told, login.knownCall(callID)));
    }

    /** Tells what is known of a call that was told of. */
    private void catchUp(String callID, Login login) {
        Call known = login.knownCall(callID);
        if (known != null) {
            tell(login.calls.catchUp(known));
        }
    }

    /** Something became of invitations of these people into a call. One that is not known is read; when that fails, nobody has asked for it. */
    private void follow(String callID, List<String> whose, Login login) {
        Call known = login.knownCall(callID);
        if (known != null) {
            tell(login.calls.follow(known, whose));
            return;
        }
        try {
            login.client.request("call.get", of(callID).done(), reply -> {
                if (reply.isOk()) {
                    tell(login.calls.follow(new Call(Json.read(reply.json()).get("call")), whose));
                }
            });
        } catch (WigwagException ended) {
            // The login has, and what happens is told to the next one.
        }
    }

    private void endRing(String inviteID, RingEnd why, Login login) {
        String callID = login.calls.endRing(inviteID);
        if (callID != null) {
            listeners.tell(one -> one.onRingEnded(inviteID, callID, why));
        }
    }

    private void tell(List<ToldCall.Step> steps) {
        for (ToldCall.Step step : steps) {
            listeners.tell(step);
        }
    }
}
