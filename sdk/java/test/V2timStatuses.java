import dev.wigwag.v2tim.V2TIMManager;
import dev.wigwag.v2tim.V2TIMSDKConfig;
import dev.wigwag.v2tim.V2TIMSDKListener;
import dev.wigwag.v2tim.V2TIMUserStatus;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Who is online, and what they say of themselves: V2timStatuses URL SDK_APP_ID SIG_OF_ALICE SIG_OF_BOB
 *
 * <p>Alice uses the V2TIM interface; bob, and a second device of hers, are clients of the library.
 */
final class V2timStatuses {
    private static final BlockingQueue<String> NEWS = new LinkedBlockingQueue<>();

    private V2timStatuses() {}

    private static V2TIMManager sdk() {
        return V2TIMManager.getInstance();
    }

    private static String words(V2TIMUserStatus status) {
        return status.getUserID() + " " + status.getStatusType() + " " + status.getCustomStatus();
    }

    private static final class News extends V2TIMSDKListener {
        @Override
        public void onUserStatusChanged(List<V2TIMUserStatus> userStatusList) {
            userStatusList.forEach(status -> NEWS.add(words(status)));
        }
    }

    private static void does(Checks.Peer who, String method, String params) {
        Checks.Answer answer = new Checks.Answer();
        who.client.request(method, params, answer);
        answer.isOk();
    }

    private static int codeOfSaying(String words) {
        V2TIMUserStatus status = new V2TIMUserStatus();
        status.setCustomStatus(words);
        return Checks.codeOf(told -> sdk().setSelfStatus(status, told));
    }

    private static Checks.Outcome<List<V2TIMUserStatus>> asks(List<String> users) {
        Checks.Outcome<List<V2TIMUserStatus>> outcome = new Checks.Outcome<>();
        sdk().getUserStatus(users, outcome);
        return outcome;
    }

    private static int codeOfWatching(List<String> users) {
        return Checks.codeOf(told -> sdk().subscribeUserStatus(users, told));
    }

    private static void whoIsNotThere() {
        Checks.same(asks(Collections.singletonList("bob")).code(), 6014);
        Checks.same(codeOfSaying("in a call"), 6014);
        Checks.same(codeOfWatching(Collections.singletonList("bob")), 6014);
    }

    private static void wrongParameters() {
        for (List<String> users : Arrays.asList(null, Collections.<String>emptyList(), Collections.<String>singletonList(null))) {
            Checks.same(asks(users).code(), 6017);
            Checks.same(codeOfWatching(users), 6017);
        }
        Checks.same(Checks.codeOf(told -> sdk().setSelfStatus(null, told)), 6017);
        Checks.same(codeOfSaying(null), 6017);
        Checks.same(codeOfSaying(String.join("", Collections.nCopies(101, "a"))), 8001);
        // Without a callback nothing is told, and nothing breaks.
        sdk().getUserStatus(Collections.singletonList("bob"), null);
    }

    /** A hundred users of whom nothing is known. */
    private static List<String> nobodies() {
        List<String> users = new ArrayList<>();
        for (int index = 0; index < 100; index++) {
            users.add("nobody-" + index);
        }
        return users;
    }

    /** More than one request may name: they are asked for in two. */
    private static void theOthers() {
        List<String> users = nobodies();
        users.add("bob");
        List<V2TIMUserStatus> found = asks(users).get();
        Checks.same(found.size(), 101);
        Checks.same(words(found.get(0)), "nobody-0 0 ");
        Checks.same(words(found.get(100)), "bob 1 at lunch");
    }

    private static void ones(Checks.Peer desk) {
        Checks.same(codeOfSaying("in a call"), 0);
        Checks.same(Checks.next(NEWS), "alice 1 in a call");
        does(desk, "user.setStatus", "{\"status\": \"at my desk\"}");
        Checks.same(Checks.next(NEWS), "alice 1 at my desk");
    }

    private static void changes(Checks.Peer bob) {
        List<String> users = nobodies();
        users.add(0, "bob");
        Checks.same(codeOfWatching(users), 0);
        // Bob was the oldest of 101, so nobody hears of him; named again he is the newest.
        Checks.same(codeOfWatching(Collections.singletonList("bob")), 0);
        does(bob, "user.setStatus", "{\"status\": \"back\"}");
        Checks.same(Checks.next(NEWS), "bob 1 back");
        Checks.same(Checks.codeOf(told -> sdk().unsubscribeUserStatus(Collections.emptyList(), told)), 0);
    }

    public static void main(String[] words) throws Exception {
        Checks.run(() -> {
            Checks.same(words.length, 4);
            V2TIMSDKConfig config = new V2TIMSDKConfig();
            config.setServerAddress(words[0]);
            Checks.check(sdk().initSDK(null, Integer.parseInt(words[1]), config));
            whoIsNotThere();
            Checks.same(Checks.codeOf(told -> sdk().login("alice", words[2], told)), 0);
            News news = new News();
            try (Checks.Peer bob = new Checks.Peer(words[0], words[3]); Checks.Peer desk = new Checks.Peer(words[0], words[2])) {
                // Those whom somebody has written to may see how they are.
                does(bob, "message.send", "{\"userID\": \"alice\", \"type\": \"text\", \"content\": {\"text\": \"hi\"}}");
                does(bob, "user.setStatus", "{\"status\": \"at lunch\"}");
                sdk().addIMSDKListener(news);
                wrongParameters();
                theOthers();
                ones(desk);
                changes(bob);
            }
            sdk().removeIMSDKListener(news);
            sdk().unInitSDK();
            System.out.println("statuses were told");
        });
    }
}
