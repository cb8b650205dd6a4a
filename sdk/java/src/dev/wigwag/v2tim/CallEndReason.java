package dev.wigwag.v2tim;

/** Why a call is over. Besides Tencent's. */
public enum CallEndReason {
    /** It goes on. */
    RUNNING(""),
    /** A newer server's word, which this version does not know. */
    UNKNOWN("unknown"),
    /** Somebody hung up, and fewer than two were left. */
    HUNG_UP("hungUp"),
    /** The caller took it back. */
    CANCELLED("cancelled"),
    /** Everybody said no. */
    REJECTED("rejected"),
    /** Everybody was in another call. */
    BUSY("busy"),
    /** Nobody answered in time. */
    TIMED_OUT("timedOut"),
    /** Somebody's devices were gone for too long, and fewer than two were left. */
    CONNECTION_LOST("connectionLost"),
    /** Somebody went to another call, and fewer than two were left. */
    JOINED_ANOTHER("joinedAnother"),
    /** Somebody left the group, and fewer than two were left. */
    LEFT_GROUP("leftGroup"),
    /** The group was dismissed. */
    GROUP_DISMISSED("groupDismissed");

    private final String word;

    CallEndReason(String word) {
        this.word = word;
    }

    /** An empty word is of a call that runs. */
    static CallEndReason of(String word) {
        for (CallEndReason reason : values()) {
            if (reason.word.equals(word)) {
                return reason;
            }
        }
        return UNKNOWN;
    }
}
