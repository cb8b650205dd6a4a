import dev.wigwag.Client;
import dev.wigwag.Event;
import dev.wigwag.EventListener;
import dev.wigwag.Invite;
import dev.wigwag.Reply;
import dev.wigwag.WigwagException;
import dev.wigwag.internal.Native;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** What the client refuses, and what it bears of its app's code: ClientFaults URL TOKEN_OF_ALICE TOKEN_OF_BOB */
final class ClientFaults {
    private ClientFaults() {}

    private static int resultOf(Runnable call) {
        try {
            call.run();
        } catch (WigwagException refused) {
            Checks.check(!refused.getMessage().isEmpty());
            return refused.result();
        }
        return 0;
    }

    private static void nulls(String url, String token) {
        EventListener nobody = (client, event) -> {};
        try {
            Client.builder(url).token(token).open();
            throw new AssertionError();
        } catch (NullPointerException expected) {
            Checks.same(expected.getMessage(), "listener");
        }
        int wrong = WigwagException.INVALID_ARGUMENT;
        Checks.same(resultOf(() -> Client.builder(null).token(token).listener(nobody).open()), wrong);
        Checks.same(resultOf(() -> Client.builder("gopher://x").token(token).listener(nobody).open()), wrong);
        Checks.same(resultOf(() -> Client.builder(url).listener(nobody).open()), wrong);
        Checks.same(resultOf(() -> Client.builder(url).token(token).userID("not a userID").listener(nobody).open()), wrong);
        Checks.same(resultOf(() -> Client.builder(url).token(token).platform(-3).listener(nobody).open()), wrong);
        Checks.same(resultOf(() -> Client.builder(url).token("\ud800").listener(nobody).open()), WigwagException.NOT_UTF8);
        Checks.same(Native.waiting(), 0);
    }

    private static void afterTheEnd(String url, String token) {
        CompletableFuture<Boolean> closed = new CompletableFuture<>();
        Client client = Client.builder(url).token(token).listener(new EventListener() {
            @Override
            public void onEvent(Client from, Event event) {}

            @Override
            public void onClosed(Client from) {
                closed.complete(true);
            }
        }).open();
        Checks.Answer answer = new Checks.Answer();
        client.request("user.get", "{\"userIDs\": [\"alice\"]}", answer);
        client.close();
        client.close();
        Checks.check(answer.get().isOk() || answer.get().result() == Reply.STOPPED);
        Checks.check(Checks.wait(closed));
        int gone = WigwagException.UNKNOWN_CLIENT;
        Checks.same(resultOf(() -> client.invite(Invite.user("bob"), null)), gone);
        Checks.same(resultOf(() -> client.accept("i", null, null)), gone);
        Checks.same(resultOf(() -> client.request("user.get", "", null)), gone);
        Checks.same(resultOf(client::runningCalls), gone);
        Checks.same(resultOf(client::serverTime), gone);
        Checks.same(resultOf(client::state), gone);
        Checks.same(resultOf(() -> client.setToken("t")), gone);
        Checks.same(Native.waiting(), 0);
    }

    /** The library's own entrance is asked with what its classes never give. */
    private static void wrongHandles() {
        for (long handle : new long[] {0, 1, -1, Long.MAX_VALUE, Long.MIN_VALUE}) {
            Checks.same(resultOf(() -> Native.state(handle)), WigwagException.UNKNOWN_CLIENT);
            Checks.same(resultOf(() -> Native.close(handle)), WigwagException.UNKNOWN_CLIENT);
            Checks.same(resultOf(() -> Native.setToken(handle, null)), WigwagException.INVALID_ARGUMENT);
        }
        Checks.same(resultOf(() -> Native.known(0, 77, null)), WigwagException.INVALID_ARGUMENT);
        Checks.same(resultOf(() -> Native.act(0, 77, new byte[2][], (number, reply) -> {})), WigwagException.INVALID_ARGUMENT);
        Checks.same(resultOf(() -> Native.invite(0, new byte[0][], null, new int[2], (number, reply) -> {})), WigwagException.INVALID_ARGUMENT);
        Checks.same(resultOf(() -> Native.invite(0, new byte[7][], null, new int[2], (number, reply) -> {})), WigwagException.UNKNOWN_CLIENT);
        Checks.same(resultOf(() -> Native.invite(0, null, null, null, (number, reply) -> {})), WigwagException.INVALID_ARGUMENT);
        Checks.same(resultOf(() -> Native.invite(0, new byte[7][], null, null, (number, reply) -> {})), WigwagException.SYSTEM);
        Checks.same(resultOf(() -> Native.signalingOf(new byte[] {(byte) 0xff})), WigwagException.NOT_UTF8);
        Checks.same(Native.waiting(), 0);
    }

    /** The client closes itself in its own callback, on a thread of the library's. */
    private static void closingInACallback(String url, String token) {
        CompletableFuture<Throwable> reported = new CompletableFuture<>();
        Client.setExceptionReporter(reported::complete);
        CompletableFuture<Boolean> closed = new CompletableFuture<>();
        Client.builder(url).token(token).executor(Runnable::run).listener(new EventListener() {
            @Override
            public void onEvent(Client from, Event event) {
                if (event.type() == Event.CONNECTED) {
                    from.close();
                    throw new IllegalStateException("reported");
                }
            }

            @Override
            public void onClosed(Client from) {
                closed.complete(true);
            }
        }).open();
        Checks.check(Checks.wait(closed));
        Checks.same(Checks.wait(reported).getMessage(), "reported");
        Checks.watchCallbacks();
    }

    /** An app whose only thread asks and closes, as one with a user interface does: nothing waits for it that it waits for. */
    private static void onOneThread(String url, String token, Checks.Peer bob) throws Exception {
        BlockingQueue<Runnable> loop = new LinkedBlockingQueue<>();
        List<Integer> told = new ArrayList<>();
        boolean[] over = {false};
        Client client = Client.builder(url).token(token).executor(loop::add).listener(new EventListener() {
            @Override
            public void onEvent(Client from, Event event) {
                told.add(event.type());
            }

            @Override
            public void onClosed(Client from) {
                over[0] = true;
            }
        }).open();
        while (!told.contains(Event.CONNECTED)) {
            loop.take().run();
        }
        // Events and replies wait for this thread while it closes.
        for (int round = 0; round < 3; round++) {
            bob.invites("alice", "round " + round);
        }
        Reply[] replied = new Reply[100];
        for (int request = 0; request < replied.length; request++) {
            int number = request;
            client.request("user.get", "{\"userIDs\": [\"alice\"]}", reply -> replied[number] = reply);
        }
        client.close();
        while (!over[0]) {
            loop.take().run();
        }
        for (Reply reply : replied) {
            Checks.check(reply != null && (reply.isOk() || reply.result() == Reply.STOPPED));
        }
    }

    /** What an executor refuses is reported, and is told by the library's own thread. */
    private static void refusingExecutor(String url, String token) {
        ExecutorService ended = Executors.newSingleThreadExecutor();
        ended.shutdown();
        AtomicInteger refused = new AtomicInteger();
        Client.setExceptionReporter(thrown -> {
            Checks.check(thrown instanceof RejectedExecutionException);
            refused.incrementAndGet();
        });
        CompletableFuture<Boolean> connected = new CompletableFuture<>();
        CompletableFuture<Boolean> closed = new CompletableFuture<>();
        try (Client client = Client.builder(url).token(token).executor(ended).listener(new EventListener() {
            @Override
            public void onEvent(Client from, Event event) {
                if (event.type() == Event.CONNECTED) {
                    connected.complete(true);
                }
            }

            @Override
            public void onClosed(Client from) {
                closed.complete(true);
            }
        }).open()) {
            Checks.check(Checks.wait(connected) && client.state() == Client.State.CONNECTED);
            Checks.check(client.serverTime() > 0 && client.openInvitations().startsWith("["));
        }
        // The refusal of the last call is reported before the call is told.
        Checks.check(Checks.wait(closed) && refused.get() >= 3);
        Checks.watchCallbacks();
    }

    /** Whatever an executor throws, also after it has run the call: the client goes on, and calls once. */
    private static void brokenExecutor(String url, String token, Consumer<Runnable> runs) throws Exception {
        Semaphore thrown = new Semaphore(0);
        Client.setExceptionReporter(what -> {
            Checks.check(what instanceof OutOfMemoryError);
            thrown.release();
        });
        List<Integer> told = Collections.synchronizedList(new ArrayList<>());
        CompletableFuture<Boolean> connected = new CompletableFuture<>();
        CompletableFuture<Boolean> closed = new CompletableFuture<>();
        Client client = Client.builder(url).token(token).executor(call -> {
            runs.accept(call);
            throw new OutOfMemoryError("unable to create a thread");
        }).listener(new EventListener() {
            @Override
            public void onEvent(Client from, Event event) {
                told.add(event.type());
                if (event.type() == Event.CONNECTED) {
                    connected.complete(true);
                }
            }

            @Override
            public void onClosed(Client from) {
                closed.complete(true);
            }
        }).open();
        Checks.check(Checks.wait(connected));
        client.close();
        Checks.check(Checks.wait(closed));
        // No event follows. The executor throws once for each, and once for the end, perhaps after the call was told.
        Checks.same(told.subList(0, 2), Arrays.asList(Event.CONNECTING, Event.CONNECTED));
        Checks.same(Collections.frequency(told, Event.CONNECTED), 1);
        Checks.check(thrown.tryAcquire(told.size() + 1, Checks.PATIENCE_S, TimeUnit.SECONDS));
        Checks.watchCallbacks();
    }

    private static void aTokenThatIsAskedFor(String url, String token) {
        CompletableFuture<Boolean> connected = new CompletableFuture<>();
        try (Client client = Client.builder(url).asksForTokens(true).listener(new EventListener() {
            @Override
            public void onEvent(Client from, Event event) {
                if (event.type() == Event.CONNECTED) {
                    connected.complete(true);
                }
            }

            @Override
            public void onTokenNeeded(Client from) {
                from.setToken(token);
            }
        }).open()) {
            Checks.check(Checks.wait(connected));
            Checks.same(resultOf(() -> client.setToken("")), WigwagException.INVALID_ARGUMENT);
        }
    }

    public static void main(String[] words) throws Exception {
        Checks.run(() -> {
            String url = words[0];
            String alice = words[1];
            nulls(url, alice);
            wrongHandles();
            afterTheEnd(url, alice);
            closingInACallback(url, alice);
            refusingExecutor(url, alice);
            brokenExecutor(url, alice, call -> {});
            brokenExecutor(url, alice, Runnable::run);
            aTokenThatIsAskedFor(url, alice);
            try (Checks.Peer bob = new Checks.Peer(url, words[2])) {
                onOneThread(url, alice, bob);
            }
            System.out.println("every fault had its result");
            // The program ends all the same.
            new Checks.Peer(url, alice);
        });
    }
}
