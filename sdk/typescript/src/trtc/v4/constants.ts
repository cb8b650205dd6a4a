// The numbers of `trtc-js-sdk` 4; apps and engines compare with them.

/** What an RtcError's `getCode()` gives. */
export const ERROR_CODE = {
  INVALID_PARAMETER: 0x1000,
  INVALID_OPERATION: 0x1001,
  NOT_SUPPORTED: 0x1002,
  DEVICE_NOT_FOUND: 0x1003,
  INITIALIZE_FAILED: 0x1004,
  SIGNAL_CHANNEL_SETUP_FAILED: 0x4001,
  ICE_TRANSPORT_ERROR: 0x4003,
  JOIN_ROOM_FAILED: 0x4004,
  REMOTE_STREAM_NOT_EXIST: 0x4010,
  CLIENT_BANNED: 0x4040,
  PLAY_NOT_ALLOWED: 0x4043,
  UNKNOWN: 0xffff,
} as const;

/** The version of Tencent's package that this one follows. */
export const VERSION = "4.15.22";
