import { Voice } from "../media/voice.js";
import { useStore } from "../session/store.js";
import type { RoomSound } from "./roomSound.js";

/**
 * Plays those who may be heard. What anybody else sends is not played: a page that goes on sending when it has lost the microphone is
 * heard by nobody.
 */
export function Voices({ sound }: { sound: RoomSound }) {
  const { links } = useStore(sound.meeting.view);
  const speakers = useStore(sound.speakers);
  return (
    <>
      {speakers.map((userID) => {
        const remote = links.get(userID)?.remote;
        return remote === undefined ? null : <Voice key={userID} stream={remote} />;
      })}
    </>
  );
}
