package dev.wigwag.v2tim;

import dev.wigwag.Reply;
import dev.wigwag.internal.Json;
import dev.wigwag.internal.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The group manager over a client. */
final class Groups extends V2TIMGroupManager {
    /** The field's bound of one question. */
    private static final int MOST_GROUPS = 50;
    /** The server's default of a page. */
    private static final int MEMBERS_AT_ONCE = 100;
    /** All the filters together. */
    private static final int ALL_ROLES = 7;

    private final Session session;
    private final Pages pages = new Pages();

    Groups(Session session) {
        this.session = session;
    }

    @Override
    public void createGroup(V2TIMGroupInfo info, List<V2TIMCreateGroupMemberInfo> memberList, V2TIMValueCallback<String> callback) {
        Told<String> told = Told.of(session, callback);
        if (info == null || info.getGroupType() == null || info.getGroupType().isEmpty()) {
            told.fail(Failure.invalidParams("info must have a groupType"));
            return;
        }
        String policy = info.isAddOptGiven() ? GroupShape.policyOf(info.getGroupAddOpt()) : GroupShape.policyOfType(info.getGroupType());
        if (policy == null) {
            told.fail(Failure.invalidParams("groupAddOpt must be 0, 1 or 2"));
            return;
        }
        List<String> members = new ArrayList<>();
        for (V2TIMCreateGroupMemberInfo member : memberList == null ? Collections.<V2TIMCreateGroupMemberInfo>emptyList() : memberList) {
            members.add(member == null ? "" : member.getUserID());
        }
        JsonObject params = new JsonObject().text("name", info.getGroupName()).textIfAny("groupID", info.getGroupID());
        params.text("joinPolicy", policy).text("ext", GroupShape.extOf(info.getGroupType())).list("members", members);
        fetch("group.create", params, told, created -> created.get("groupID").text());
    }

    @Override
    public void getJoinedGroupList(V2TIMValueCallback<List<V2TIMGroupInfo>> callback) {
        readJoined(new ArrayList<>(), "", Told.of(session, callback));
    }

    @Override
    public void getGroupsInfo(List<String> groupIDList, V2TIMValueCallback<List<V2TIMGroupInfoResult>> callback) {
        Told<List<V2TIMGroupInfoResult>> told = Told.of(session, callback);
        if (groupIDList == null || groupIDList.isEmpty() || groupIDList.size() > MOST_GROUPS) {
            told.fail(Failure.invalidParams("groupIDList must have 1 to 50 groups"));
            return;
        }
        try {
            session.login();
        } catch (Failure nobody) {
            told.fail(nobody);
            return;
        }
        Gathered gathered = new Gathered(groupIDList.size(), told);
        for (int place = 0; place < groupIDList.size(); place++) {
            ask(groupIDList.get(place), place, gathered);
        }
    }

    @Override
    public void setGroupInfo(V2TIMGroupInfo info, V2TIMCallback callback) {
        Told<Void> told = Told.of(session, callback);
        String policy = info != null && info.isAddOptGiven() ? GroupShape.policyOf(info.getGroupAddOpt()) : "";
        if (info == null || policy == null) {
            told.fail(Failure.invalidParams("info must not be null, and groupAddOpt must be 0, 1 or 2"));
            return;
        }
        JsonObject params = of(info.getGroupID());
        if (info.isNamed()) {
            params.text("name", info.getGroupName());
        }
        params.textIfAny("joinPolicy", policy);
        fetch("group.setInfo", params, told, done -> null);
    }

    @Override
    public void getGroupMemberList(String groupID, int filter, long nextSeq, V2TIMValueCallback<V2TIMGroupMemberInfoResult> callback) {
        Told<V2TIMGroupMemberInfoResult> told = Told.of(session, callback);
        String after = nextSeq == 0 ? "" : pages.find(groupID, nextSeq);
        if (filter < 0 || filter > ALL_ROLES || after == null) {
            told.fail(Failure.invalidParams("filter must be of V2TIMGroupMemberFullInfo, and nextSeq what the page before gave"));
            return;
        }
        JsonObject params = of(groupID).textIfAny("after", after).number("limit", MEMBERS_AT_ONCE);
        fetch("group.members", params, told, page -> {
            long next = pages.keep(groupID, page.get("next").text());
            return new V2TIMGroupMemberInfoResult(next, GroupShape.membersIn(page, filter));
        });
    }

    @Override
    public void inviteUserToGroup(String groupID, List<String> userList,
            V2TIMValueCallback<List<V2TIMGroupMemberOperationResult>> callback) {
        changeMembers("group.addMembers", groupID, userList, callback);
    }

    @Override
    public void kickGroupMember(String groupID, List<String> memberList, String reason,
            V2TIMValueCallback<List<V2TIMGroupMemberOperationResult>> callback) {
        changeMembers("group.removeMembers", groupID, memberList, callback);
    }

    @Override
    public void setGroupMemberRole(String groupID, String userID, int role, V2TIMCallback callback) {
        Told<Void> told = Told.of(session, callback);
        boolean isAdmin = role == V2TIMGroupMemberFullInfo.V2TIM_GROUP_MEMBER_ROLE_ADMIN;
        if (!isAdmin && role != V2TIMGroupMemberFullInfo.V2TIM_GROUP_MEMBER_ROLE_MEMBER) {
            told.fail(Failure.invalidParams("role must be 200 (member) or 300 (admin)"));
            return;
        }
        fetch("group.setRole", of(groupID).text("userID", userID).text("role", isAdmin ? "admin" : "member"), told, done -> null);
    }

    @Override
    public void transferGroupOwner(String groupID, String userID, V2TIMCallback callback) {
        fetch("group.setRole", of(groupID).text("userID", userID).text("role", "owner"), Told.of(session, callback), done -> null);
    }

    @Override
    public void setGroupCounters(String groupID, Map<String, Long> counters, V2TIMValueCallback<Map<String, Long>> callback) {
        count(groupID, "counters", counters, callback);
    }

    @Override
    public void getGroupCounters(String groupID, List<String> keys, V2TIMValueCallback<Map<String, Long>> callback) {
        List<String> wanted = keys == null ? new ArrayList<>() : new ArrayList<>(keys);
        fetch("group.attributes", of(groupID), Told.of(session, callback), board -> {
            Map<String, Long> counters = GroupShape.countersIn(board);
            counters.keySet().removeIf(key -> !wanted.isEmpty() && !wanted.contains(key));
            return counters;
        });
    }

    @Override
    public void increaseGroupCounter(String groupID, String key, long value, V2TIMValueCallback<Map<String, Long>> callback) {
        count(groupID, "add", Collections.singletonMap(key, value), callback);
    }

    @Override
    public void decreaseGroupCounter(String groupID, String key, long value, V2TIMValueCallback<Map<String, Long>> callback) {
        increaseGroupCounter(groupID, key, -value, callback);
    }

    private void count(String groupID, String field, Map<String, Long> numbers, V2TIMValueCallback<Map<String, Long>> callback) {
        Told<Map<String, Long>> told = Told.of(session, callback);
        if (numbers == null || new ArrayList<>(numbers.values()).contains(null)) {
            told.fail(Failure.invalidParams("counters must not be null"));
            return;
        }
        JsonObject fields = new JsonObject();
        numbers.forEach((key, value) -> fields.number(key == null ? "" : key, value));
        fetch("group.setAttributes", of(groupID).raw(field, fields.done()), told, GroupShape::countersIn);
    }

    private static JsonObject of(String groupID) {
        return new JsonObject().text("groupID", groupID);
    }

    private <T> void fetch(String method, JsonObject params, Told<T> told, Function<Json, T> read) {
        session.request(method, params.done(), told, told.reading(reply -> read.apply(Json.read(reply.json()))));
    }

    /** Reads page after page to the last one. Groups come in byte order, so a list ends: a page that does not go on from the one before is refused. */
    private void readJoined(List<V2TIMGroupInfo> found, String after, Told<List<V2TIMGroupInfo>> told) {
        String params = new JsonObject().textIfAny("after", after).done();
        session.request("group.list", params, told, reply -> {
            if (!reply.isOk()) {
                told.failHere(Failure.of(reply));
                return;
            }
            Json page = Json.read(reply.json());
            for (Json group : page.get("groups").items()) {
                found.add(GroupShape.infoOf(group));
            }
            String next = page.get("next").text();
            if (next.isEmpty()) {
                told.succeedHere(found);
            } else if (next.compareTo(after) <= 0) {
                told.failHere(Failure.unreadable("the server's list of groups does not end"));
            } else {
                readJoined(found, next, told);
            }
        });
    }

    private void ask(String groupID, int place, Gathered gathered) {
        V2TIMGroupInfo unknown = new V2TIMGroupInfo();
        unknown.setGroupID(groupID);
        Told<Reply> one = Told.of(session, new V2TIMValueCallback<Reply>() {
            @Override
            public void onSuccess(Reply reply) {
                V2TIMGroupInfo info = GroupShape.infoOf(Json.read(reply.json()).get("group"));
                gathered.note(place, new V2TIMGroupInfoResult(0, "", info));
            }

            @Override
            public void onError(int code, String desc) {
                gathered.note(place, new V2TIMGroupInfoResult(code, desc, unknown));
            }
        });
        session.request("group.info", of(groupID).done(), one, one.reading(reply -> reply));
    }

    /** All or nothing. */
    private void changeMembers(String method, String groupID, List<String> userIDs,
            V2TIMValueCallback<List<V2TIMGroupMemberOperationResult>> callback) {
        Told<List<V2TIMGroupMemberOperationResult>> told = Told.of(session, callback);
        if (userIDs == null) {
            told.fail(Failure.invalidParams("the list of users must not be null"));
            return;
        }
        List<String> copy = new ArrayList<>(userIDs);
        fetch(method, of(groupID).list("userIDs", copy), told, done -> {
            List<V2TIMGroupMemberOperationResult> results = new ArrayList<>();
            for (String userID : copy) {
                results.add(new V2TIMGroupMemberOperationResult(userID));
            }
            return results;
        });
    }

    /** The answers of several questions; told when the last one is there. */
    private static final class Gathered {
        private final V2TIMGroupInfoResult[] results;
        private final Told<List<V2TIMGroupInfoResult>> told;
        private int missing;

        Gathered(int count, Told<List<V2TIMGroupInfoResult>> told) {
            results = new V2TIMGroupInfoResult[count];
            missing = count;
            this.told = told;
        }

        void note(int place, V2TIMGroupInfoResult result) {
            boolean isLast;
            synchronized (this) {
                results[place] = result;
                missing -= 1;
                isLast = missing == 0;
            }
            if (isLast) {
                told.succeedHere(Arrays.asList(results));
            }
        }
    }

    /** The numbers by which this interface names pages that the server names by a text. */
    private static final class Pages {
        /** A page's successor is asked for at once or never; those of a thousand lists that are read side by side are known. */
        private static final int MOST_KEPT = 1_000;

        private final Map<Long, String[]> kept = new Newest<>(MOST_KEPT);
        private long last;

        /** The number of the page after this text; 0 when there is none. */
        synchronized long keep(String groupID, String after) {
            if (after.isEmpty()) {
                return 0;
            }
            last += 1;
            kept.put(last, new String[] {groupID, after});
            return last;
        }

        /** The text; null when the number is of no page of this group, or too old. */
        synchronized String find(String groupID, long number) {
            String[] page = kept.get(number);
            return page != null && page[0].equals(groupID) ? page[1] : null;
        }
    }
}
