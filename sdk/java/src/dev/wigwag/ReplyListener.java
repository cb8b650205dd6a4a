package dev.wigwag;

/** Told what became of a request, once, at the latest when the client is closed; on the executor that the client was opened with. */
@FunctionalInterface
public interface ReplyListener {
    /** It is over. */
    void onReply(Reply reply);
}
