import dev.wigwag.v2tim.V2TIMCreateGroupMemberInfo;
import dev.wigwag.v2tim.V2TIMGroupChangeInfo;
import dev.wigwag.v2tim.V2TIMGroupInfo;
import dev.wigwag.v2tim.V2TIMGroupInfoResult;
import dev.wigwag.v2tim.V2TIMGroupListener;
import dev.wigwag.v2tim.V2TIMGroupManager;
import dev.wigwag.v2tim.V2TIMGroupMemberFullInfo;
import dev.wigwag.v2tim.V2TIMGroupMemberInfo;
import dev.wigwag.v2tim.V2TIMGroupMemberInfoResult;
import dev.wigwag.v2tim.V2TIMGroupMemberOperationResult;
import dev.wigwag.v2tim.V2TIMManager;
import dev.wigwag.v2tim.V2TIMSDKConfig;
import dev.wigwag.v2tim.V2TIMValueCallback;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Groups from their creation to their end: V2timGroups URL SDK_APP_ID SIG_OF_ALICE SIG_OF_BOB SIG_OF_CAROL
 *
 * <p>Alice uses the V2TIM interface; the others, and a second device of hers, are clients of the library.
 */
final class V2timGroups {
    private static final BlockingQueue<String> NEWS = new LinkedBlockingQueue<>();

    private V2timGroups() {}

    private static V2TIMGroupManager groups() {
        return V2TIMManager.getGroupManager();
    }

    private static void hears(String words) throws InterruptedException {
        Checks.same(NEWS.poll(Checks.PATIENCE_S, TimeUnit.SECONDS), words);
    }

    private static void does(Checks.Peer who, String method, String params) {
        Checks.Answer answer = new Checks.Answer();
        who.client.request(method, params, answer);
        answer.isOk();
    }

    private static String params(String rest) {
        return "{\"groupID\": \"talk\"" + rest + "}";
    }

    private static final class News extends V2TIMGroupListener {
        private static String names(List<V2TIMGroupMemberInfo> members) {
            List<String> names = new ArrayList<>();
            for (V2TIMGroupMemberInfo member : members) {
                names.add(member.getUserID());
            }
            return String.join(",", names);
        }

        @Override
        public void onMemberEnter(String groupID, List<V2TIMGroupMemberInfo> memberList) {
            NEWS.add(groupID + ": " + names(memberList) + " entered");
        }

        @Override
        public void onMemberLeave(String groupID, V2TIMGroupMemberInfo member) {
            NEWS.add(groupID + ": " + member.getUserID() + " left");
        }

        @Override
        public void onMemberInvited(String groupID, V2TIMGroupMemberInfo opUser, List<V2TIMGroupMemberInfo> memberList) {
            NEWS.add(groupID + ": " + opUser.getUserID() + " added " + names(memberList));
        }

        @Override
        public void onMemberKicked(String groupID, V2TIMGroupMemberInfo opUser, List<V2TIMGroupMemberInfo> memberList) {
            NEWS.add(groupID + ": " + opUser.getUserID() + " removed " + names(memberList));
        }

        @Override
        public void onGroupCreated(String groupID) {
            NEWS.add(groupID + ": created elsewhere");
        }

        @Override
        public void onGroupDismissed(String groupID, V2TIMGroupMemberInfo opUser) {
            NEWS.add(groupID + ": dismissed by " + opUser.getUserID());
        }

        @Override
        public void onGroupInfoChanged(String groupID, List<V2TIMGroupChangeInfo> changeInfos) {
            NEWS.add(groupID + ": " + changeInfos.get(0).getType() + " is " + changeInfos.get(0).getValue());
        }

        @Override
        public void onGrantAdministrator(String groupID, V2TIMGroupMemberInfo opUser, List<V2TIMGroupMemberInfo> memberList) {
            NEWS.add(groupID + ": " + opUser.getUserID() + " made admin " + names(memberList));
        }

        @Override
        public void onRevokeAdministrator(String groupID, V2TIMGroupMemberInfo opUser, List<V2TIMGroupMemberInfo> memberList) {
            NEWS.add(groupID + ": " + opUser.getUserID() + " made member " + names(memberList));
        }

        @Override
        public void onQuitFromGroup(String groupID) {
            NEWS.add(groupID + ": quit elsewhere");
        }

        @Override
        public void onGroupCounterChanged(String groupID, String key, long newValue) {
            NEWS.add(groupID + ": " + key + " is " + newValue);
        }

        @Override
        public void onReceiveRESTCustomData(String groupID, byte[] customData) {
            NEWS.add(groupID + ": a back end says " + new String(customData, StandardCharsets.UTF_8));
        }
    }

    private static void beforeTheLogin() {
        Checks.Outcome<List<V2TIMGroupInfoResult>> infos = new Checks.Outcome<>();
        groups().getGroupsInfo(Arrays.asList("talk", "nowhere"), infos);
        Checks.same(infos.code(), 6014);
        Checks.Outcome<List<V2TIMGroupInfo>> joined = new Checks.Outcome<>();
        groups().getJoinedGroupList(joined);
        Checks.same(joined.code(), 6014);
        // Without a callback nothing is told, and nothing breaks.
        groups().getJoinedGroupList(null);
        groups().getGroupsInfo(Collections.singletonList("talk"), null);
    }

    private static void isNotCreated(V2TIMGroupInfo info, List<V2TIMCreateGroupMemberInfo> members) {
        Checks.Outcome<String> created = new Checks.Outcome<>();
        groups().createGroup(info, members, created);
        Checks.same(created.code(), 6017);
    }

    private static void wrongParameters() {
        isNotCreated(null, null);
        V2TIMGroupInfo info = new V2TIMGroupInfo();
        isNotCreated(info, null);
        info.setGroupType("Public");
        info.setGroupName("\ud800");
        isNotCreated(info, null);
        info.setGroupName("a name");
        isNotCreated(info, Collections.singletonList(null));
        info.setGroupAddOpt(3);
        isNotCreated(info, null);
        for (List<String> wrong : Arrays.asList(null, Collections.<String>emptyList(), Collections.nCopies(51, "g"))) {
            Checks.Outcome<List<V2TIMGroupInfoResult>> infos = new Checks.Outcome<>();
            groups().getGroupsInfo(wrong, infos);
            Checks.same(infos.code(), 6017);
        }
        for (long[] wrong : new long[][] {{8, 0}, {-1, 0}, {0, 77}, {0, -1}}) {
            Checks.Outcome<V2TIMGroupMemberInfoResult> page = new Checks.Outcome<>();
            groups().getGroupMemberList("talk", (int) wrong[0], wrong[1], page);
            Checks.same(page.code(), 6017);
        }
        Checks.same(Checks.codeOf(callback -> groups().setGroupMemberRole("talk", "bob", 400, callback)), 6017);
        Checks.same(Checks.codeOf(callback -> groups().setGroupInfo(new V2TIMGroupInfo(), callback)), 6017);
        Checks.same(Checks.codeOf(callback -> groups().setGroupInfo(null, callback)), 6017);
        Checks.same(Checks.codeOf(callback -> groups().transferGroupOwner(null, null, callback)), 6017);
        Checks.Outcome<List<V2TIMGroupMemberOperationResult>> nobody = new Checks.Outcome<>();
        groups().inviteUserToGroup("talk", null, nobody);
        Checks.same(nobody.code(), 6017);
    }

    private static void theFirstMembers() {
        V2TIMGroupInfo info = new V2TIMGroupInfo();
        info.setGroupID("talk");
        info.setGroupType(V2TIMManager.GROUP_TYPE_MEETING);
        info.setGroupName("Talk");
        List<V2TIMCreateGroupMemberInfo> members = new ArrayList<>();
        for (String userID : new String[] {"bob", "nobody"}) {
            V2TIMCreateGroupMemberInfo member = new V2TIMCreateGroupMemberInfo();
            member.setUserID(userID);
            members.add(member);
        }
        Checks.Outcome<String> created = new Checks.Outcome<>();
        groups().createGroup(info, members, created);
        Checks.same(created.get(), "talk");
        Checks.Outcome<List<V2TIMGroupInfoResult>> infos = new Checks.Outcome<>();
        groups().getGroupsInfo(Arrays.asList("talk", "nowhere"), infos);
        List<V2TIMGroupInfoResult> found = infos.get();
        Checks.check(found.size() == 2 && found.get(0).getResultCode() == 0 && found.get(1).getResultCode() == 10010);
        Checks.same(found.get(1).getGroupInfo().getGroupID(), "nowhere");
        V2TIMGroupInfo talk = found.get(0).getGroupInfo();
        Checks.same(Arrays.asList(talk.getGroupType(), talk.getGroupName(), talk.getOwner()), Arrays.asList("Meeting", "Talk", "alice"));
        Checks.check(talk.getMemberCount() == 2 && talk.getCreateTime() > 1_700_000_000);
        Checks.same(talk.getGroupAddOpt(), V2TIMGroupInfo.V2TIM_GROUP_ADD_ANY);
    }

    private static void theMembers(Checks.Peer bob, Checks.Peer carol) throws InterruptedException {
        does(carol, "group.join", params(""));
        hears("talk: carol entered");
        Checks.same(Checks.codeOf(callback -> groups().setGroupMemberRole("talk", "bob", 300, callback)), 0);
        Checks.Outcome<V2TIMGroupMemberInfoResult> all = new Checks.Outcome<>();
        groups().getGroupMemberList("talk", V2TIMGroupMemberFullInfo.V2TIM_GROUP_MEMBER_FILTER_ALL, 0, all);
        List<V2TIMGroupMemberFullInfo> page = all.get().getMemberInfoList();
        Checks.check(all.get().getNextSeq() == 0 && page.size() == 3);
        Checks.check(page.get(0).getUserID().equals("alice") && page.get(0).getRole() == 400);
        Checks.check(page.get(2).getUserID().equals("carol") && page.get(2).getRole() == 200);
        Checks.Outcome<V2TIMGroupMemberInfoResult> admins = new Checks.Outcome<>();
        groups().getGroupMemberList("talk", V2TIMGroupMemberFullInfo.V2TIM_GROUP_MEMBER_FILTER_ADMIN, 0, admins);
        page = admins.get().getMemberInfoList();
        Checks.check(page.size() == 1 && page.get(0).getUserID().equals("bob") && page.get(0).getJoinTime() > 1_700_000_000);

        Checks.Outcome<List<V2TIMGroupMemberOperationResult>> kicked = new Checks.Outcome<>();
        groups().kickGroupMember("talk", Collections.singletonList("carol"), "too loud", kicked);
        Checks.check(kicked.get().size() == 1 && kicked.get().get(0).getMemberID().equals("carol") && kicked.get().get(0).getResult() == 1);
        does(bob, "group.addMembers", params(", \"userIDs\": [\"carol\"]"));
        hears("talk: bob added carol");
        does(bob, "group.removeMembers", params(", \"userIDs\": [\"carol\"]"));
        hears("talk: bob removed carol");
        Checks.Outcome<List<V2TIMGroupMemberOperationResult>> added = new Checks.Outcome<>();
        groups().inviteUserToGroup("talk", Collections.singletonList("carol"), added);
        Checks.same(added.get().size(), 1);
        does(carol, "group.quit", params(""));
        hears("talk: carol left");
    }

    private static void theDescription(Checks.Peer bob) throws InterruptedException {
        does(bob, "group.setInfo", params(", \"name\": \"Long talk\""));
        hears("talk: 1 is Long talk");
        V2TIMGroupInfo info = new V2TIMGroupInfo();
        info.setGroupID("talk");
        info.setGroupAddOpt(V2TIMGroupInfo.V2TIM_GROUP_ADD_AUTH);
        Checks.same(Checks.codeOf(callback -> groups().setGroupInfo(info, callback)), 0);
        Checks.Outcome<List<V2TIMGroupInfo>> joined = new Checks.Outcome<>();
        groups().getJoinedGroupList(joined);
        Checks.check(joined.get().size() == 1 && joined.get().get(0).getGroupName().equals("Long talk"));
        Checks.same(joined.get().get(0).getGroupAddOpt(), V2TIMGroupInfo.V2TIM_GROUP_ADD_FORBID);
    }

    private static void theRoles(Checks.Peer bob) throws InterruptedException {
        Checks.same(Checks.codeOf(callback -> groups().transferGroupOwner("talk", "bob", callback)), 0);
        does(bob, "group.setRole", params(", \"userID\": \"alice\", \"role\": \"member\""));
        hears("talk: bob made member alice");
        does(bob, "group.setRole", params(", \"userID\": \"alice\", \"role\": \"admin\""));
        hears("talk: bob made admin alice");
        does(bob, "group.setRole", params(", \"userID\": \"alice\", \"role\": \"owner\""));
        hears("talk: 5 is alice");
    }

    private static Map<String, Long> counters(Consumer<V2TIMValueCallback<Map<String, Long>>> call) {
        Checks.Outcome<Map<String, Long>> outcome = new Checks.Outcome<>();
        call.accept(outcome);
        return outcome.get();
    }

    /** Alice counts with Bob, whose numbers are on the other side of 0. */
    private static void theCounters(Checks.Peer bob) throws InterruptedException {
        long largest = 9_007_199_254_740_991L;
        Map<String, Long> first = new TreeMap<>();
        first.put("likes", 0L);
        first.put("\"gifts\"", largest);
        Checks.same(counters(told -> groups().setGroupCounters("talk", first, told)), first);
        does(bob, "group.setAttributes", params(", \"add\": {\"likes\": -7}"));
        hears("talk: likes is -7");
        Map<String, Long> more = Collections.singletonMap("likes", 2L);
        Checks.same(counters(told -> groups().increaseGroupCounter("talk", "likes", 9, told)), more);
        Map<String, Long> fewer = Collections.singletonMap("likes", -3L);
        Checks.same(counters(told -> groups().decreaseGroupCounter("talk", "likes", 5, told)), fewer);
        Checks.same(counters(told -> groups().getGroupCounters("talk", Arrays.asList("likes", "none"), told)), fewer);
        Checks.same(counters(told -> groups().getGroupCounters("talk", null, told)).size(), 2);
        for (long value : new long[] {largest + 1, Long.MAX_VALUE, Long.MIN_VALUE}) {
            Checks.Outcome<Map<String, Long>> tooLarge = new Checks.Outcome<>();
            groups().decreaseGroupCounter("talk", "likes", value, tooLarge);
            Checks.same(tooLarge.code(), 10004);
        }
        for (Map<String, Long> wrong : Arrays.asList(null, Collections.<String, Long>singletonMap("likes", null))) {
            Checks.Outcome<Map<String, Long>> refused = new Checks.Outcome<>();
            groups().setGroupCounters("talk", wrong, refused);
            Checks.same(refused.code(), 6017);
        }
    }

    /** The test is the back end, and waits for the line. */
    private static void theNotice() throws InterruptedException {
        System.out.println("a back end may say something");
        hears("talk: a back end says zehn Uhr f\u00fcnf \"sharp\"");
    }

    /** What one did on another device is told; what one did here is not. */
    private static void theOtherDevice(Checks.Peer desk) throws InterruptedException {
        does(desk, "group.create", "{\"groupID\": \"two\", \"name\": \"Two\", \"joinPolicy\": \"inviteOnly\", \"members\": [\"bob\"]}");
        hears("two: created elsewhere");
        Checks.Outcome<List<V2TIMGroupInfoResult>> infos = new Checks.Outcome<>();
        groups().getGroupsInfo(Collections.singletonList("two"), infos);
        // Made by a native client, which keeps no type of Tencent's.
        Checks.same(infos.get().get(0).getGroupInfo().getGroupType(), "Work");
        does(desk, "group.setRole", "{\"groupID\": \"two\", \"userID\": \"bob\", \"role\": \"owner\"}");
        hears("two: 5 is bob");
        does(desk, "group.quit", "{\"groupID\": \"two\"}");
        hears("two: quit elsewhere");
        does(desk, "group.dismiss", params(""));
        hears("talk: dismissed by alice");
    }

    public static void main(String[] words) throws Exception {
        Checks.run(() -> {
            V2TIMSDKConfig config = new V2TIMSDKConfig();
            config.setServerAddress(words[0]);
            V2TIMManager sdk = V2TIMManager.getInstance();
            Checks.check(sdk.initSDK(null, Integer.parseInt(words[1]), config));
            beforeTheLogin();
            V2TIMGroupListener news = new News();
            sdk.addGroupListener(news);
            Checks.same(Checks.codeOf(callback -> sdk.login("alice", words[2], callback)), 0);
            wrongParameters();
            try (Checks.Peer bob = new Checks.Peer(words[0], words[3]);
                    Checks.Peer carol = new Checks.Peer(words[0], words[4]);
                    Checks.Peer desk = new Checks.Peer(words[0], words[2])) {
                theFirstMembers();
                theMembers(bob, carol);
                theDescription(bob);
                theCounters(bob);
                theRoles(bob);
                theNotice();
                theOtherDevice(desk);
            }
            sdk.removeGroupListener(news);
            sdk.unInitSDK();
            System.out.println("groups from their creation to their end");
        });
    }
}
