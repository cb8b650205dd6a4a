package dev.wigwag.v2tim;

/** The same as {@link V2TIMValueCallback} for a message that is sent. */
public interface V2TIMSendCallback<T> extends V2TIMValueCallback<T> {
    /** Texts and custom messages have no progress: it is not called. */
    void onProgress(int progress);
}
