package dev.wigwag.v2tim;

/** One change of a group's description. */
public class V2TIMGroupChangeInfo {
    /** The value is the name. */
    public static final int V2TIM_GROUP_INFO_CHANGE_TYPE_NAME = 1;
    /** The value is the userID of the owner. */
    public static final int V2TIM_GROUP_INFO_CHANGE_TYPE_OWNER = 5;

    private final int type;
    private final String value;

    V2TIMGroupChangeInfo(int type, String value) {
        this.type = type;
        this.value = value;
    }

    /** One of the numbers above. */
    public int getType() {
        return type;
    }

    /** What it is now. */
    public String getValue() {
        return value;
    }
}
