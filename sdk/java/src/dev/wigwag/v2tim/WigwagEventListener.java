package dev.wigwag.v2tim;

/** Told of every event of the server's: calls, groups, and what this interface has no callback for. Besides Tencent's. */
public interface WigwagEventListener {
    /**
     * Something happened.
     *
     * @param name the type in docs/protocol.md, such as "call.hungUp"
     * @param json the event
     */
    void onEvent(String name, String json);
}
