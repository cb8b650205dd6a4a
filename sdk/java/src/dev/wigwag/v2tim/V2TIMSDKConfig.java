package dev.wigwag.v2tim;

import java.util.concurrent.Executor;

/** Where the server is, and what the device gives. */
public class V2TIMSDKConfig {
    /** Log levels are taken and not used: nothing is logged. */
    public static final int V2TIM_LOG_NONE = 0;
    public static final int V2TIM_LOG_DEBUG = 3;
    public static final int V2TIM_LOG_INFO = 4;
    public static final int V2TIM_LOG_WARN = 5;
    public static final int V2TIM_LOG_ERROR = 6;

    private int logLevel = V2TIM_LOG_INFO;
    private String serverAddress = "";
    private String initPath = "";
    private Executor callbackExecutor;

    public int getLogLevel() {
        return logLevel;
    }

    /** Taken and not used. */
    public void setLogLevel(int level) {
        logLevel = level;
    }

    public String getServerAddress() {
        return serverAddress;
    }

    /** {@code wss://chat.example.org}; the path defaults to /v1/ws. Besides Tencent's. */
    public void setServerAddress(String address) {
        serverAddress = address == null ? "" : address;
    }

    public String getInitPath() {
        return initPath;
    }

    /**
     * A folder for the deviceID and how far each user's events were read, so that an app that was killed hears afterwards what happened meanwhile;
     * on Android {@code context.getFilesDir().getPath()}. Empty, the default: nothing is kept. Besides Tencent's.
     */
    public void setInitPath(String folder) {
        initPath = folder == null ? "" : folder;
    }

    public Executor getCallbackExecutor() {
        return callbackExecutor;
    }

    /**
     * Where listeners and callbacks are called, one after the other; for Android's main thread {@code new Handler(Looper.getMainLooper())::post}.
     * Null, the default: a thread of the library's. When it refuses a call, that is reported, and the call is made on the library's thread. Besides
     * Tencent's.
     */
    public void setCallbackExecutor(Executor executor) {
        callbackExecutor = executor;
    }
}
