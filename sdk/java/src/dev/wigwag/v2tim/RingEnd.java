package dev.wigwag.v2tim;

import dev.wigwag.Event;

/** Why a device need not ring any more. Besides Tencent's. */
public enum RingEnd {
    /** One accepted, on this device. */
    ACCEPTED,
    /** One rejected, on this device. */
    REJECTED,
    /** One accepted on another device. */
    ACCEPTED_ELSEWHERE,
    /** One rejected on another device, or left the group. */
    REJECTED_ELSEWHERE,
    /** It was taken back, or the call was over. */
    CANCELLED,
    /** The time was over. */
    TIMED_OUT,
    /** Silenced on another device: the invitation goes on, and can still be answered. */
    SILENCED_ELSEWHERE;

    static RingEnd of(Event event) {
        switch (event.type()) {
            case Event.INVITATION_ACCEPTED:
                return event.isOwn() ? ACCEPTED : ACCEPTED_ELSEWHERE;
            case Event.INVITATION_REJECTED:
                return event.isOwn() ? REJECTED : REJECTED_ELSEWHERE;
            case Event.INVITATION_TIMED_OUT:
                return TIMED_OUT;
            default:
                return CANCELLED;
        }
    }
}
