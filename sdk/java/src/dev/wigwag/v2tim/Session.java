package dev.wigwag.v2tim;

import dev.wigwag.Client;
import dev.wigwag.Event;
import dev.wigwag.EventListener;
import dev.wigwag.ReplyListener;
import dev.wigwag.WigwagException;
import dev.wigwag.internal.AppCalls;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/** Who is signed in, and with which client. */
final class Session {
    /** As in the other surfaces. */
    private static final int CONNECT_TIMEOUT_MS = 10_000;

    private final List<Part> parts = new ArrayList<>();
    private volatile Executor executor = AppCalls.ours();
    /** Null before initSDK. Guarded by this object's lock, as is the login. */
    private V2TIMSDKConfig server;
    private Line line;

    /** Told of every event. */
    interface Part {
        void hear(Event event, Login login);
    }

    /** Something to be asked of who is signed in. */
    interface Call {
        void on(Login login) throws Failure;
    }

    /** Adds a part, before anybody logs in. */
    void tells(Part part) {
        parts.add(part);
    }

    /** A copy of the app's configuration, or null. */
    void configure(V2TIMSDKConfig config) {
        synchronized (this) {
            server = config;
        }
        Executor given = config == null ? null : config.getCallbackExecutor();
        executor = given == null ? AppCalls.ours() : given;
    }

    /** Empty when nobody is signed in. */
    synchronized String userID() {
        return line != null && line.ready ? line.userID : "";
    }

    synchronized int status() {
        return line == null ? V2TIMManager.V2TIM_STATUS_LOGOUT
                : line.ready ? V2TIMManager.V2TIM_STATUS_LOGINED : V2TIMManager.V2TIM_STATUS_LOGINING;
    }

    /** Of who is signed in. */
    synchronized Login login() throws Failure {
        if (server == null) {
            throw Failure.notInitialised();
        }
        if (line == null || !line.ready) {
            throw Failure.notSignedIn();
        }
        return line.login;
    }

    /** Seconds; 0 when nobody is signed in. */
    long serverTime() {
        try {
            return login().client.serverTime() / 1000;
        } catch (Failure | WigwagException nobody) {
            return 0;
        }
    }

    /** Asks something of who is signed in; when that cannot be, fails and gives false. */
    boolean ask(Call call, Told<?> told) {
        try {
            call.on(login());
            return true;
        } catch (Failure failure) {
            told.fail(failure);
        } catch (WigwagException refused) {
            told.fail(Failure.of(refused));
        }
        return false;
    }

    /** Calls a method of the protocol. */
    boolean request(String method, String params, Told<?> told, ReplyListener replied) {
        return ask(login -> login.client.request(method, params, replied), told);
    }

    /** The app's callback on the app's executor. */
    void call(Runnable call) {
        AppCalls.call(executor, call);
    }

    /** Signs in; somebody else who is signed in is signed out first. Of who is signed in already the fresh token is kept. */
    void login(String userID, String userSig, Told<Void> told) {
        Line before;
        Line next = new Line(userID, told);
        V2TIMSDKConfig where;
        Failure failure;
        synchronized (this) {
            failure = refuses(userID, userSig);
            before = line;
            where = server;
            if (failure == null && (before == null || !before.userID.equals(userID))) {
                line = next;
            }
        }
        if (failure != null) {
            told.fail(failure);
            return;
        }
        if (before != null && before.userID.equals(userID)) {
            renew(before.login.client, userSig, told);
            return;
        }
        if (before != null) {
            before.close();
        }
        open(next, where, userSig);
    }

    /** Signs out; nothing happens when nobody is signed in. */
    void logout() {
        Line before;
        Told<Void> waiting;
        synchronized (this) {
            before = line;
            line = null;
            waiting = before == null ? null : before.takeTold();
        }
        if (before != null) {
            before.close();
        }
        if (waiting != null) {
            waiting.fail(Failure.signedOut());
        }
    }

    private Failure refuses(String userID, String userSig) {
        if (server == null) {
            return Failure.notInitialised();
        }
        if (userID == null || userID.isEmpty() || userSig == null || userSig.isEmpty()) {
            return Failure.invalidParams("userID and userSig must not be empty");
        }
        return line != null && !line.ready ? Failure.loginInProgress() : null;
    }

    private static void renew(Client client, String userSig, Told<Void> told) {
        try {
            client.setToken(userSig);
            told.succeed(null);
        } catch (Throwable thrown) {
            told.fail(Failure.of(thrown));
        }
    }

    private void open(Line opened, V2TIMSDKConfig where, String userSig) {
        try {
            Client.Builder wish = Client.builder(where.getServerAddress()).token(userSig).userID(opened.userID);
            wish.deviceID(Storage.deviceIn(where.getInitPath())).cursorFile(Storage.cursorIn(where.getInitPath(), opened.userID));
            Client client = wish.connectTimeoutMs(CONNECT_TIMEOUT_MS).ownActs(true).executor(executor).listener(opened).open();
            closeIfReplaced(opened, client);
        } catch (Throwable thrown) {
            // A folder that is none, a library that is not there: another login can be tried.
            Told<Void> waiting = ends(opened);
            if (waiting != null) {
                waiting.fail(Failure.of(thrown));
            }
        }
    }

    /** A logout or another login may have come while the client was opened. */
    private void closeIfReplaced(Line opened, Client client) {
        boolean replaced;
        synchronized (this) {
            opened.login.client = client;
            replaced = line != opened;
        }
        if (replaced) {
            client.close();
        }
    }

    /** Forgets a login that has ended by itself; gives who waits for it. */
    private synchronized Told<Void> ends(Line ended) {
        if (line == ended) {
            line = null;
        }
        return ended.takeTold();
    }

    private synchronized Told<Void> isReady(Line signedIn) {
        signedIn.ready = true;
        return signedIn.takeTold();
    }

    /** One user's login. Its fields are guarded by the session's lock. */
    private final class Line implements EventListener {
        private final String userID;
        private final Login login;
        private boolean ready;
        /** Told how the login went. */
        private Told<Void> told;

        Line(String userID, Told<Void> told) {
            this.userID = userID;
            login = new Login(userID);
            this.told = told;
        }

        @Override
        public void onEvent(Client from, Event event) {
            synchronized (Session.this) {
                login.client = from;
                // What the stream told is told, also while its login ends: it will not be told again.
                if (line != this && event.cursor() == 0) {
                    return;
                }
            }
            switch (event.type()) {
                case Event.CONNECTED:
                    Told<Void> signedIn = isReady(this);
                    tell(event);
                    if (signedIn != null) {
                        signedIn.succeedHere(null);
                    }
                    return;
                case Event.STOPPED:
                    Told<Void> refused = ends(this);
                    from.close();
                    tell(event);
                    if (refused != null) {
                        refused.failHere(Failure.of(event.trouble()));
                    }
                    return;
                default:
                    tell(event);
            }
        }

        private void tell(Event event) {
            for (Part part : parts) {
                part.hear(event, login);
            }
        }

        private Told<Void> takeTold() {
            Told<Void> waiting = told;
            told = null;
            return waiting;
        }

        private void close() {
            Client closed;
            synchronized (Session.this) {
                closed = login.client;
            }
            if (closed != null) {
                closed.close();
            }
        }
    }
}
