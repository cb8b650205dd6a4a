package dev.wigwag.v2tim;

/**
 * Told once what became of a call that asks for nothing, also when something is wrong before anything is sent; on the executor of
 * {@link V2TIMSDKConfig#setCallbackExecutor}. It may call every function of the library.
 */
public interface V2TIMCallback {
    /** It was carried out. */
    void onSuccess();

    /** It was not; {@code desc} is for developers. */
    void onError(int code, String desc);
}
