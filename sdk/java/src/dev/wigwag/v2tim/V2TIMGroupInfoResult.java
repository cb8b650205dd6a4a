package dev.wigwag.v2tim;

/** The answer for one of several groups. */
public class V2TIMGroupInfoResult {
    private final int resultCode;
    private final String resultMessage;
    private final V2TIMGroupInfo groupInfo;

    V2TIMGroupInfoResult(int resultCode, String resultMessage, V2TIMGroupInfo groupInfo) {
        this.resultCode = resultCode;
        this.resultMessage = resultMessage;
        this.groupInfo = groupInfo;
    }

    /** 0, or why there is no description. */
    public int getResultCode() {
        return resultCode;
    }

    /** For developers. */
    public String getResultMessage() {
        return resultMessage;
    }

    /** The description; in a failure it has the groupID alone. */
    public V2TIMGroupInfo getGroupInfo() {
        return groupInfo;
    }
}
