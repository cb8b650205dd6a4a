package dev.wigwag.v2tim;

/** The answer for one of several members. */
public class V2TIMGroupMemberOperationResult {
    /** Not done. */
    public static final int OPERATION_RESULT_FAIL = 0;
    /** Done; also for a user who was added and is a member already, or removed and is none. */
    public static final int OPERATION_RESULT_SUCC = 1;

    private final String memberID;

    V2TIMGroupMemberOperationResult(String memberID) {
        this.memberID = memberID;
    }

    public String getMemberID() {
        return memberID;
    }

    /** Always SUCC: all or nothing is done here. */
    public int getResult() {
        return OPERATION_RESULT_SUCC;
    }
}
