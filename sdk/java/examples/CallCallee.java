import dev.wigwag.v2tim.CallEndReason;
import dev.wigwag.v2tim.CallEntry;
import dev.wigwag.v2tim.CallLeaveReason;
import dev.wigwag.v2tim.CallListener;
import dev.wigwag.v2tim.CallRing;
import dev.wigwag.v2tim.Calls;
import dev.wigwag.v2tim.RingEnd;
import dev.wigwag.v2tim.V2TIMCallback;
import dev.wigwag.v2tim.V2TIMManager;
import dev.wigwag.v2tim.V2TIMSDKConfig;
import dev.wigwag.v2tim.V2TIMValueCallback;
import java.util.concurrent.CompletableFuture;

/**
 * Answers every call: CallCallee URL SDK_APP_ID USER USER_SIG [FOLDER]
 *
 * <p>Comes into those whose data is not "no", answers what is signalled to it, and prints what happens. Ends after a call whose data was "bye", or
 * when the login fails. There is no media: {@code CallEntry.getMedia} has what an app gives to WebRTC or to LiveKit's client.
 */
public final class CallCallee {
    private static final CompletableFuture<Integer> OVER = new CompletableFuture<>();

    private CallCallee() {}

    private static void say(String words) {
        System.out.println(words);
    }

    private static Calls calls() {
        return V2TIMManager.getInstance().getCalls();
    }

    /** Prints how to take part. */
    private static final class CameIn implements V2TIMValueCallback<CallEntry> {
        @Override
        public void onSuccess(CallEntry entry) {
            say("in the call: " + entry.getCallID() + " by " + entry.getMedia().getProvider());
        }

        @Override
        public void onError(int code, String desc) {
            say("refused: " + code);
        }
    }

    private static final class Steps extends CallListener {
        private boolean isLast;

        @Override
        public void onRing(CallRing ring) {
            say("rings: " + ring.getCallID() + " from " + ring.getInviter() + ": " + ring.getMediaType() + " " + ring.getData());
            isLast = ring.getData().equals("bye");
            if (ring.getData().equals("no")) {
                calls().reject(ring.getInviteID(), "not today", null);
            } else if (!ring.getData().equals("ring on")) {
                calls().accept(ring.getInviteID(), "", new CameIn());
            }
        }

        @Override
        public void onRingEnded(String inviteID, String callID, RingEnd why) {
            say("ring ended: " + callID + " " + why.ordinal());
        }

        @Override
        public void onCallSignal(String callID, String sender, String deviceID, String data) {
            say("signal from " + sender + ": " + data);
            calls().signal(callID, sender, "you too", null);
        }

        @Override
        public void onPersonLeft(String callID, String userID, CallLeaveReason reason) {
            say("left: " + userID);
        }

        @Override
        public void onCallEnded(String callID, CallEndReason reason, long durationMs) {
            say("ended: " + callID + " " + reason.ordinal());
            if (isLast) {
                OVER.complete(0);
            }
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
            System.err.println("usage: CallCallee URL SDK_APP_ID USER USER_SIG [FOLDER]");
            System.exit(2);
        }
        V2TIMSDKConfig config = new V2TIMSDKConfig();
        config.setServerAddress(words[0]);
        config.setInitPath(words.length > 4 ? words[4] : "");
        V2TIMManager manager = V2TIMManager.getInstance();
        calls().addListener(new Steps());
        manager.initSDK(null, Integer.parseInt(words[1]), config);
        manager.login(words[2], words[3], new LoggedIn());
        int code = OVER.get();
        manager.unInitSDK();
        System.exit(code);
    }
}
