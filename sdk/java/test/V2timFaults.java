import dev.wigwag.v2tim.V2TIMAdvancedMsgListener;
import dev.wigwag.v2tim.V2TIMCallback;
import dev.wigwag.v2tim.V2TIMManager;
import dev.wigwag.v2tim.V2TIMMessage;
import dev.wigwag.v2tim.V2TIMOfflinePushInfo;
import dev.wigwag.v2tim.V2TIMSDKConfig;
import dev.wigwag.v2tim.V2TIMSignalingInfo;
import dev.wigwag.v2tim.V2TIMSignalingListener;
import dev.wigwag.v2tim.V2TIMSignalingManager;
import dev.wigwag.Invite;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What the V2TIM interface refuses, and what it bears: V2timFaults URL SDK_APP_ID SIG_OF_ALICE SIG_OF_BOB FOLDER
 *
 * <p>Alice uses that interface, of which a process has one; Bob is a client of the library.
 */
final class V2timFaults {
    private V2timFaults() {}

    private static V2TIMManager sdk() {
        return V2TIMManager.getInstance();
    }

    private static V2TIMSignalingManager signaling() {
        return V2TIMManager.getSignalingManager();
    }

    private static int login(String user, String sig) {
        return Checks.codeOf(callback -> sdk().login(user, sig, callback));
    }

    private static void beforeTheLogin(String url, int appID, String folder) {
        Checks.same(login("alice", "sig"), 6013);
        Checks.check(sdk().getLoginUser() == null && sdk().getServerTime() == 0);
        V2TIMSDKConfig config = new V2TIMSDKConfig();
        Checks.check(!sdk().initSDK(null, appID, config) && !sdk().initSDK(null, appID, null));
        config.setServerAddress(url);
        config.setInitPath(folder);
        Checks.check(!sdk().initSDK(null, 0, config) && sdk().initSDK(null, appID, config));
        Checks.same(sdk().getLoginStatus(), V2TIMManager.V2TIM_STATUS_LOGOUT);
        Checks.same(Checks.codeOf(callback -> signaling().accept("i", "", callback)), 6014);
        Checks.Outcome<Object> invited = new Checks.Outcome<>();
        Checks.check(signaling().invite("bob", "", false, null, 30, invited) == null);
        Checks.same(invited.code(), 6014);
        for (String[] wrong : new String[][] {{"", "sig"}, {"alice", ""}, {null, "sig"}, {"alice", null}, {"alice", "\ud800"}}) {
            Checks.same(login(wrong[0], wrong[1]), 6017);
        }
        Checks.same(login("alice", "no token at all"), 70003);
        Checks.same(sdk().getLoginStatus(), V2TIMManager.V2TIM_STATUS_LOGOUT);
        config.setServerAddress("no address");
        Checks.check(sdk().initSDK(null, appID, config));
        Checks.same(login("alice", "sig"), 6017);
        config.setServerAddress(url);
        config.setInitPath("no\0folder");
        Checks.check(sdk().initSDK(null, appID, config));
        Checks.same(login("alice", "sig"), 6013);
        Checks.same(sdk().getLoginStatus(), V2TIMManager.V2TIM_STATUS_LOGOUT);
        config.setInitPath(folder);
        Checks.check(sdk().initSDK(null, appID, config));
        // Without a callback nothing is told, and nothing breaks.
        signaling().accept("i", "", null);
        sdk().logout(null);
    }

    private static void theLogin(String sig) {
        Checks.Outcome<Object> first = new Checks.Outcome<>();
        sdk().login("alice", sig, first);
        int second = login("alice", sig);
        Checks.same(first.code(), 0);
        Checks.check(second == 7501 || second == 0);
        Checks.same(sdk().getLoginStatus(), V2TIMManager.V2TIM_STATUS_LOGINED);
        Checks.same(sdk().getLoginUser(), "alice");
        Checks.check(Math.abs(sdk().getServerTime() - System.currentTimeMillis() / 1000) < 60);
        Checks.same(login("alice", sig), 0);
    }

    private static void refuses(int code, boolean isNamed, String invitee, String data, int timeout) {
        Checks.Outcome<Object> outcome = new Checks.Outcome<>();
        String inviteID = signaling().invite(invitee, data, false, new V2TIMOfflinePushInfo(), timeout, outcome);
        Checks.check((inviteID != null) == isNamed);
        Checks.same(outcome.code(), code);
    }

    private static void wrongParameters() {
        refuses(6017, false, "", "", 30);
        refuses(6017, false, null, null, 30);
        refuses(6017, false, "bob", "\ud83d", 30);
        refuses(6017, false, "not a userID", "", 30);
        refuses(6017, false, "bob", "", -1);
        refuses(20003, true, "nobody", "", 30);
        Checks.Outcome<Object> inNoGroup = new Checks.Outcome<>();
        Checks.check(signaling().inviteInGroup("no-group", Arrays.asList("bob"), "", false, 30, inNoGroup) != null);
        Checks.same(inNoGroup.code(), 10010);
        for (List<String> wrong : Arrays.asList(null, Arrays.asList("bob", null), Arrays.asList("not a userID"))) {
            Checks.Outcome<Object> outcome = new Checks.Outcome<>();
            Checks.check(signaling().inviteInGroup("no-group", wrong, "", false, 30, outcome) == null);
            Checks.same(outcome.code(), 6017);
        }
        Checks.same(Checks.codeOf(callback -> signaling().cancel("unheard-of", "", callback)), 8010);
        for (String wrong : new String[] {null, "", "\u4e2d", "\udc00"}) {
            Checks.same(Checks.codeOf(callback -> signaling().accept(wrong, null, callback)), 6017);
            Checks.same(Checks.codeOf(callback -> signaling().reject(wrong, null, callback)), 6017);
            Checks.same(Checks.codeOf(callback -> signaling().cancel(wrong, null, callback)), 6017);
            Checks.same(Checks.codeOf(callback -> signaling().modifyInvitation(wrong, null, callback)), 6017);
        }
        Checks.same(Checks.codeOf(callback -> signaling().addInvitedSignaling(new V2TIMSignalingInfo(), callback)), 6017);
        Checks.same(Checks.codeOf(callback -> signaling().addInvitedSignaling(null, callback)), 6017);
        Checks.check(signaling().getSignalingInfo(null) == null);
        signaling().addSignalingListener(null);
        signaling().removeSignalingListener(null);
    }

    private static void pushSettingsThatAreNotUtf8() {
        V2TIMOfflinePushInfo push = new V2TIMOfflinePushInfo();
        push.setExt(new byte[] {(byte) 0xc3, '('});
        Checks.Outcome<Object> invited = new Checks.Outcome<>();
        Checks.check(signaling().invite("bob", "", false, push, 30, invited) == null);
        Checks.same(invited.code(), 6017);
        Checks.Outcome<V2TIMMessage> sent = new Checks.Outcome<>();
        V2TIMMessage text = V2TIMManager.getMessageManager().createTextMessage("x");
        Checks.check(V2TIMManager.getMessageManager().sendMessage(text, "bob", null, 0, false, push, sent) == null);
        Checks.same(sent.code(), 6017);
    }

    /** Accepting what is not addressed to one, and making known what is known, over, or nowhere. */
    private static void invitations(Checks.Peer bob) {
        Checks.Outcome<Object> invited = new Checks.Outcome<>();
        String own = signaling().invite("bob", "mine", false, new V2TIMOfflinePushInfo(), 30, invited);
        Checks.check(own.length() == 36 && invited.code() == 0);
        Checks.same(Checks.codeOf(callback -> signaling().accept(own, "", callback)), 8011);
        Checks.same(Checks.codeOf(callback -> signaling().cancel(own, "", callback)), 0);
        Checks.Rings rings = new Checks.Rings();
        signaling().addSignalingListener(rings);
        signaling().addSignalingListener(rings);
        // Beyond the basic plane, and a NUL.
        String inviteID = bob.invites("alice", "for alice \ud83d\udd14 \0");
        Checks.same(rings.next(), inviteID);
        V2TIMSignalingInfo info = new V2TIMSignalingInfo();
        info.setInviteID(inviteID);
        info.setInviter("bob");
        info.setInviteeList(Arrays.asList("alice"));
        Checks.same(Checks.codeOf(callback -> signaling().addInvitedSignaling(info, callback)), 8012);
        Checks.same(Checks.codeOf(callback -> signaling().accept(inviteID, "", callback)), 0);
        Checks.same(Checks.codeOf(callback -> signaling().addInvitedSignaling(info, callback)), 8010);
        info.setInviteID("unheard-of");
        Checks.same(Checks.codeOf(callback -> signaling().addInvitedSignaling(info, callback)), 8010);
        signaling().removeSignalingListener(rings);
    }

    /** Listeners that throw, and that remove themselves, disturb nobody. */
    private static void listeners(Checks.Peer bob) {
        AtomicInteger thrown = new AtomicInteger();
        V2TIMManager.setExceptionReporter(what -> {
            thrown.incrementAndGet();
            throw new IllegalStateException("the reporter throws, too");
        });
        V2TIMSignalingListener throwing = new V2TIMSignalingListener() {
            @Override
            public void onReceiveNewInvitation(String inviteID, String inviter, String groupID, List<String> inviteeList, String data) {
                throw new StackOverflowError("of the app's own");
            }
        };
        AtomicInteger calls = new AtomicInteger();
        V2TIMSignalingListener removesItself = new V2TIMSignalingListener() {
            @Override
            public void onReceiveNewInvitation(String inviteID, String inviter, String groupID, List<String> inviteeList, String data) {
                calls.incrementAndGet();
                signaling().removeSignalingListener(this);
            }
        };
        Checks.Rings rings = new Checks.Rings();
        for (V2TIMSignalingListener listener : Arrays.asList(throwing, removesItself, rings)) {
            signaling().addSignalingListener(listener);
        }
        for (int round = 0; round < 2; round++) {
            Checks.same(bob.invites("alice", "again"), rings.next());
        }
        Checks.check(thrown.get() == 2 && calls.get() == 1);
        for (V2TIMSignalingListener listener : Arrays.asList(throwing, rings)) {
            signaling().removeSignalingListener(listener);
        }
        V2TIMCallback throwingCallback = new V2TIMCallback() {
            @Override
            public void onSuccess() {
                throw new IllegalStateException();
            }

            @Override
            public void onError(int code, String desc) {
                throw new IllegalStateException();
            }
        };
        signaling().cancel("unheard-of", "", throwingCallback);
        signaling().cancel("", "", throwingCallback);
        Checks.same(Checks.codeOf(callback -> signaling().cancel("unheard-of", "", callback)), 8010);
        Checks.same(thrown.get(), 4);
        Checks.watchCallbacks();
    }

    private static void messages() {
        Checks.Outcome<V2TIMMessage> sent = new Checks.Outcome<>();
        Checks.check(sdk().sendC2CTextMessage("hello \"bob\"\n\u0001", "bob", sent) != null);
        V2TIMMessage text = sent.get();
        Checks.check(text.getSeq() > 0 && text.isSelf() && signaling().getSignalingInfo(text) == null);
        Checks.same(text.getTextElem().getText(), "hello \"bob\"\n\u0001");
        Checks.Outcome<Object> invited = new Checks.Outcome<>();
        V2TIMOfflinePushInfo push = new V2TIMOfflinePushInfo();
        push.setDesc("a call");
        push.setExt("{}".getBytes(StandardCharsets.UTF_8));
        String inviteID = signaling().invite("bob", "{\"a\": 1}", false, push, 30, invited);
        Checks.same(invited.code(), 0);
        // Leaves no message.
        Checks.same(Checks.codeOf(callback -> signaling().invite("bob", "quiet", true, null, 30, callback)), 0);
        Checks.Outcome<List<V2TIMMessage>> history = new Checks.Outcome<>();
        V2TIMManager.getMessageManager().getC2CHistoryMessageList("bob", 2, null, history);
        List<V2TIMMessage> page = history.get();
        Checks.check(page.size() == 2 && page.get(1).getMsgID().equals(text.getMsgID()));
        Checks.same(page.get(1).getTextElem().getText(), "hello \"bob\"\n\u0001");
        V2TIMSignalingInfo info = signaling().getSignalingInfo(page.get(0));
        Checks.same(Arrays.asList(info.getInviteID(), info.getInviter(), info.getData()), Arrays.asList(inviteID, "alice", "{\"a\": 1}"));
        Checks.check(info.getTimeout() == 30 && info.getActionType() == V2TIMSignalingInfo.SIGNALING_ACTION_TYPE_INVITE);
        Checks.same(info.getInviteeList(), Collections.singletonList("bob"));
        messagesThatAreNotSent();
    }

    private static void messagesThatAreNotSent() {
        V2TIMMessage draft = V2TIMManager.getMessageManager().createTextMessage("x");
        V2TIMMessage binary = V2TIMManager.getMessageManager().createCustomMessage(new byte[] {(byte) 0xff});
        for (V2TIMMessage message : Arrays.asList(draft, null, binary)) {
            Checks.Outcome<V2TIMMessage> nowhere = new Checks.Outcome<>();
            String receiver = message == draft ? null : "bob";
            Checks.check(V2TIMManager.getMessageManager().sendMessage(message, receiver, null, 0, false, null, nowhere) == null);
            Checks.same(nowhere.code(), 6017);
        }
        for (int count : new int[] {0, 101}) {
            Checks.Outcome<List<V2TIMMessage>> page = new Checks.Outcome<>();
            V2TIMManager.getMessageManager().getC2CHistoryMessageList("bob", count, null, page);
            Checks.same(page.code(), 6017);
        }
        Checks.same(Checks.codeOf(callback -> V2TIMManager.getMessageManager().revokeMessage(draft, callback)), 20022);
        Checks.same(Checks.codeOf(callback -> V2TIMManager.getMessageManager().markC2CMessageAsRead(null, callback)), 6017);
    }

    private static void aGroup() {
        Checks.Outcome<String> created = new Checks.Outcome<>();
        sdk().createGroup(V2TIMManager.GROUP_TYPE_MEETING, null, "the class", created);
        String groupID = created.get();
        Checks.Outcome<Object> alone = new Checks.Outcome<>();
        Checks.check(signaling().inviteInGroup(groupID, Arrays.asList("bob"), "", false, 30, alone) != null);
        Checks.same(alone.code(), 10004);
        Checks.same(Checks.codeOf(callback -> sdk().dismissGroup(groupID, callback)), 0);
        Checks.Outcome<String> without = new Checks.Outcome<>();
        sdk().createGroup(null, null, null, without);
        Checks.same(without.code(), 6017);
    }

    /** A call: bob's invitation opens it, alice comes in, bob leaves. */
    private static void aCall(Checks.Peer bob) {
        Checks.Rings rings = new Checks.Rings();
        signaling().addSignalingListener(rings);
        String inviteID = bob.invites(Invite.user("alice").data("a call").timeout(30).opensCall("audio"));
        Checks.same(rings.next(), inviteID);
        Checks.same(Checks.codeOf(callback -> signaling().accept(inviteID, "", callback)), 0);
        signaling().removeSignalingListener(rings);
        Checks.Outcome<String> calls = new Checks.Outcome<>();
        sdk().request("call.list", "{\"limit\": 1}", calls);
        Checks.check(calls.get().contains("\"callID\":\"" + inviteID + "\""));
        CompletableFuture<String> end = new CompletableFuture<>();
        sdk().addEventListener((name, json) -> {
            if (name.equals("call.hungUp")) {
                end.complete(json);
            }
        });
        Checks.Answer hungUp = new Checks.Answer();
        bob.client.hangUp(inviteID, hungUp);
        hungUp.isOk();
        Checks.check(bob.client.knownCall(inviteID).contains(inviteID) && bob.client.knownCall("unheard-of").isEmpty());
        Checks.check(Checks.wait(end).contains(inviteID));
        for (String[] wrong : new String[][] {{"call.fly", "{}"}, {"call.get", "no JSON"}, {null, null}, {"session.close", "{}"}}) {
            Checks.Outcome<String> outcome = new Checks.Outcome<>();
            sdk().request(wrong[0], wrong[1], outcome);
            Checks.same(outcome.code(), 6017);
        }
    }

    private static void loggingOutInACallback(Checks.Peer bob, String sig) {
        CompletableFuture<Integer> code = new CompletableFuture<>();
        V2TIMSignalingListener logsOut = new V2TIMSignalingListener() {
            @Override
            public void onReceiveNewInvitation(String inviteID, String inviter, String groupID, List<String> inviteeList, String data) {
                sdk().logout(new V2TIMCallback() {
                    @Override
                    public void onSuccess() {
                        code.complete(0);
                    }

                    @Override
                    public void onError(int number, String desc) {
                        code.complete(number);
                    }
                });
            }
        };
        signaling().addSignalingListener(logsOut);
        bob.invites("alice", "the last one");
        Checks.same(Checks.wait(code), 0);
        signaling().removeSignalingListener(logsOut);
        Checks.same(sdk().getLoginStatus(), V2TIMManager.V2TIM_STATUS_LOGOUT);
        Checks.same(Checks.codeOf(callback -> signaling().reject("i", "", callback)), 6014);
        // What still waits for her rings after the next login.
        Checks.Rings rings = new Checks.Rings();
        signaling().addSignalingListener(rings);
        Checks.same(login("alice", sig), 0);
        rings.next();
        signaling().removeSignalingListener(rings);
    }

    /** What one user was told on this device is told to the next one, too. */
    private static void anotherLogin(String sigOfAlice, String sigOfBob) {
        Checks.same(login("bob", sigOfBob), 0);
        // What his stream begins with is told before this reply: from here on his events wait for him.
        Checks.same(Checks.codeOf(callback -> signaling().cancel("unheard-of", "", callback)), 8010);
        Checks.same(login("alice", sigOfAlice), 0);
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        V2TIMAdvancedMsgListener hears = new V2TIMAdvancedMsgListener() {
            @Override
            public void onRecvNewMessage(V2TIMMessage message) {
                V2TIMSignalingInfo info = signaling().getSignalingInfo(message);
                heard.add(info == null ? "" : info.getInviteID());
            }
        };
        V2TIMManager.getMessageManager().addAdvancedMsgListener(hears);
        Checks.Outcome<Object> invited = new Checks.Outcome<>();
        String inviteID = signaling().invite("bob", "for the next login", false, null, 600, invited);
        Checks.same(invited.code(), 0);
        while (!Checks.next(heard).equals(inviteID)) {
            // Others come from before.
        }
        heard.clear();
        Checks.same(login("bob", sigOfBob), 0);
        while (!Checks.next(heard).equals(inviteID)) {
            // Others come from before.
        }
        V2TIMManager.getMessageManager().removeAdvancedMsgListener(hears);
    }

    private static void endingInACallback(Checks.Peer bob, String sig) {
        CompletableFuture<Boolean> ended = new CompletableFuture<>();
        V2TIMSignalingListener endsIt = new V2TIMSignalingListener() {
            @Override
            public void onReceiveNewInvitation(String inviteID, String inviter, String groupID, List<String> inviteeList, String data) {
                sdk().unInitSDK();
                ended.complete(true);
            }
        };
        Checks.same(login("alice", sig), 0);
        signaling().addSignalingListener(endsIt);
        // It may have been ended by what still waits for her: Bob's invitation is made all the same.
        bob.invites("alice", "the end");
        Checks.wait(ended);
        signaling().removeSignalingListener(endsIt);
        Checks.same(login("alice", sig), 6013);
    }

    public static void main(String[] words) throws Exception {
        Checks.run(() -> {
            beforeTheLogin(words[0], Integer.parseInt(words[1]), words[4]);
            try (Checks.Peer bob = new Checks.Peer(words[0], words[3])) {
                theLogin(words[2]);
                wrongParameters();
                pushSettingsThatAreNotUtf8();
                invitations(bob);
                listeners(bob);
                messages();
                aGroup();
                aCall(bob);
                loggingOutInACallback(bob, words[2]);
                anotherLogin(words[2], words[3]);
                endingInACallback(bob, words[2]);
                sdk().unInitSDK();
                Checks.same(login("alice", words[2]), 6013);
            }
            System.out.println("every fault had its code");
        });
    }
}
