import dev.wigwag.v2tim.V2TIMCallback;
import dev.wigwag.v2tim.V2TIMManager;
import dev.wigwag.v2tim.V2TIMOfflinePushInfo;
import dev.wigwag.v2tim.V2TIMSDKConfig;
import dev.wigwag.v2tim.V2TIMSignalingListener;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Invites one user and waits for the answer: V2timCaller URL SDK_APP_ID USER USER_SIG INVITEE DATA [TIMEOUT]
 *
 * <p>Ends with 0 when the user accepts, 3 when they reject, 4 when the time is over, 1 when it fails.
 */
public final class V2timCaller {
    private static final CompletableFuture<Integer> OVER = new CompletableFuture<>();

    private V2timCaller() {}

    private static synchronized void say(String words) {
        System.out.println(words);
    }

    /** Prints whether the login succeeded, and lets the program wait for it. */
    private static final class LoggedIn implements V2TIMCallback {
        private final CompletableFuture<Boolean> succeeded = new CompletableFuture<>();

        @Override
        public void onSuccess() {
            say("connected");
            succeeded.complete(true);
        }

        @Override
        public void onError(int code, String desc) {
            say("login failed: " + code + " " + desc);
            succeeded.complete(false);
        }
    }

    /** Ends the program when the invitation is refused. */
    private static final class Invited implements V2TIMCallback {
        @Override
        public void onSuccess() {
            say("invited");
        }

        @Override
        public void onError(int code, String desc) {
            say("refused: " + code);
            OVER.complete(1);
        }
    }

    private static final class Answers extends V2TIMSignalingListener {
        @Override
        public void onInviteeAccepted(String inviteID, String invitee, String data) {
            say("accepted by " + invitee);
            OVER.complete(0);
        }

        @Override
        public void onInviteeRejected(String inviteID, String invitee, String data) {
            say("rejected by " + invitee + ": " + data);
            OVER.complete(3);
        }

        @Override
        public void onInvitationTimeout(String inviteID, List<String> inviteeList) {
            say("timed out: " + inviteeList.get(0));
            OVER.complete(4);
        }
    }

    public static void main(String[] words) throws Exception {
        if (words.length < 6) {
            System.err.println("usage: V2timCaller URL SDK_APP_ID USER USER_SIG INVITEE DATA [TIMEOUT]");
            System.exit(2);
        }
        V2TIMSDKConfig config = new V2TIMSDKConfig();
        config.setServerAddress(words[0]);
        V2TIMManager manager = V2TIMManager.getInstance();
        V2TIMManager.getSignalingManager().addSignalingListener(new Answers());
        manager.initSDK(null, Integer.parseInt(words[1]), config);
        LoggedIn loggedIn = new LoggedIn();
        manager.login(words[2], words[3], loggedIn);
        int code = 1;
        if (loggedIn.succeeded.get()) {
            int timeout = words.length > 6 ? Integer.parseInt(words[6]) : 30;
            // Its name is said before anything that comes of it.
            synchronized (V2timCaller.class) {
                String inviteID = V2TIMManager.getSignalingManager()
                        .invite(words[4], words[5], false, new V2TIMOfflinePushInfo(), timeout, new Invited());
                say("inviting: " + inviteID);
            }
            code = OVER.get();
        }
        manager.unInitSDK();
        System.exit(code);
    }
}
