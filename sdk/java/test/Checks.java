import dev.wigwag.Client;
import dev.wigwag.Event;
import dev.wigwag.EventListener;
import dev.wigwag.Invite;
import dev.wigwag.Reply;
import dev.wigwag.ReplyListener;
import dev.wigwag.v2tim.V2TIMCallback;
import dev.wigwag.v2tim.V2TIMSendCallback;
import dev.wigwag.v2tim.V2TIMSignalingListener;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** What the test programs share. */
final class Checks {
    /** What does not come in this time does not come; the machine may be busy with other tests. */
    static final long PATIENCE_S = 60;
    /** What a program ends with whose callback threw. */
    private static final int CALLBACK_FAILED = 97;

    private Checks() {}

    /** A program, whose callbacks are part of it. */
    interface Story {
        void tell() throws Exception;
    }

    /** Tells it; a check that fails in a callback ends the process, as one on its own thread does. */
    static void run(Story story) throws Exception {
        watchCallbacks();
        story.tell();
    }

    /** From now on, also after a story had a reporter of its own. What the library catches must not pass unseen. */
    static void watchCallbacks() {
        Client.setExceptionReporter(Checks::fail);
    }

    private static void fail(Throwable thrown) {
        thrown.printStackTrace();
        Runtime.getRuntime().halt(CALLBACK_FAILED);
    }

    /** A check that fails names its line. */
    static void check(boolean is) {
        if (!is) {
            throw new AssertionError();
        }
    }

    static void same(Object one, Object other) {
        if (!Objects.equals(one, other)) {
            throw new AssertionError(one + " is not " + other);
        }
    }

    static <T> T wait(CompletableFuture<T> what) {
        try {
            return what.get(PATIENCE_S, TimeUnit.SECONDS);
        } catch (Exception missing) {
            throw new AssertionError(missing);
        }
    }

    /** What comes next. */
    static <T> T next(BlockingQueue<T> queue) {
        try {
            T next = queue.poll(PATIENCE_S, TimeUnit.SECONDS);
            check(next != null);
            return next;
        } catch (InterruptedException never) {
            throw new AssertionError(never);
        }
    }

    /** The code that a call ends with. */
    static int codeOf(Consumer<V2TIMCallback> call) {
        Outcome<Object> outcome = new Outcome<>();
        call.accept(outcome);
        return outcome.code();
    }

    /** Told what became of a call of whichever kind. */
    static final class Outcome<T> implements V2TIMCallback, V2TIMSendCallback<T> {
        private final CompletableFuture<Integer> code = new CompletableFuture<>();
        private T value;

        @Override
        public void onSuccess() {
            onSuccess(null);
        }

        @Override
        public void onSuccess(T result) {
            value = result;
            check(code.complete(0));
        }

        @Override
        public void onError(int number, String desc) {
            check(desc != null && code.complete(number));
        }

        @Override
        public void onProgress(int progress) {}

        boolean isThere() {
            return code.isDone();
        }

        int code() {
            return Checks.wait(code);
        }

        T get() {
            same(code(), 0);
            return value;
        }
    }

    /** Hears invitations. */
    static class Rings extends V2TIMSignalingListener {
        private final BlockingQueue<String> rings = new LinkedBlockingQueue<>();

        @Override
        public void onReceiveNewInvitation(String inviteID, String inviter, String groupID, List<String> inviteeList, String data) {
            rings.add(inviteID);
        }

        String next() {
            return Checks.next(rings);
        }
    }

    /** An app's only thread: the test's own, when it runs what was posted. */
    static final class Loop implements Executor {
        private final BlockingQueue<Runnable> posted = new LinkedBlockingQueue<>();

        @Override
        public void execute(Runnable call) {
            posted.add(call);
        }

        /** What is posted next; it has not run. */
        Runnable next() {
            return Checks.next(posted);
        }

        void runUntil(BooleanSupplier is) {
            while (!is.getAsBoolean()) {
                next().run();
            }
        }
    }

    /** A reply that is waited for. */
    static final class Answer implements ReplyListener {
        private final CompletableFuture<Reply> reply = new CompletableFuture<>();

        @Override
        public void onReply(Reply given) {
            check(reply.complete(given));
        }

        Reply get() {
            return Checks.wait(reply);
        }

        void isOk() {
            if (!get().isOk()) {
                throw new AssertionError(get().trouble());
            }
        }
    }

    /** Another user, by a client of their own. */
    static final class Peer implements EventListener, AutoCloseable {
        private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
        final Client client;

        Peer(String url, String token) {
            client = Client.builder(url).token(token).listener(this).open();
            hears(Event.CONNECTED);
        }

        @Override
        public void onEvent(Client from, Event event) {
            events.add(event);
        }

        /** The next event of this type; those before it are passed over. */
        Event hears(int type) {
            while (true) {
                Event event = Checks.next(events);
                if (event.type() == type) {
                    return event;
                }
            }
        }

        String invites(String user, String data) {
            return invites(Invite.user(user).data(data).timeout(30));
        }

        String invites(Invite invite) {
            Answer answer = new Answer();
            String inviteID = client.invite(invite, answer);
            answer.isOk();
            return inviteID;
        }

        @Override
        public void close() {
            client.close();
        }
    }
}
