// What the calls take, in the names of Tencent's package.

import type { CaptureOptions } from "./capture.js";
import type { PlayOptions, View } from "./view.js";

/** `enterRoom` */
export interface EnterRoom {
  sdkAppId: number;
  /** Who is signed in with a chat of `@wigwag/sdk/tencent` on this page. */
  userId: string;
  userSig: string;
  /** The room's number; or its text, in `strRoomId`. */
  roomId?: number | undefined;
  strRoomId?: string | undefined;
  /** Taken and not used, like all others: everybody sends and receives. */
  scene?: string | undefined;
  role?: string | undefined;
  [more: string]: unknown;
}

/** `startLocalVideo`, `updateLocalVideo` */
export interface LocalVideo {
  view?: View | undefined;
  /** Whether the others get the picture. Default: true. */
  publish?: boolean | undefined;
  /** Whether they get none for now. */
  mute?: boolean | string | undefined;
  option?:
    | (CaptureOptions & {
        /** `true` and `view`: the user alone sees it mirrored. */
        mirror?: boolean | string | undefined;
        fillMode?: PlayOptions["fillMode"] | undefined;
      })
    | undefined;
  [more: string]: unknown;
}

/** `startScreenShare`, `updateScreenShare`. The sound of the screen is not sent. */
export interface ScreenShare {
  /** Where the user sees it too. */
  view?: View | undefined;
  /** Whether the others get it. Default: true. */
  publish?: boolean | undefined;
  option?: (CaptureOptions & { fillMode?: PlayOptions["fillMode"] | undefined }) | undefined;
  [more: string]: unknown;
}

/** `startLocalAudio`, `updateLocalAudio` */
export interface LocalAudio {
  publish?: boolean | undefined;
  mute?: boolean | string | undefined;
  option?: CaptureOptions | undefined;
  [more: string]: unknown;
}

/** `startRemoteVideo`, `updateRemoteVideo`, `stopRemoteVideo` */
export interface RemoteVideo {
  /** `*` for everybody, where a picture is stopped. */
  userId: string;
  streamType?: string | undefined;
  view?: View | undefined;
  option?: { mirror?: boolean | undefined; fillMode?: PlayOptions["fillMode"] | undefined; [more: string]: unknown } | undefined;
  [more: string]: unknown;
}
