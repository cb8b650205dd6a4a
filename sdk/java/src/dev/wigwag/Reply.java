package dev.wigwag;

import dev.wigwag.internal.Texts;

/** What became of a request. */
public final class Reply {
    /** It was carried out. */
    public static final int OK = 0;
    /** The server said no; the trouble says why. */
    public static final int REFUSED = 20;
    /** No reply came in time. The command may or may not have been carried out. */
    public static final int TIMED_OUT = 21;
    /** The connection was lost before the reply, and the command cannot be repeated safely. It may have been carried out. */
    public static final int DISCONNECTED = 22;
    /** The client has stopped; the trouble says why. */
    public static final int STOPPED = 23;
    /** The reply cannot be read by this version. */
    public static final int UNREADABLE = 24;

    private final int result;
    private final Trouble trouble;
    private final byte[] json;

    Reply(int result, Trouble trouble, byte[] json) {
        this.result = result;
        this.trouble = trouble;
        this.json = json;
    }

    /** One of the numbers above. */
    public int result() {
        return result;
    }

    /** Whether it was carried out. */
    public boolean isOk() {
        return result == OK;
    }

    /** What went wrong; its code is 0 when the request was carried out. */
    public Trouble trouble() {
        return trouble;
    }

    /** The result in docs/protocol.md, JSON; of a refusal its {@code error} object; else empty. */
    public String json() {
        return Texts.text(json);
    }
}
