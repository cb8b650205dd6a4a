import { Composer } from "../kit/composer.js";
import type { Notices } from "../kit/notices.js";
import { Scroller } from "../kit/scroller.js";
import { useSay } from "../kit/useSay.js";
import { Avatar } from "../people/avatar.js";
import { nameOf } from "../people/names.js";
import { useStore } from "../session/store.js";
import type { Room } from "./room.js";

/** The text messages of a room. */
export function RoomChat({ room, notices }: { room: Room; notices: Notices }) {
  const say = useSay();
  const { items } = useStore(room.view);
  const lines = items.flatMap((item) => (item.kind === "text" ? [item] : []));
  return (
    <section class="room-chat" aria-label={say("room.chat")}>
      <h2>{say("room.chat")}</h2>
      <Scroller count={lines.length} label={say("room.chat")}>
        {lines.length === 0 ? (
          <p class="nothing">{say("room.chatEmpty")}</p>
        ) : (
          <ol class="room-lines">
            {lines.map(({ seq, sender, text }) => (
              <li key={seq}>
                <Avatar userID={sender} size="small" />
                <p>
                  <strong>{nameOf(sender)}</strong> <span>{text}</span>
                </p>
              </li>
            ))}
          </ol>
        )}
      </Scroller>
      <Composer placeholder={say("room.write")} onSay={(text) => notices.attempt(() => room.say(text))} />
    </section>
  );
}
