package dev.wigwag.v2tim;

/** The same as {@link V2TIMCallback} for a call that asks for something. */
public interface V2TIMValueCallback<T> {
    /** What was asked for. */
    void onSuccess(T t);

    /** There is nothing; {@code desc} is for developers. */
    void onError(int code, String desc);
}
