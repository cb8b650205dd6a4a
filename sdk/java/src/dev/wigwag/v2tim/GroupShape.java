package dev.wigwag.v2tim;

import dev.wigwag.internal.Json;
import dev.wigwag.internal.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Groups of the protocol as this interface shows them, and the other way round. */
final class GroupShape {
    private GroupShape() {}

    static V2TIMGroupInfo infoOf(Json group) {
        V2TIMGroupInfo info = new V2TIMGroupInfo();
        info.setGroupID(group.get("groupID").text());
        info.setGroupType(typeOf(group));
        info.setGroupName(group.get("name").text());
        info.owner = group.get("owner").text();
        info.createTime = group.get("createdAt").integer() / 1000;
        info.memberCount = (int) group.get("memberCount").integer();
        boolean isFree = group.get("joinPolicy").text().equals("free");
        info.setGroupAddOpt(isFree ? V2TIMGroupInfo.V2TIM_GROUP_ADD_ANY : V2TIMGroupInfo.V2TIM_GROUP_ADD_FORBID);
        return info.asRead();
    }

    /** The counters that a reply or an event names. */
    static Map<String, Long> countersIn(Json told) {
        Map<String, Long> counters = new TreeMap<>();
        for (Json counter : told.get("counters").items()) {
            counters.put(counter.key(), counter.integer());
        }
        return counters;
    }

    /** The members of a page that a filter lets through. */
    static List<V2TIMGroupMemberFullInfo> membersIn(Json page, int filter) {
        List<V2TIMGroupMemberFullInfo> members = new ArrayList<>();
        for (Json member : page.get("members").items()) {
            Role role = Role.of(member.get("role").text());
            if (filter == V2TIMGroupMemberFullInfo.V2TIM_GROUP_MEMBER_FILTER_ALL || (filter & role.filter) != 0) {
                long joined = member.get("joinedAt").integer() / 1000;
                members.add(new V2TIMGroupMemberFullInfo(member.get("userID").text(), role.number, joined));
            }
        }
        return members;
    }

    /** A role by its number, and by its bit in a filter. */
    enum Role {
        OWNER(V2TIMGroupMemberFullInfo.V2TIM_GROUP_MEMBER_ROLE_OWNER, V2TIMGroupMemberFullInfo.V2TIM_GROUP_MEMBER_FILTER_OWNER),
        ADMIN(V2TIMGroupMemberFullInfo.V2TIM_GROUP_MEMBER_ROLE_ADMIN, V2TIMGroupMemberFullInfo.V2TIM_GROUP_MEMBER_FILTER_ADMIN),
        MEMBER(V2TIMGroupMemberFullInfo.V2TIM_GROUP_MEMBER_ROLE_MEMBER, V2TIMGroupMemberFullInfo.V2TIM_GROUP_MEMBER_FILTER_COMMON);

        final int number;
        final int filter;

        Role(int number, int filter) {
            this.number = number;
            this.filter = filter;
        }

        static Role of(String name) {
            return name.equals("owner") ? OWNER : name.equals("admin") ? ADMIN : MEMBER;
        }
    }

    /** Null when the option is none. */
    static String policyOf(int addOpt) {
        switch (addOpt) {
            case V2TIMGroupInfo.V2TIM_GROUP_ADD_ANY:
                return "free";
            case V2TIMGroupInfo.V2TIM_GROUP_ADD_AUTH:
            case V2TIMGroupInfo.V2TIM_GROUP_ADD_FORBID:
                return "inviteOnly";
            default:
                return null;
        }
    }

    static String policyOfType(String groupType) {
        return groupType.equals(V2TIMManager.GROUP_TYPE_WORK) ? "inviteOnly" : "free";
    }

    /** Where Tencent's surfaces keep the type of a group, by the names of its web package. */
    static String extOf(String groupType) {
        String type = groupType.equals(V2TIMManager.GROUP_TYPE_WORK) ? "Private"
                : groupType.equals(V2TIMManager.GROUP_TYPE_MEETING) ? "ChatRoom" : groupType;
        return new JsonObject().raw("tencent", new JsonObject().text("type", type).done()).done();
    }

    private static String typeOf(Json group) {
        String kept = Json.read(group.get("ext").text()).get("tencent").get("type").text();
        if (kept.isEmpty()) {
            return group.get("joinPolicy").text().equals("free") ? V2TIMManager.GROUP_TYPE_PUBLIC : V2TIMManager.GROUP_TYPE_WORK;
        }
        return kept.equals("Private") ? V2TIMManager.GROUP_TYPE_WORK : kept.equals("ChatRoom") ? V2TIMManager.GROUP_TYPE_MEETING : kept;
    }
}
