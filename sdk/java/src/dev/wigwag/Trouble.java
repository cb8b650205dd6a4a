package dev.wigwag;

import dev.wigwag.internal.Texts;

/** What went wrong. */
public final class Trouble {
    private final int code;
    private final boolean retryable;
    private final long retryAfterMs;
    private final String reason;
    private final String message;

    Trouble(int code, boolean retryable, long retryAfterMs, byte[] reason, byte[] message) {
        this.code = code;
        this.retryable = retryable;
        this.retryAfterMs = retryAfterMs;
        this.reason = Texts.text(reason);
        this.message = Texts.text(message);
    }

    /** The number that the field knows (docs/protocol.md, "Errors"); 0 when nothing is wrong. Several reasons may share one. */
    public int code() {
        return code;
    }

    /** Whether the same can succeed later without being changed. */
    public boolean isRetryable() {
        return retryable;
    }

    /** Milliseconds to wait before trying again; 0 when it is not known. */
    public long retryAfterMs() {
        return retryAfterMs;
    }

    /** Tells apart what one number lumps together, such as "settled"; empty when nothing is wrong. */
    public String reason() {
        return reason;
    }

    /** For developers. */
    public String message() {
        return message;
    }

    @Override
    public String toString() {
        return code + " " + reason + ": " + message;
    }
}
