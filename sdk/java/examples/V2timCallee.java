import dev.wigwag.v2tim.V2TIMCallback;
import dev.wigwag.v2tim.V2TIMManager;
import dev.wigwag.v2tim.V2TIMSDKConfig;
import dev.wigwag.v2tim.V2TIMSignalingListener;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Answers every invitation: V2timCallee URL SDK_APP_ID USER USER_SIG [FOLDER]
 *
 * <p>Accepts those whose data is not "no", and prints what happens. Ends after one whose data is "bye", or when the login fails.
 */
public final class V2timCallee {
    private static final CompletableFuture<Integer> OVER = new CompletableFuture<>();

    private V2timCallee() {}

    private static void say(String words) {
        System.out.println(words);
    }

    /** Prints what became of an answer. */
    private static final class Answered implements V2TIMCallback {
        private final boolean isLast;

        Answered(boolean isLast) {
            this.isLast = isLast;
        }

        @Override
        public void onSuccess() {
            ends(0);
        }

        @Override
        public void onError(int code, String desc) {
            ends(code);
        }

        private void ends(int code) {
            say("answered: " + code);
            if (isLast) {
                OVER.complete(0);
            }
        }
    }

    private static final class Rings extends V2TIMSignalingListener {
        @Override
        public void onReceiveNewInvitation(String inviteID, String inviter, String groupID, List<String> inviteeList, String data) {
            say("rings: " + inviteID + " from " + inviter + ": " + data);
            if (data.equals("no")) {
                V2TIMManager.getSignalingManager().reject(inviteID, "not today", new Answered(false));
            } else if (!data.equals("leave it to another device")) {
                V2TIMManager.getSignalingManager().accept(inviteID, "", new Answered(data.equals("bye")));
            }
        }

        @Override
        public void onInviteeRejected(String inviteID, String invitee, String data) {
            say("rejected: " + inviteID);
        }

        @Override
        public void onInvitationCancelled(String inviteID, String inviter, String data) {
            say("cancelled: " + inviteID);
        }

        @Override
        public void onInvitationTimeout(String inviteID, List<String> inviteeList) {
            say("timed out: " + inviteID);
        }
    }

    private static final class LoggedIn implements V2TIMCallback {
        @Override
        public void onSuccess() {
            say("connected");
        }

        @Override
        public void onError(int code, String desc) {
            say("login failed: " + code + " " + desc);
            OVER.complete(1);
        }
    }

    public static void main(String[] words) throws Exception {
        if (words.length < 4) {
            System.err.println("usage: V2timCallee URL SDK_APP_ID USER USER_SIG [FOLDER]");
            System.exit(2);
        }
        V2TIMSDKConfig config = new V2TIMSDKConfig();
        config.setServerAddress(words[0]);
        config.setInitPath(words.length > 4 ? words[4] : "");
        V2TIMManager manager = V2TIMManager.getInstance();
        V2TIMManager.getSignalingManager().addSignalingListener(new Rings());
        manager.initSDK(null, Integer.parseInt(words[1]), config);
        manager.login(words[2], words[3], new LoggedIn());
        int code = OVER.get();
        manager.unInitSDK();
        System.exit(code);
    }
}
