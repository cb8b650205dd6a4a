import dev.wigwag.v2tim.CallEndReason;
import dev.wigwag.v2tim.CallEntry;
import dev.wigwag.v2tim.CallListener;
import dev.wigwag.v2tim.CallOptions;
import dev.wigwag.v2tim.Calls;
import dev.wigwag.v2tim.V2TIMCallback;
import dev.wigwag.v2tim.V2TIMManager;
import dev.wigwag.v2tim.V2TIMSDKConfig;
import dev.wigwag.v2tim.V2TIMValueCallback;
import java.util.concurrent.CompletableFuture;

/**
 * Calls one user, and hangs up when they have answered a signal: CallCaller URL SDK_APP_ID USER USER_SIG INVITEE DATA [TIMEOUT]
 *
 * <p>Ends with 0 when the call was, 3 when they reject, 4 when the time is over, 5 when they are busy, 1 when it fails.
 */
public final class CallCaller {
    private static final CompletableFuture<Integer> OVER = new CompletableFuture<>();

    private CallCaller() {}

    private static synchronized void say(String words) {
        System.out.println(words);
    }

    private static Calls calls() {
        return V2TIMManager.getInstance().getCalls();
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

    /** Ends the program when the call is refused. */
    private static final class Called implements V2TIMValueCallback<CallEntry> {
        @Override
        public void onSuccess(CallEntry entry) {
            say("called: " + entry.getRoomID() + " by " + entry.getMedia().getProvider());
        }

        @Override
        public void onError(int code, String desc) {
            say("refused: " + code);
            OVER.complete(1);
        }
    }

    private static final class Steps extends CallListener {
        @Override
        public void onPersonJoined(String callID, String userID, String deviceID) {
            say("joined: " + userID);
            calls().signal(callID, userID, "hello", null);
        }

        @Override
        public void onCallSignal(String callID, String sender, String deviceID, String data) {
            say("signal from " + sender + ": " + data);
            calls().hangUp(callID, null);
        }

        @Override
        public void onCallEnded(String callID, CallEndReason reason, long durationMs) {
            say("ended: " + callID + " " + reason.ordinal());
            switch (reason) {
                case HUNG_UP:
                    OVER.complete(0);
                    return;
                case REJECTED:
                    OVER.complete(3);
                    return;
                case TIMED_OUT:
                    OVER.complete(4);
                    return;
                case BUSY:
                    OVER.complete(5);
                    return;
                default:
                    OVER.complete(1);
            }
        }
    }

    public static void main(String[] words) throws Exception {
        if (words.length < 6) {
            System.err.println("usage: CallCaller URL SDK_APP_ID USER USER_SIG INVITEE DATA [TIMEOUT]");
            System.exit(2);
        }
        V2TIMSDKConfig config = new V2TIMSDKConfig();
        config.setServerAddress(words[0]);
        V2TIMManager manager = V2TIMManager.getInstance();
        calls().addListener(new Steps());
        manager.initSDK(null, Integer.parseInt(words[1]), config);
        LoggedIn loggedIn = new LoggedIn();
        manager.login(words[2], words[3], loggedIn);
        int code = 1;
        if (loggedIn.succeeded.get()) {
            CallOptions options = new CallOptions();
            options.setMediaType("audio");
            options.setData(words[5]);
            options.setTimeout(words.length > 6 ? Integer.parseInt(words[6]) : 30);
            // Its name is said before anything that comes of it.
            synchronized (CallCaller.class) {
                say("calling: " + calls().invite(words[4], options, new Called()));
            }
            code = OVER.get();
        }
        manager.unInitSDK();
        System.exit(code);
    }
}
