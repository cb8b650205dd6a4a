import dev.wigwag.internal.Native;
import dev.wigwag.v2tim.V2TIMManager;
import dev.wigwag.v2tim.V2TIMSDKConfig;
import dev.wigwag.v2tim.V2TIMSignalingListener;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.ObjectName;

/** Counts what stays after many logins and many calls: Leaks URL SDK_APP_ID SIG_OF_ALICE TOKEN_OF_BOB */
final class Leaks {
    private static final int LOGINS = 30;
    /** As many as the server's limits let one user make at once. */
    private static final int CALLS = 20;
    /** The JVM itself makes and drops a few. One for each login or call would be more than twice as many. */
    private static final int SPARE = 10;

    private Leaks() {}

    private static void login(String sig) {
        Checks.same(Checks.codeOf(callback -> V2TIMManager.getInstance().login("alice", sig, callback)), 0);
    }

    private static void logout() {
        Checks.same(Checks.codeOf(V2TIMManager.getInstance()::logout), 0);
    }

    /** As the JVM counts them for a dump of its threads. */
    private static int globalReferences() throws Exception {
        Object[] noWords = {new String[0]};
        String[] signature = {String[].class.getName()};
        String dump = (String) ManagementFactory.getPlatformMBeanServer()
                .invoke(new ObjectName("com.sun.management:type=DiagnosticCommand"), "threadPrint", noWords, signature);
        Matcher count = Pattern.compile("JNI global refs: (\\d+)").matcher(dump);
        Checks.check(count.find());
        return Integer.parseInt(count.group(1));
    }

    private static void calls(Checks.Peer bob, String sig) {
        login(sig);
        CompletableFuture<Boolean> last = new CompletableFuture<>();
        V2TIMSignalingListener accepts = new V2TIMSignalingListener() {
            @Override
            public void onReceiveNewInvitation(String inviteID, String inviter, String groupID, List<String> inviteeList, String data) {
                V2TIMManager.getSignalingManager().accept(inviteID, data, null);
                if (data.equals(String.valueOf(CALLS - 1))) {
                    last.complete(true);
                }
            }
        };
        V2TIMManager.getSignalingManager().addSignalingListener(accepts);
        for (int call = 0; call < CALLS; call++) {
            bob.invites("alice", String.valueOf(call));
            Checks.same(Checks.codeOf(callback -> V2TIMManager.getSignalingManager().cancel("unheard-of", "", callback)), 8010);
        }
        Checks.wait(last);
        V2TIMManager.getSignalingManager().removeSignalingListener(accepts);
        logout();
    }

    public static void main(String[] words) throws Exception {
        Checks.run(() -> {
            V2TIMSDKConfig config = new V2TIMSDKConfig();
            config.setServerAddress(words[0]);
            Checks.check(V2TIMManager.getInstance().initSDK(null, Integer.parseInt(words[1]), config));
            try (Checks.Peer bob = new Checks.Peer(words[0], words[3])) {
                login(words[2]);
                logout();
                int before = globalReferences();
                for (int round = 0; round < LOGINS; round++) {
                    login(words[2]);
                    logout();
                }
                calls(bob, words[2]);
                int after = globalReferences();
                System.out.println("global references: " + before + ", then " + after);
                Checks.check(after <= before + SPARE);
            }
            // Bob is closed, too: everybody who was to be called has been.
            Checks.same(Native.waiting(), 0);
            System.out.println("nothing stays");
        });
    }
}
