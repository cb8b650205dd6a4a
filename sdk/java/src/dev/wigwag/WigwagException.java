package dev.wigwag;

import dev.wigwag.internal.Texts;

/** A call did nothing: an argument is wrong, the client was closed, or there is no room. What the server refuses is in a {@link Reply}. */
public class WigwagException extends RuntimeException {
    /** A text is not UTF-8; of Java's, when it has half of a surrogate pair. */
    public static final int NOT_UTF8 = 2;
    /** An argument breaks a rule; the message says which. */
    public static final int INVALID_ARGUMENT = 3;
    /** The client was closed. */
    public static final int UNKNOWN_CLIENT = 4;
    /** Too many clients, or too many requests without a reply; try again later. */
    public static final int BUSY = 5;
    /** The library was used before this process was forked. */
    public static final int FORKED = 7;
    /** The library failed inside. A bug of ours. */
    public static final int PANICKED = 8;
    /** The operating system gave no thread or no file, or the JVM no memory. */
    public static final int SYSTEM = 9;

    private static final long serialVersionUID = 1;

    private final int result;

    /** With one of the numbers above and words for developers. */
    public WigwagException(int result, String words) {
        super(words);
        this.result = result;
    }

    /** The library's. */
    WigwagException(int result, byte[] words) {
        this(result, Texts.text(words));
    }

    /** One of the numbers above: {@code WigwagResult} of wigwag.h. */
    public int result() {
        return result;
    }
}
