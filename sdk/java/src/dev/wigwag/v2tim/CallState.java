package dev.wigwag.v2tim;

/** Where somebody stands in a call. Besides Tencent's. */
public enum CallState {
    /** A newer server's word, which this version does not know. */
    UNKNOWN(""),
    /** They are asked, and have not answered. */
    RINGING("ringing"),
    /** They are in it. */
    JOINED("joined"),
    /** They were in it. */
    LEFT("left"),
    /** They said no. */
    REJECTED("rejected"),
    /** They were in another call, and did not ring. */
    BUSY("busy"),
    /** They did not answer in time. */
    TIMED_OUT("timedOut"),
    /** The call was taken back, or was over before they answered. */
    CANCELLED("cancelled"),
    /** They left the group while it rang. */
    REMOVED("removed");

    private final String word;

    CallState(String word) {
        this.word = word;
    }

    static CallState of(String word) {
        for (CallState state : values()) {
            if (state.word.equals(word)) {
                return state;
            }
        }
        return UNKNOWN;
    }

    /** Whether they will not come. */
    boolean isDeclined() {
        switch (this) {
            case REJECTED:
            case BUSY:
            case TIMED_OUT:
            case CANCELLED:
            case REMOVED:
                return true;
            default:
                return false;
        }
    }
}
