package dev.wigwag.v2tim;

import dev.wigwag.Reply;
import dev.wigwag.ReplyListener;
import dev.wigwag.internal.AppCalls;
import java.util.function.Consumer;
import java.util.function.Function;

/** Who is told what became of a call: an app's callback of one of the three kinds, or nobody. */
final class Told<T> {
    private final Session session;
    private final Consumer<T> succeeded;
    private final Consumer<Failure> failed;

    private Told(Session session, Consumer<T> succeeded, Consumer<Failure> failed) {
        this.session = session;
        this.succeeded = succeeded;
        this.failed = failed;
    }

    /** The callback may be null. */
    static Told<Void> of(Session session, V2TIMCallback callback) {
        return callback == null ? nobody(session)
                : new Told<>(session, nothing -> callback.onSuccess(), failure -> callback.onError(failure.code, failure.getMessage()));
    }

    /** The callback may be null. */
    static <T> Told<T> of(Session session, V2TIMValueCallback<T> callback) {
        return callback == null ? nobody(session)
                : new Told<>(session, callback::onSuccess, failure -> callback.onError(failure.code, failure.getMessage()));
    }

    private static <T> Told<T> nobody(Session session) {
        return new Told<>(session, value -> {}, failure -> {});
    }

    /** What to do with a reply, on the app's executor already. */
    ReplyListener reading(Function<Reply, T> read) {
        return reply -> {
            if (reply.isOk()) {
                succeedHere(read.apply(reply));
            } else {
                failHere(Failure.of(reply));
            }
        };
    }

    void succeed(T value) {
        session.call(() -> succeeded.accept(value));
    }

    void fail(Failure failure) {
        session.call(() -> failed.accept(failure));
    }

    void succeedHere(T value) {
        AppCalls.guarded(() -> succeeded.accept(value));
    }

    void failHere(Failure failure) {
        AppCalls.guarded(() -> failed.accept(failure));
    }
}
