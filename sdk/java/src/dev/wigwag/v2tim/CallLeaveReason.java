package dev.wigwag.v2tim;

/** Why somebody is in a call no more. Besides Tencent's. */
public enum CallLeaveReason {
    /** They are in it, or a newer server's word. */
    UNKNOWN(""),
    /** They hung up. */
    HUNG_UP("hungUp"),
    /** All their devices were gone for too long. */
    CONNECTION_LOST("connectionLost"),
    /** They went to another call. */
    JOINED_ANOTHER("joinedAnother"),
    /** They left the group. */
    LEFT_GROUP("leftGroup"),
    /** The call was over. */
    CALL_ENDED("callEnded");

    private final String word;

    CallLeaveReason(String word) {
        this.word = word;
    }

    static CallLeaveReason of(String word) {
        for (CallLeaveReason reason : values()) {
            if (reason.word.equals(word)) {
                return reason;
            }
        }
        return UNKNOWN;
    }
}
