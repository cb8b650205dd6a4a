import { useEffect, useState } from "preact/hooks";
import type { Workspace } from "../app/workspace.js";
import { useSay } from "../kit/useSay.js";
import { RoomFrame } from "../rooms/frame.js";
import { useStore } from "../session/store.js";
import { Audience } from "./audience.js";
import { MyPart } from "./myPart.js";
import type { ShowProps } from "./props.js";
import { Seats } from "./seats.js";
import { Show } from "./show.js";

/** One live room. */
export function LiveScene({ workspace, name }: { workspace: Workspace; name: string }) {
  const [show] = useState(() => new Show(workspace.session, name));
  useEffect(() => {
    void workspace.notices.attempt(() => show.room.enter());
    return () => show.room.close();
  }, [show]);
  return <Studio workspace={workspace} show={show} name={name} />;
}

function Studio({ workspace, show, name }: ShowProps & { name: string }) {
  const say = useSay();
  // The role follows the room.
  useStore(show.room.view);
  const role = say(show.hosts ? "live.host" : "live.audience");
  return (
    <RoomFrame workspace={workspace} scene="live" name={name} room={show.room} role={role}>
      <Seats workspace={workspace} show={show} />
      <MyPart workspace={workspace} show={show} />
      <Audience workspace={workspace} show={show} />
    </RoomFrame>
  );
}
