import type { ComponentChildren } from "preact";
import { Icon } from "../kit/icons.js";
import { useSay } from "../kit/useSay.js";
import { nameOf } from "../people/names.js";
import { useStore } from "../session/store.js";
import type { TextKey } from "../strings/texts.js";
import type { RoomSound } from "./roomSound.js";

interface Props {
  sound: RoomSound;
  /** Somebody who may be heard. */
  userID: string;
  children: ComponentChildren;
}

/** The face of a user who may be heard: a ring shows how loud they are, a mark that nobody hears them. */
export function SpeakerFace({ sound, userID, children }: Props) {
  const say = useSay();
  const level = useStore(sound.levels).get(userID) ?? 0;
  const silence = useSilence(sound, userID);
  return (
    <span class="voice" data-level={level}>
      {children}
      {silence !== undefined && (
        <span class="voice-silent" title={say(silence, { name: nameOf(userID) })}>
          <Icon name="microphoneOff" />
          <span class="unseen">{say(silence, { name: nameOf(userID) })}</span>
        </span>
      )}
    </span>
  );
}

/** Why somebody is not heard; undefined while they are, and where this page cannot know. */
function useSilence(sound: RoomSound, userID: string): TextKey | undefined {
  const { at } = useStore(sound.sound);
  const link = useStore(sound.meeting.view).links.get(userID);
  const { state } = useStore(sound.microphone.view);
  if (userID === sound.room.session.me) {
    return at !== "off" && state === "muted" ? "sound.muted" : undefined;
  }
  if (at !== "on") {
    return undefined;
  }
  if (link === undefined) {
    return "sound.absent";
  }
  if (link.theirs === undefined || link.theirs.microphone) {
    return undefined;
  }
  return link.theirs.missing?.includes("microphone") ? "sound.noMicrophone" : "sound.muted";
}
