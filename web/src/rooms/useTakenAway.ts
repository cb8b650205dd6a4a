import { useEffect, useState } from "preact/hooks";
import { readNote } from "../session/payload.js";
import type { Room } from "./room.js";

/** Whether somebody else was the last to take the seat or the hand of this user, while this page looked on. */
export function useTakenAway(room: Room): boolean {
  const [taken, setTaken] = useState(false);
  const { session, groupID } = room;
  useEffect(
    () =>
      session.on((event) => {
        if (event.type !== "message.received" || event.message.groupID !== groupID) {
          return;
        }
        const note = readNote(event.message.content.data);
        if (note !== undefined && "who" in note && note.who === session.me) {
          setTaken(event.message.sender !== session.me);
        }
      }),
    [session, groupID],
  );
  return taken;
}
