import dev.wigwag.Client;
import dev.wigwag.Event;
import dev.wigwag.EventListener;
import dev.wigwag.Reply;
import dev.wigwag.internal.Native;
import dev.wigwag.internal.Texts;
import dev.wigwag.v2tim.V2TIMManager;
import dev.wigwag.v2tim.V2TIMSDKConfig;
import dev.wigwag.v2tim.V2TIMSimpleMsgListener;
import dev.wigwag.v2tim.V2TIMUserInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/** What closing does while something is on its way: Closing URL SDK_APP_ID TOKEN_OF_ALICE TOKEN_OF_BOB FOLDER */
final class Closing {
    /** More than the library has threads for callbacks. */
    private static final int CLIENTS = 20;
    private static final int CALLBACK_THREADS = 16;

    private Closing() {}

    /** Hears messages, and runs what it hears on the thread of the test alone. */
    private static final class Reader implements EventListener {
        private final Checks.Loop loop = new Checks.Loop();
        private final List<String> read = new ArrayList<>();
        private final Client client;
        private boolean connected;
        private boolean closed;

        Reader(String url, String token, String cursorFile) {
            client = Client.builder(url).token(token).cursorFile(cursorFile).executor(loop).listener(this).open();
            loop.runUntil(() -> connected);
        }

        @Override
        public void onEvent(Client from, Event event) {
            connected |= event.type() == Event.CONNECTED;
            if (!event.message().isEmpty()) {
                read.add(event.message().replaceAll(".*\"text\": *\"([^\"]*)\".*", "$1"));
            }
        }

        @Override
        public void onClosed(Client from) {
            closed = true;
        }
    }

    private static void writes(Checks.Peer peer, String text) {
        Checks.Answer sent = new Checks.Answer();
        String params = "{\"userID\": \"alice\", \"type\": \"text\", \"content\": {\"text\": \"" + text + "\"}, \"clientMsgID\": \"" + text + "\"}";
        peer.client.request("message.send", params, sent);
        sent.isOk();
    }

    /** Each client has a call that waits for the app's only thread, which closes them: nobody waits for the other. */
    private static void manyOnOneThread(String url, String token) throws InterruptedException {
        Checks.Loop loop = new Checks.Loop();
        Semaphore posted = new Semaphore(0);
        int[] closed = {0};
        List<Client> clients = new ArrayList<>();
        for (int number = 0; number < CLIENTS; number++) {
            clients.add(Client.builder(url).token(token).executor(call -> {
                loop.execute(call);
                posted.release();
            }).listener(new EventListener() {
                @Override
                public void onEvent(Client from, Event event) {}

                @Override
                public void onClosed(Client from) {
                    closed[0] += 1;
                }
            }).open());
        }
        posted.acquire(CALLBACK_THREADS);
        for (Client client : clients) {
            client.close();
        }
        loop.runUntil(() -> closed[0] == CLIENTS);
    }

    /** An event that waited for the executor when the client was closed is told after the next start, and once. */
    private static void theEventInHand(String url, String token, String folder, Checks.Peer bob) {
        String cursor = folder + "/cursor";
        Reader first = new Reader(url, token, cursor);
        writes(bob, "read");
        first.loop.runUntil(() -> first.read.contains("read"));
        writes(bob, "in hand");
        Runnable inHand = first.loop.next();
        first.client.close();
        inHand.run();
        first.loop.runUntil(() -> first.closed);
        Reader second = new Reader(url, token, cursor);
        writes(bob, "later");
        second.loop.runUntil(() -> second.read.contains("later"));
        Checks.same(first.read, Collections.singletonList("read"));
        Checks.same(second.read, Arrays.asList("in hand", "later"));
        // What the app hears while it closes is heard.
        second.client.close();
    }

    /** An event in whose callback the client is closed was told. */
    private static void theEventThatCloses(String url, String token, String folder, Checks.Peer bob) {
        String cursor = folder + "/cursor";
        CompletableFuture<String> last = new CompletableFuture<>();
        CompletableFuture<Boolean> closed = new CompletableFuture<>();
        CompletableFuture<Boolean> connected = new CompletableFuture<>();
        Client.builder(url).token(token).cursorFile(cursor).listener(new EventListener() {
            @Override
            public void onEvent(Client from, Event event) {
                if (event.type() == Event.CONNECTED) {
                    connected.complete(true);
                }
                if (event.message().contains("the end")) {
                    from.close();
                    last.complete(event.message());
                }
            }

            @Override
            public void onClosed(Client from) {
                closed.complete(true);
            }
        }).open();
        Checks.wait(connected);
        writes(bob, "the end");
        Checks.wait(last);
        Checks.wait(closed);
        Reader next = new Reader(url, token, cursor);
        writes(bob, "after it");
        next.loop.runUntil(() -> next.read.contains("after it"));
        Checks.same(next.read, Collections.singletonList("after it"));
        next.client.close();
    }

    /** The same by Tencent's names: logging out loses no message. */
    private static void loggingOut(String url, int appID, String sig, String folder, Checks.Peer bob) {
        Checks.Loop loop = new Checks.Loop();
        V2TIMSDKConfig config = new V2TIMSDKConfig();
        config.setServerAddress(url);
        config.setInitPath(folder);
        config.setCallbackExecutor(loop);
        V2TIMManager sdk = V2TIMManager.getInstance();
        Checks.check(sdk.initSDK(null, appID, config));
        List<String> read = new ArrayList<>();
        sdk.addSimpleMsgListener(new V2TIMSimpleMsgListener() {
            @Override
            public void onRecvC2CTextMessage(String msgID, V2TIMUserInfo sender, String text) {
                read.add(text);
            }
        });
        Runnable login = () -> {
            Checks.Outcome<Object> outcome = new Checks.Outcome<>();
            sdk.login("alice", sig, outcome);
            loop.runUntil(outcome::isThere);
            Checks.same(outcome.code(), 0);
        };
        login.run();
        writes(bob, "one");
        loop.runUntil(() -> read.contains("one"));
        writes(bob, "two");
        Runnable inHand = loop.next();
        sdk.logout(null);
        inHand.run();
        login.run();
        writes(bob, "three");
        loop.runUntil(() -> read.contains("three"));
        Checks.same(read, Arrays.asList("one", "two", "three"));
        sdk.unInitSDK();
    }

    /** A call that did not reach the app is made again. */
    private static void whatDidNotReachTheApp(String url, String token) {
        List<Integer> told = Collections.synchronizedList(new ArrayList<>());
        CompletableFuture<Boolean> connected = new CompletableFuture<>();
        CompletableFuture<Boolean> closed = new CompletableFuture<>();
        byte[][] texts = Texts.bytes(url, token, "", "", "");
        long client = Native.open(new Native.Line() {
            @Override
            public void event(long number, Event event) {
                told.add(event.type());
                Native.done(number, told.size() > 1);
                Native.done(number, true);
                if (event.type() == Event.CONNECTED) {
                    connected.complete(true);
                }
            }

            @Override
            public void tokenNeeded(long number) {}

            @Override
            public void closed() {
                closed.complete(true);
            }
        }, texts, new int[5]);
        Checks.wait(connected);
        Native.close(client);
        Checks.wait(closed);
        Checks.same(told.subList(0, 2), Arrays.asList(Event.CONNECTING, Event.CONNECTING));
    }

    /** As a JVM without memory does, each call fails once before it comes anywhere. */
    private static final class Starved implements Native.Line, Native.OnReply {
        private final Set<String> failed = ConcurrentHashMap.newKeySet();
        private final CompletableFuture<Long> client = new CompletableFuture<>();
        private final CompletableFuture<Boolean> connected = new CompletableFuture<>();
        private final CompletableFuture<Boolean> replied = new CompletableFuture<>();
        private final CompletableFuture<Boolean> closed = new CompletableFuture<>();
        private final byte[] token;

        Starved(String token) {
            this.token = Texts.bytes(token);
        }

        private void failsOnce(String call) {
            if (failed.add(call)) {
                throw new OutOfMemoryError(call);
            }
        }

        @Override
        public void event(long number, Event event) {
            failsOnce("event " + event.type());
            Native.done(number, true);
            if (event.type() == Event.CONNECTED) {
                Checks.check(connected.complete(true));
            }
        }

        @Override
        public void tokenNeeded(long number) {
            failsOnce("token");
            Native.setToken(Checks.wait(client), token);
            Native.done(number, true);
        }

        @Override
        public void closed() {
            failsOnce("closed");
            Checks.check(closed.complete(true));
        }

        @Override
        public void reply(long number, Reply reply) {
            failsOnce("reply");
            Native.done(number, true);
            Checks.check(replied.complete(reply.isOk()));
        }
    }

    /** What is told while a JVM has no memory is told again, once it has some. */
    private static void aJvmWithoutMemory(String url, String token) {
        Starved app = new Starved(token);
        int[] asksForTokens = {0, 0, 0, 0, 1};
        app.client.complete(Native.open(app, Texts.bytes(url, "", "", "", ""), asksForTokens));
        Checks.check(Checks.wait(app.connected));
        Native.request(Checks.wait(app.client), Texts.bytes("user.get"), Texts.bytes("{\"userIDs\": [\"alice\"]}"), app);
        Checks.check(Checks.wait(app.replied));
        Native.close(Checks.wait(app.client));
        Checks.check(app.closed.isDone() && app.failed.size() >= 5);
        Checks.same(Native.waiting(), 0);
    }

    public static void main(String[] words) throws Exception {
        Checks.run(() -> {
            String url = words[0];
            String alice = words[2];
            manyOnOneThread(url, alice);
            whatDidNotReachTheApp(url, alice);
            aJvmWithoutMemory(url, alice);
            try (Checks.Peer bob = new Checks.Peer(url, words[3])) {
                theEventInHand(url, alice, words[4], bob);
                theEventThatCloses(url, alice, words[4], bob);
                loggingOut(url, Integer.parseInt(words[1]), alice, words[4], bob);
            }
            Checks.same(Native.waiting(), 0);
            System.out.println("nothing is lost at the end");
        });
    }
}
