package dev.wigwag.internal;

import dev.wigwag.Event;
import dev.wigwag.Reply;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The native library. Not for apps.
 *
 * <p>Texts are UTF-8; null is an empty text. What is refused is thrown as a {@link dev.wigwag.WigwagException}. Whoever is to be called is
 * kept here, by a number which the native side gives back.
 */
public final class Native {
    /** What can be done about an invitation, for {@link #act}. */
    public static final int CANCEL = 1;
    public static final int ACCEPT = 2;
    public static final int REJECT = 3;
    public static final int MODIFY = 4;
    public static final int GET = 5;
    public static final int ADD_INVITED = 6;

    /** What a client knows, for {@link #known}. */
    public static final int OPEN_INVITATIONS = 1;
    public static final int KNOWN_INVITATION = 2;
    public static final int RUNNING_CALLS = 3;
    public static final int KNOWN_CALL = 4;

    private static final Map<Integer, Line> LINES = new ConcurrentHashMap<>();
    private static final Map<Integer, OnReply> REQUESTS = new ConcurrentHashMap<>();
    private static final AtomicInteger LAST = new AtomicInteger();

    static {
        load();
    }

    private Native() {}

    /**
     * Who is told about a client, on a thread of the library's. The client's next call waits until {@link #done} is called with the number that came
     * with the last one; the thread does not.
     */
    public interface Line {
        /** Something happened. */
        void event(long number, Event event);

        /** A token is needed. */
        void tokenNeeded(long number);

        /** The last call. */
        void closed();
    }

    /** Who is told what became of a request; as {@link Line}. */
    public interface OnReply {
        /** The reply. */
        void reply(long number, Reply reply);
    }

    /** The version of the library. */
    public static native byte[] version();

    /**
     * Opens a client; gives its handle.
     *
     * @param texts url, token, userID, deviceID, cursor file
     * @param numbers platform, request timeout and connect timeout in ms, whether own acts are told, whether tokens are asked for
     */
    static native long open(int line, byte[][] texts, int[] numbers);

    /** Closes a client. */
    public static native void close(long client);

    /**
     * A call that came with this number is done. An event that was not told stays in front of the cursor, and is told again while the client is open.
     * Of a number that is done nothing happens.
     */
    public static native void done(long number, boolean told);

    /** Gives a token. */
    public static native void setToken(long client, byte[] token);

    /** Where the connection stands: 1 connecting, 2 connected, 3 reconnecting, 4 stopped. */
    public static native int state(long client);

    /** The server's clock, ms since 1970; 0 before the first sign-in. */
    public static native long serverTime(long client);

    /**
     * Invites; gives the inviteID.
     *
     * @param texts inviteID, invitee, groupID, data, push settings, media type, roomID
     * @param invitees null for one user, a list for members of a group
     * @param numbers timeout in seconds, whether for those online only
     */
    static native byte[] invite(long client, byte[][] texts, byte[][] invitees, int[] numbers, int request);

    static native void act(long client, int act, byte[] inviteID, byte[] data, int request);

    static native void request(long client, byte[] method, byte[] params, int request);

    /** What the client knows, as JSON; {@code name} is an inviteID or a callID. */
    public static native byte[] known(long client, int what, byte[] name);

    /** What a custom message's data says about an invitation, as JSON; empty when it is not signaling. */
    public static native byte[] signalingOf(byte[] data);

    /** The steps through a JSON text, see {@link Json}. */
    static native byte[][] json(byte[] text);

    /** Opens a client which tells {@code line}; see {@link #open}. */
    public static long open(Line line, byte[][] texts, int[] numbers) {
        int number = place(LINES, line);
        return orForget(LINES, number, () -> open(number, texts, numbers));
    }

    /** Invites; see {@link #invite}. */
    public static byte[] invite(long client, byte[][] texts, byte[][] invitees, int[] numbers, OnReply replied) {
        int number = place(REQUESTS, replied);
        return orForget(REQUESTS, number, () -> invite(client, texts, invitees, numbers, number));
    }

    /** Does something about an invitation. */
    public static void act(long client, int act, byte[][] inviteIDAndData, OnReply replied) {
        int number = place(REQUESTS, replied);
        orForget(REQUESTS, number, () -> {
            act(client, act, inviteIDAndData[0], inviteIDAndData[1], number);
            return null;
        });
    }

    /** Calls a method of the protocol. */
    public static void request(long client, byte[] method, byte[] params, OnReply replied) {
        int number = place(REQUESTS, replied);
        orForget(REQUESTS, number, () -> {
            request(client, method, params, number);
            return null;
        });
    }

    /** How many are kept to be called: for tests. */
    public static int waiting() {
        return LINES.size() + REQUESTS.size();
    }

    private static void onEvent(int line, long number, Event event) {
        LINES.get(line).event(number, event);
    }

    private static void onTokenNeeded(int line, long number) {
        LINES.get(line).tokenNeeded(number);
    }

    private static void onClosed(int line) {
        Line told = LINES.get(line);
        if (told != null) {
            told.closed();
            LINES.remove(line);
        }
    }

    /** Whoever is called is forgotten when that is done: what leaves a call, for want of memory, makes the library call again. */
    private static void onReply(int request, long number, Reply reply) {
        OnReply told = REQUESTS.get(request);
        if (told == null) {
            // The request was taken, and what it gives could not be made: whoever asked knows.
            done(number, true);
        } else {
            told.reply(number, reply);
            REQUESTS.remove(request);
        }
    }

    /** A number from 1 on that nobody waits by; after two thousand million the numbers begin again. */
    private static <T> int place(Map<Integer, T> all, T one) {
        while (true) {
            int number = LAST.updateAndGet(last -> last == Integer.MAX_VALUE ? 1 : last + 1);
            if (all.putIfAbsent(number, one) == null) {
                return number;
            }
        }
    }

    private static <R> R orForget(Map<Integer, ?> all, int number, java.util.function.Supplier<R> call) {
        boolean taken = false;
        try {
            R result = call.get();
            taken = true;
            return result;
        } finally {
            if (!taken) {
                all.remove(number);
            }
        }
    }

    /** The property {@code wigwag.library} names the file; without it the folders of {@code java.library.path} are searched. */
    private static void load() {
        String file = System.getProperty("wigwag.library");
        if (file == null || file.isEmpty()) {
            System.loadLibrary("wigwag_jni");
        } else {
            System.load(file);
        }
    }
}
