package dev.wigwag;

/**
 * Told what happens to a client: one call after the other, on the executor that the client was opened with. The next event waits until a call
 * has returned.
 */
public interface EventListener {
    /** Something happened. It may call every method of the client, {@link Client#close} included. */
    void onEvent(Client client, Event event);

    /**
     * A token is needed, for the first sign-in or because the last one has expired: give one with {@link Client#setToken}, now or later. Called
     * only with {@link Client.Builder#asksForTokens}, and not again before one was given.
     */
    default void onTokenNeeded(Client client) {}

    /** The last call: the client is closed. */
    default void onClosed(Client client) {}
}
