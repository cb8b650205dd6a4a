package dev.wigwag;

import dev.wigwag.internal.AppCalls;
import dev.wigwag.internal.JsonObject;
import dev.wigwag.internal.Native;
import dev.wigwag.internal.Texts;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * One user on one device: signs in, and stays signed in across lost connections, until it is closed. As many as needed may be in a process.
 *
 * <p>Every method may be called from any thread, and from callbacks. Requests can be made at once, and are sent when the client is signed in. A
 * method that throws a {@link WigwagException} has done nothing; after {@link #close} all do, with {@link WigwagException#UNKNOWN_CLIENT}.
 * Everything that is not invitations is asked with {@link #request}, by the methods and params in docs/protocol.md.
 */
public final class Client implements AutoCloseable {
    /** Where the connection of a client stands. */
    public enum State {
        /** A connection is being made for the first time. */
        CONNECTING,
        /** Signed in. */
        CONNECTED,
        /** The connection was lost and is made again. */
        RECONNECTING,
        /** The client will not connect again. */
        STOPPED
    }

    private final EventListener listener;
    private final Executor executor;
    /** Held while the library opens the client: an event may come before its handle is known. */
    private final Object opening = new Object();
    private final Object lock = new Object();
    /** Guarded by the lock. */
    private boolean closing;
    /** What the app is to be called for, until it has been. Guarded by the lock. */
    private Call inHand;
    private volatile long handle;

    private Client(Builder wish) {
        listener = wish.listener;
        executor = wish.executor;
    }

    /**
     * Begins to open a client.
     *
     * @param url {@code ws://} or {@code wss://}; the path defaults to /v1/ws
     */
    public static Builder builder(String url) {
        return new Builder(url);
    }

    /** The version of the library, such as "0.1.0". */
    public static String version() {
        return Texts.text(Native.version());
    }

    /** Told what a callback of the app's threw; it goes no further. Default: a line on standard error. Null: nobody. For the whole process. */
    public static void setExceptionReporter(Consumer<Throwable> reporter) {
        AppCalls.reportTo(reporter);
    }

    /** Invites, and gives the inviteID at once. When the reply is TIMED_OUT, DISCONNECTED or STOPPED the invitation may have been made. */
    public String invite(Invite invite, ReplyListener replied) {
        Objects.requireNonNull(invite, "invite");
        if (invite.timeout < 0) {
            throw new WigwagException(WigwagException.INVALID_ARGUMENT, "timeout must be 0 or more");
        }
        byte[][] texts = Texts.bytes(invite.inviteID, invite.invitee, invite.groupID, invite.data, invite.offlinePushInfo, invite.mediaType,
                invite.roomID);
        byte[][] invitees = invite.invitees == null ? null : Texts.bytes(invite.invitees);
        int[] numbers = {invite.timeout, invite.onlineUserOnly ? 1 : 0};
        return Texts.text(Native.invite(handle, texts, invitees, numbers, telling(replied)));
    }

    /** Takes one's invitation back. Refused with 8010 when nobody is pending any more, 8011 unless one is the inviter. */
    public void cancel(String inviteID, String data, ReplyListener replied) {
        act(Native.CANCEL, inviteID, data, replied);
    }

    /** Accepts. Refused with 8010 when somebody or something was faster (the reply's JSON has the outcome), 8011 unless one is invited. */
    public void accept(String inviteID, String data, ReplyListener replied) {
        act(Native.ACCEPT, inviteID, data, replied);
    }

    /** Rejects; refused like {@link #accept}. */
    public void reject(String inviteID, String data, ReplyListener replied) {
        act(Native.REJECT, inviteID, data, replied);
    }

    /** Replaces an invitation's data. Refused with 8010 when it has ended or is for those online only, 8011 unless one has a part in it. */
    public void modify(String inviteID, String data, ReplyListener replied) {
        act(Native.MODIFY, inviteID, data, replied);
    }

    /** Reads one invitation from the server, open or ended. */
    public void get(String inviteID, ReplyListener replied) {
        act(Native.GET, inviteID, "", replied);
    }

    /** Makes an invitation known that was told another way. Refused with 8010 when it has ended, 8012 when it is open and known. */
    public void addInvited(String inviteID, ReplyListener replied) {
        act(Native.ADD_INVITED, inviteID, "", replied);
    }

    /** The open invitations that this device was told of, oldest first, as a JSON array. Nothing is asked. */
    public String openInvitations() {
        return known(Native.OPEN_INVITATIONS, "");
    }

    /** One invitation that this device was told of, open or ended, as JSON; empty when it was told of none. Nothing is asked. */
    public String knownInvitation(String inviteID) {
        return known(Native.KNOWN_INVITATION, inviteID);
    }

    /** The calls that run as far as this device was told, oldest first, as a JSON array. Nothing is asked. */
    public String runningCalls() {
        return known(Native.RUNNING_CALLS, "");
    }

    /** One call that this device was told of, running or over, as JSON; empty when it was told of none. Nothing is asked. */
    public String knownCall(String callID) {
        return known(Native.KNOWN_CALL, callID);
    }

    /** Leaves a call; for one who has not come in yet, says that they do not come. */
    public void hangUp(String callID, ReplyListener replied) {
        request("call.hangUp", new JsonObject().text("callID", callID).done(), replied);
    }

    /**
     * Calls a method of the protocol by its name: messages, conversations, groups, users and calls.
     *
     * @param params a JSON object; empty is {@code {}}. Give "message.send" a "clientMsgID", so that it can be repeated when its reply is lost
     */
    public void request(String method, String params, ReplyListener replied) {
        Native.request(handle, Texts.bytes(method), Texts.bytes(params), telling(replied));
    }

    /** Gives a token for the next sign-in, ahead of it or when one is needed. */
    public void setToken(String token) {
        Native.setToken(handle, Texts.bytes(token));
    }

    /** Where the connection stands now. */
    public State state() {
        return State.values()[Native.state(handle) - 1];
    }

    /** What the server's clock says now, ms since 1970, as far as the last sign-in told; 0 before the first one. */
    public long serverTime() {
        return Native.serverTime(handle);
    }

    /**
     * Ends the session. Requests without a reply get one with STOPPED, {@link EventListener#onClosed} is the last call; on an executor that is
     * busy these come after this returns. An event that waits for the executor is not told any more; with a cursor file it is told after the next
     * start. It waits for the network, and for no code of the app's. The second time nothing happens.
     */
    @Override
    public void close() {
        Call left;
        boolean told;
        synchronized (lock) {
            if (closing) {
                return;
            }
            closing = true;
            left = inHand;
            told = left != null && left.isTaken();
        }
        if (left != null) {
            Native.done(left.number, told);
        }
        try {
            Native.close(handle);
        } catch (WigwagException closedAlready) {
            // The library was shut down.
        }
    }

    private void act(int act, String inviteID, String data, ReplyListener replied) {
        Native.act(handle, act, Texts.bytes(inviteID, data), telling(replied));
    }

    private String known(int what, String name) {
        return Texts.text(Native.known(handle, what, Texts.bytes(name)));
    }

    /** Null: nobody is told. */
    private Native.OnReply telling(ReplyListener replied) {
        return (number, reply) -> {
            if (replied == null) {
                Native.done(number, true);
            } else {
                call(new Call(number, false, () -> replied.onReply(reply)));
            }
        };
    }

    /** Calls the app on its executor. The library goes on when that is done, and holds no thread for it. */
    private void call(Call call) {
        boolean isEnd;
        synchronized (lock) {
            isEnd = closing;
            if (!isEnd) {
                inHand = call;
            }
        }
        if (!isEnd || !call.isEvent) {
            AppCalls.call(executor, call);
        }
        if (isEnd) {
            Native.done(call.number, !call.isEvent);
        }
    }

    private void open(Builder wish) {
        if (wish.platform < 0 || wish.requestTimeoutMs < 0 || wish.connectTimeoutMs < 0) {
            throw new WigwagException(WigwagException.INVALID_ARGUMENT, "the platform and the timeouts must be 0 or more");
        }
        byte[][] texts = Texts.bytes(wish.url, wish.token, wish.userID, wish.deviceID, wish.cursorFile);
        int[] numbers = {
            wish.platform, wish.requestTimeoutMs, wish.connectTimeoutMs, wish.ownActs ? 1 : 0, wish.asksForTokens ? 1 : 0
        };
        synchronized (opening) {
            handle = Native.open(new Line(), texts, numbers);
        }
    }

    /** What the library tells. */
    private final class Line implements Native.Line {
        @Override
        public void event(long number, Event event) {
            whenOpen();
            call(new Call(number, true, () -> listener.onEvent(Client.this, event)));
        }

        @Override
        public void tokenNeeded(long number) {
            whenOpen();
            call(new Call(number, false, () -> listener.onTokenNeeded(Client.this)));
        }

        @Override
        public void closed() {
            AppCalls.call(executor, () -> listener.onClosed(Client.this));
        }

        private void whenOpen() {
            synchronized (opening) {
                // The handle is known.
            }
        }
    }

    /**
     * One call of the app's code. An event counts as told when its call begins: what was told is not told again after a restart, and what was not
     * is. What waits for the executor when the client is closed is taken back, if it is an event; a reply is given all the same.
     */
    private final class Call implements Runnable {
        /** By which the library knows it. */
        private final long number;
        private final boolean isEvent;
        private final Runnable code;
        /** Guarded by the lock. */
        private boolean begun;

        Call(long number, boolean isEvent, Runnable code) {
            this.number = number;
            this.isEvent = isEvent;
            this.code = code;
        }

        @Override
        public void run() {
            synchronized (lock) {
                if (closing && isEvent) {
                    return;
                }
                begun = true;
            }
            try {
                code.run();
            } finally {
                ends();
            }
        }

        /** Whether it need not be told again. Asked with the lock held. */
        private boolean isTaken() {
            return begun || !isEvent;
        }

        private void ends() {
            boolean waits;
            synchronized (lock) {
                waits = inHand == this && !closing;
                if (waits) {
                    inHand = null;
                }
            }
            if (waits) {
                Native.done(number, true);
            }
        }
    }

    /** Who signs in, and where. */
    public static final class Builder {
        private final String url;
        private String token = "";
        private String userID = "";
        private String deviceID = "";
        private String cursorFile = "";
        private int platform;
        private int requestTimeoutMs;
        private int connectTimeoutMs;
        private boolean ownActs;
        private boolean asksForTokens;
        private Executor executor = AppCalls.ours();
        private EventListener listener;

        private Builder(String url) {
            this.url = url;
        }

        /** A UserSig or JWT. May be left out with {@link #asksForTokens}. */
        public Builder token(String text) {
            token = text;
            return this;
        }

        /** Who is expected to sign in; a token of somebody else's is refused with 70013. Default: whoever the token is for. */
        public Builder userID(String text) {
            userID = text;
            return this;
        }

        /** This device; keep it across restarts. Default: a new one. */
        public Builder deviceID(String text) {
            deviceID = text;
            return this;
        }

        /**
         * A file, which need not exist yet, in a folder which does: it keeps how far this device has read its events, so that after a restart it is
         * told what happened meanwhile. One for each user and device. Default: each start begins with what is open.
         */
        public Builder cursorFile(String path) {
            cursorFile = path;
            return this;
        }

        /** 1 iOS, 2 Android, 3 Windows, 4 macOS, 7 Linux … as in docs/protocol.md. Default: what the library is compiled for. */
        public Builder platform(int number) {
            platform = number;
            return this;
        }

        /** How long a request waits for its reply, reconnects included. Default: 10,000. */
        public Builder requestTimeoutMs(int ms) {
            requestTimeoutMs = ms;
            return this;
        }

        /** How long the first sign-in may take before the client stops. Default: as long as it takes. */
        public Builder connectTimeoutMs(int ms) {
            connectTimeoutMs = ms;
            return this;
        }

        /** What this device does to invitations is told as events, too, marked own. */
        public Builder ownActs(boolean told) {
            ownActs = told;
            return this;
        }

        /** {@link EventListener#onTokenNeeded} is called; without it the client stops when the token has expired and no other was given. */
        public Builder asksForTokens(boolean asks) {
            asksForTokens = asks;
            return this;
        }

        /**
         * Where callbacks run, such as Android's main thread ({@code new Handler(Looper.getMainLooper())::post}). Default: a thread of the library's,
         * one for all clients. When it refuses a callback, that is reported, and the callback runs on the library's thread.
         */
        public Builder executor(Executor where) {
            executor = Objects.requireNonNull(where, "executor");
            return this;
        }

        /** Must be given. */
        public Builder listener(EventListener told) {
            listener = Objects.requireNonNull(told, "listener");
            return this;
        }

        /**
         * Opens the client. Returns at once; the listener is told how it goes.
         *
         * @throws WigwagException when something is wrong with these, or there is no room for another client
         */
        public Client open() {
            Objects.requireNonNull(listener, "listener");
            Client client = new Client(this);
            client.open(this);
            return client;
        }
    }
}
