import type { LinkView } from "../media/transport.js";
import type { TextKey } from "../strings/texts.js";

/** Whether there is a picture of them: in a video call unless they say otherwise, in a voice call when they say so. */
export function seesThem({ theirs }: LinkView, video: boolean): boolean {
  return theirs === undefined ? video : theirs.camera;
}

/** The words for each note below the name that it is about. */
export const BELOW_NAME = {
  "call.linking": "call.linking",
  "call.interrupted": "tiles.interrupted",
  "call.away": "tiles.away",
  "call.theirScreen": "tiles.screen",
  "call.theirMicrophoneOff": "tiles.microphoneOff",
  "call.theirMicrophoneNone": "call.noMicrophone",
  "call.theirCameraOff": "tiles.cameraOff",
  "call.theirCameraNone": "call.noCamera",
} as const satisfies Partial<Record<TextKey, TextKey>>;

/** Something to say of somebody in a call, as a sentence that names them. */
export type Note = keyof typeof BELOW_NAME;

/** What there is to say about the connection, or else about the devices of the other side. */
export function notesOf(link: Pick<LinkView, "state" | "theirs"> | undefined, video: boolean): Note[] {
  if (link === undefined || link.state === "connecting") {
    return ["call.linking"];
  }
  if (link.state === "interrupted") {
    return ["call.interrupted"];
  }
  if (link.state === "away") {
    return ["call.away"];
  }
  const { theirs } = link;
  if (theirs === undefined) {
    return [];
  }
  const { microphone, camera, screen = false, missing = [] } = theirs;
  const notes: (Note | false)[] = [
    screen && "call.theirScreen",
    !microphone && (missing.includes("microphone") ? "call.theirMicrophoneNone" : "call.theirMicrophoneOff"),
    video && !camera && (missing.includes("camera") ? "call.theirCameraNone" : "call.theirCameraOff"),
  ];
  return notes.filter((note) => note !== false);
}
