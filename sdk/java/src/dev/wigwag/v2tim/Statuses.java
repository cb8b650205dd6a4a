package dev.wigwag.v2tim;

import dev.wigwag.Event;
import dev.wigwag.internal.Json;
import dev.wigwag.internal.JsonObject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Consumer;

/** Who is online and what they say of themselves, as far as one may know it; and whom this device watches. */
final class Statuses {
    /** Most users one request may name, and one device may watch. */
    private static final int USERS_AT_ONCE = 100;

    private final Session session;
    private final Consumer<List<V2TIMUserStatus>> changed;
    /** As the app wants it; of a request that the server refuses the next one says it again. Guarded by this object's lock, as is its user. */
    private List<String> watched = new ArrayList<>();
    private Login watching;

    /** {@code changed} is told of those who are watched, and of oneself. */
    Statuses(Session session, Consumer<List<V2TIMUserStatus>> changed) {
        this.session = session;
        this.changed = changed;
        session.tells(this::hear);
    }

    void say(V2TIMUserStatus status, V2TIMCallback callback) {
        Told<Void> told = Told.of(session, callback);
        if (status == null || status.getCustomStatus() == null) {
            told.fail(Failure.invalidParams("status must have a customStatus"));
            return;
        }
        String said = status.getCustomStatus();
        String me = session.userID();
        session.request("user.setStatus", new JsonObject().text("status", said).done(), told, told.reading(reply -> {
            tellMine(me, said);
            return null;
        }));
    }

    void of(List<String> userIDs, V2TIMValueCallback<List<V2TIMUserStatus>> callback) {
        Told<List<V2TIMUserStatus>> told = Told.of(session, callback);
        if (areNone(userIDs)) {
            told.fail(Failure.invalidParams("userIDList must not be empty"));
            return;
        }
        read(new ArrayList<>(userIDs), new ArrayList<>(), told);
    }

    /** Watches these users besides those of before, of whom the oldest make room. */
    void watch(List<String> userIDs, V2TIMCallback callback) {
        Told<Void> told = Told.of(session, callback);
        if (areNone(userIDs)) {
            told.fail(Failure.invalidParams("userIDList must not be empty"));
            return;
        }
        List<String> added = new ArrayList<>(new LinkedHashSet<>(userIDs));
        change(told, wanted -> {
            wanted.removeAll(added);
            wanted.addAll(added);
            wanted.subList(0, Math.max(0, wanted.size() - USERS_AT_ONCE)).clear();
        });
    }

    /** Watches these users no more; without any nobody. */
    void unwatch(List<String> userIDs, V2TIMCallback callback) {
        List<String> gone = userIDs == null ? Collections.emptyList() : userIDs;
        change(Told.of(session, callback), wanted -> {
            if (gone.isEmpty()) {
                wanted.clear();
            }
            wanted.removeAll(gone);
        });
    }

    private static boolean areNone(List<String> userIDs) {
        return userIDs == null || userIDs.isEmpty() || userIDs.contains(null);
    }

    /** Asks for as many as one request may name, until all are known. */
    private void read(List<String> missing, List<V2TIMUserStatus> found, Told<List<V2TIMUserStatus>> told) {
        List<String> asked = missing.subList(0, Math.min(USERS_AT_ONCE, missing.size()));
        List<String> rest = missing.subList(asked.size(), missing.size());
        session.request("user.getStatus", new JsonObject().list("userIDs", asked).done(), told, reply -> {
            if (!reply.isOk()) {
                told.failHere(Failure.of(reply));
                return;
            }
            for (Json user : Json.read(reply.json()).get("users").items()) {
                found.add(statusOf(user));
            }
            if (rest.isEmpty()) {
                told.succeedHere(found);
            } else {
                read(rest, found, told);
            }
        });
    }

    /** Changes whom this device wants to watch, and says so in the order of the changes. The app is told on its executor, not here. */
    private synchronized void change(Told<Void> told, Consumer<List<String>> wish) {
        List<String> wanted = new ArrayList<>(watched);
        wish.accept(wanted);
        if (session.request("user.watch", new JsonObject().list("userIDs", wanted).done(), told, told.reading(reply -> null))) {
            watched = wanted;
        }
    }

    private void hear(Event event, Login login) {
        if (event.type() == Event.CONNECTING) {
            begins(login);
        } else if (event.name().equals("user.status")) {
            changed.accept(Collections.singletonList(statusOf(Json.read(event.json()))));
        } else if (event.name().equals("user.statusChanged")) {
            tellMine(login.userID, Json.read(event.json()).get("status").text());
        }
    }

    /** Another login watches nobody yet. */
    private synchronized void begins(Login login) {
        if (watching != login) {
            watching = login;
            watched = new ArrayList<>();
        }
    }

    private void tellMine(String me, String status) {
        changed.accept(Collections.singletonList(new V2TIMUserStatus(me, V2TIMUserStatus.V2TIM_USER_STATUS_ONLINE, status)));
    }

    private static V2TIMUserStatus statusOf(Json told) {
        return new V2TIMUserStatus(told.get("userID").text(), typeOf(told.get("presence").text()), told.get("status").text());
    }

    private static int typeOf(String presence) {
        switch (presence) {
            case "online":
                return V2TIMUserStatus.V2TIM_USER_STATUS_ONLINE;
            case "offline":
                return V2TIMUserStatus.V2TIM_USER_STATUS_OFFLINE;
            default:
                return V2TIMUserStatus.V2TIM_USER_STATUS_UNKNOWN;
        }
    }
}
