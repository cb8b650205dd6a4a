package dev.wigwag.v2tim;

import java.util.List;

/** A page of members. */
public class V2TIMGroupMemberInfoResult {
    private final long nextSeq;
    private final List<V2TIMGroupMemberFullInfo> memberInfoList;

    V2TIMGroupMemberInfoResult(long nextSeq, List<V2TIMGroupMemberFullInfo> memberInfoList) {
        this.nextSeq = nextSeq;
        this.memberInfoList = memberInfoList;
    }

    /** Give it to get the next page; 0 when this is the last. */
    public long getNextSeq() {
        return nextSeq;
    }

    /** The members that the filter let through; perhaps none, though there is a next page. */
    public List<V2TIMGroupMemberFullInfo> getMemberInfoList() {
        return memberInfoList;
    }
}
