package dev.wigwag.v2tim;

import dev.wigwag.Event;
import dev.wigwag.internal.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Tells what happens to groups. */
final class GroupNews {
    final Listeners<V2TIMGroupListener> listeners = new Listeners<>();

    GroupNews(Session session) {
        session.tells(this::hear);
    }

    private void hear(Event event, Login login) {
        String userID = login.userID;
        if (!event.name().startsWith("group.")) {
            return;
        }
        Json told = Json.read(event.json());
        String groupID = told.get("groupID").text();
        V2TIMGroupMemberInfo by = named(told.get("by").text());
        switch (event.name()) {
            case "group.membersAdded":
                added(groupID, by, told.get("userIDs").texts(), told.get("created").isTrue(), userID);
                return;
            case "group.membersRemoved":
                removed(groupID, by, told.get("userIDs").texts(), userID);
                return;
            case "group.dismissed":
                listeners.tell(one -> one.onGroupDismissed(groupID, by));
                return;
            case "group.infoChanged":
                changed(groupID, V2TIMGroupChangeInfo.V2TIM_GROUP_INFO_CHANGE_TYPE_NAME, told.get("name").text());
                return;
            case "group.roleChanged":
                roleChanged(groupID, by, told.get("userID").text(), GroupShape.Role.of(told.get("role").text()));
                return;
            case "group.notice":
                listeners.tell(one -> one.onReceiveRESTCustomData(groupID, told.get("data").text().getBytes(StandardCharsets.UTF_8)));
                return;
            case "group.attributesChanged":
                GroupShape.countersIn(told).forEach((key, value) -> listeners.tell(one -> one.onGroupCounterChanged(groupID, key, value)));
                return;
            default:
                // A newer server tells more.
        }
    }

    /** Who creates a group is told as the one who adds, and is one of those added. */
    private void added(String groupID, V2TIMGroupMemberInfo by, List<String> userIDs, boolean created, String userID) {
        List<String> others = new ArrayList<>(userIDs);
        others.remove(by.getUserID());
        boolean isMade = created || (!others.isEmpty() && others.size() < userIDs.size());
        if (isMade && by.getUserID().equals(userID)) {
            listeners.tell(one -> one.onGroupCreated(groupID));
        } else if (others.isEmpty()) {
            listeners.tell(one -> one.onMemberEnter(groupID, Collections.singletonList(by)));
        } else {
            listeners.tell(one -> one.onMemberInvited(groupID, by, named(others)));
        }
    }

    private void removed(String groupID, V2TIMGroupMemberInfo by, List<String> userIDs, String userID) {
        if (!userIDs.contains(by.getUserID())) {
            listeners.tell(one -> one.onMemberKicked(groupID, by, named(userIDs)));
        } else if (by.getUserID().equals(userID)) {
            listeners.tell(one -> one.onQuitFromGroup(groupID));
        } else {
            listeners.tell(one -> one.onMemberLeave(groupID, by));
        }
    }

    private void roleChanged(String groupID, V2TIMGroupMemberInfo by, String userID, GroupShape.Role role) {
        List<V2TIMGroupMemberInfo> members = Collections.singletonList(named(userID));
        switch (role) {
            case OWNER:
                changed(groupID, V2TIMGroupChangeInfo.V2TIM_GROUP_INFO_CHANGE_TYPE_OWNER, userID);
                return;
            case ADMIN:
                listeners.tell(one -> one.onGrantAdministrator(groupID, by, members));
                return;
            case MEMBER:
                listeners.tell(one -> one.onRevokeAdministrator(groupID, by, members));
        }
    }

    private void changed(String groupID, int type, String value) {
        listeners.tell(one -> one.onGroupInfoChanged(groupID, Collections.singletonList(new V2TIMGroupChangeInfo(type, value))));
    }

    private static V2TIMGroupMemberInfo named(String userID) {
        return new V2TIMGroupMemberInfo(userID);
    }

    private static List<V2TIMGroupMemberInfo> named(List<String> userIDs) {
        List<V2TIMGroupMemberInfo> members = new ArrayList<>();
        for (String userID : userIDs) {
            members.add(named(userID));
        }
        return members;
    }
}
