package dev.wigwag.v2tim;

import dev.wigwag.internal.Json;
import java.util.List;

/** A page of one's calls. Besides Tencent's. */
public final class CallPage {
    private final List<Call> calls;
    private final long seenUpTo;
    private final String next;

    CallPage(Json page) {
        calls = Call.in(page.get("calls"));
        seenUpTo = page.get("seenUpTo").integer();
        next = page.get("next").text();
    }

    /** The newest first. */
    public List<Call> getCalls() {
        return calls;
    }

    /** Missed calls that began up to then were looked at, server time in ms. */
    public long getSeenUpTo() {
        return seenUpTo;
    }

    /** Give it to get the next page; empty when this is the last. */
    public String getNext() {
        return next;
    }
}
