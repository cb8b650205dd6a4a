package dev.wigwag.v2tim;

import dev.wigwag.internal.AppCalls;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Listeners of a kind. They stay from login to login. No call of one begins after it was removed. */
final class Listeners<L> {
    private final List<L> all = new CopyOnWriteArrayList<>();

    /** Null, and the same again, change nothing. */
    synchronized void add(L listener) {
        if (listener != null && !has(listener)) {
            all.add(listener);
        }
    }

    synchronized void remove(L listener) {
        all.removeIf(one -> one == listener);
    }

    /** What one throws is reported, and disturbs no other. */
    void tell(Consumer<L> call) {
        for (L listener : all) {
            if (has(listener)) {
                AppCalls.guarded(() -> call.accept(listener));
            }
        }
    }

    private boolean has(L listener) {
        for (L one : all) {
            if (one == listener) {
                return true;
            }
        }
        return false;
    }
}
