import { useEffect, useState } from "preact/hooks";
import type { Notices } from "../kit/notices.js";
import { useSay } from "../kit/useSay.js";
import type { ServerMedia } from "../media/meeting.js";
import type { Online } from "../presence/online.js";
import { RoomFrame } from "../rooms/frame.js";
import type { Session } from "../session/session.js";
import { useStore } from "../session/store.js";
import { SoundBar } from "../sound/bar.js";
import { Audience } from "./audience.js";
import { MyPart } from "./myPart.js";
import type { ShowProps } from "./props.js";
import { Seats } from "./seats.js";
import { Show } from "./show.js";

interface Props {
  session: Session;
  online: Online;
  notices: Notices;
  /** What the server says of the media of calls. */
  media: ServerMedia;
  /** The name of the room. */
  name: string;
}

/** The scene of one live room. */
export function LiveScene({ session, online, notices, media, name }: Props) {
  const [show] = useState(() => new Show(session, online, name, media));
  useEffect(() => {
    void notices.attempt(() => show.room.enter());
    return () => show.close();
  }, [show]);
  return <Studio show={show} notices={notices} name={name} />;
}

function Studio({ show, notices, name }: ShowProps & { name: string }) {
  const say = useSay();
  // The role depends on the owner of the room, so draw again when the room changes.
  useStore(show.room.view);
  const role = say(show.hosts ? "live.host" : "live.audience");
  return (
    <RoomFrame
      notices={notices}
      scene="live"
      name={name}
      room={show.room}
      attendance={show.attendance}
      role={role}
      sound={<SoundBar sound={show.sound} />}
    >
      <Seats show={show} notices={notices} />
      <MyPart show={show} notices={notices} />
      <Audience show={show} notices={notices} />
    </RoomFrame>
  );
}
