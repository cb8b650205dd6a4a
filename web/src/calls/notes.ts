import type { LinkView } from "../media/transport.js";
import type { TextKey } from "../strings/texts.js";

/** Whether there is a picture of them: in a video call unless they say otherwise, in a voice call when they say so. */
export function seesThem({ theirs }: LinkView, video: boolean): boolean {
  return theirs === undefined ? video : theirs.camera;
}

/** What there is to say about the connection, or else about the devices of the other side. */
export function notesOf(link: Pick<LinkView, "state" | "theirs"> | undefined, video: boolean): TextKey[] {
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
  const notes: (TextKey | false)[] = [
    screen && "call.theirScreen",
    !microphone && (missing.includes("microphone") ? "call.theirMicrophoneNone" : "call.theirMicrophoneOff"),
    video && !camera && (missing.includes("camera") ? "call.theirCameraNone" : "call.theirCameraOff"),
  ];
  return notes.filter((note) => note !== false);
}
