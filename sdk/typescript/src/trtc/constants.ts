// The names and numbers of Tencent's package; apps and engines compare with them.

/** Names of events, for `on`. */
export const EVENT = {
  ERROR: "error",
  AUTOPLAY_FAILED: "autoplay-failed",
  KICKED_OUT: "kicked-out",
  REMOTE_USER_ENTER: "remote-user-enter",
  REMOTE_USER_EXIT: "remote-user-exit",
  REMOTE_AUDIO_AVAILABLE: "remote-audio-available",
  REMOTE_AUDIO_UNAVAILABLE: "remote-audio-unavailable",
  REMOTE_VIDEO_AVAILABLE: "remote-video-available",
  REMOTE_VIDEO_UNAVAILABLE: "remote-video-unavailable",
  AUDIO_VOLUME: "audio-volume",
  AUDIO_FRAME: "audio-frame",
  NETWORK_QUALITY: "network-quality",
  CONNECTION_STATE_CHANGED: "connection-state-changed",
  AUDIO_PLAY_STATE_CHANGED: "audio-play-state-changed",
  VIDEO_PLAY_STATE_CHANGED: "video-play-state-changed",
  SCREEN_SHARE_STOPPED: "screen-share-stopped",
  DEVICE_CHANGED: "device-changed",
  PUBLISH_STATE_CHANGED: "publish-state-changed",
  TRACK: "track",
  STATISTICS: "statistics",
  SEI_MESSAGE: "sei-message",
  CUSTOM_MESSAGE: "custom-message",
  VIDEO_DECODE_DOWNGRADE_STATE_CHANGED: "video-decode-downgrade-state-changed",
  LAYER_DATA: "layerData",
  FIRST_VIDEO_FRAME: "first-video-frame",
  PERMISSION_STATE_CHANGE: "permission-state-change",
  VIDEO_SIZE_CHANGED: "video-size-changed",
  REALTIME_TRANSCRIBER_MESSAGE: "realtime-transcriber-message",
  REALTIME_TRANSCRIBER_STATE_CHANGED: "realtime-transcriber-state-changed",
  PICTURE_IN_PICTURE_STATE_CHANGED: "picture-in-picture-state-changed",
  FULL_SCREEN_STATE_CHANGED: "full-screen-state-changed",
} as const;

/** Values of parameters and fields. */
export const TYPE = {
  SCENE_LIVE: "live",
  SCENE_RTC: "rtc",
  ROLE_ANCHOR: "anchor",
  ROLE_AUDIENCE: "audience",
  STREAM_TYPE_MAIN: "main",
  STREAM_TYPE_SUB: "sub",
  AUDIO_PROFILE_STANDARD: "standard",
  AUDIO_PROFILE_STANDARD_STEREO: "standard-stereo",
  AUDIO_PROFILE_HIGH: "high",
  AUDIO_PROFILE_HIGH_STEREO: "high-stereo",
  QOS_PREFERENCE_SMOOTH: "smooth",
  QOS_PREFERENCE_CLEAR: "clear",
  SPEAKER: "Speakerphone",
  HEADSET: "Headset earpiece",
} as const;

/** Numbers of errors: `code` of an RtcError. */
export const ERROR_CODE = {
  INVALID_PARAMETER: 5000,
  INVALID_OPERATION: 5100,
  ENV_NOT_SUPPORTED: 5200,
  DEVICE_ERROR: 5300,
  SERVER_ERROR: 5400,
  OPERATION_FAILED: 5500,
  OPERATION_ABORT: 5998,
  UNKNOWN_ERROR: 5999,
} as const;

/** The version of Tencent's package that this one follows. */
export const VERSION = "5.17.1";
