package dev.wigwag.internal;

import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** Calls of the app's code. What goes wrong in it is reported and goes no further. Not for apps. */
public final class AppCalls {
    /** A thread for all who give no executor. A daemon: a program need not end it. */
    private static final Executor OURS = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "wigwag");
        thread.setDaemon(true);
        return thread;
    });

    private static volatile Consumer<Throwable> reporter = AppCalls::print;

    private AppCalls() {}

    /** Where callbacks run when the app gives no executor. */
    public static Executor ours() {
        return OURS;
    }

    /** Who is told what a callback threw; null: nobody. */
    public static void reportTo(Consumer<Throwable> to) {
        reporter = to == null ? thrown -> {} : to;
    }

    /**
     * Calls the app on its executor, once. Whatever that throws is reported, and then the call runs on a thread of ours, or on this one when there
     * can be none: a callback is not lost.
     */
    public static void call(Executor executor, Runnable call) {
        AtomicBoolean begun = new AtomicBoolean();
        Runnable once = () -> {
            if (begun.compareAndSet(false, true)) {
                guarded(call);
            }
        };
        if (!takes(executor, once) && !takes(OURS, once)) {
            once.run();
        }
    }

    private static boolean takes(Executor executor, Runnable call) {
        try {
            executor.execute(call);
            return true;
        } catch (Throwable refused) {
            report(refused);
            return false;
        }
    }

    /** Calls the app on this thread. */
    public static void guarded(Runnable call) {
        try {
            call.run();
        } catch (Throwable thrown) {
            report(thrown);
        }
    }

    private static void report(Throwable thrown) {
        try {
            reporter.accept(thrown);
        } catch (Throwable again) {
            print(again);
        }
    }

    private static void print(Throwable thrown) {
        System.err.println("wigwag: a callback threw: " + thrown);
    }
}
