import { useEffect, useState } from "preact/hooks";
import { Icon, type IconName } from "../kit/icons.js";
import type { Notices } from "../kit/notices.js";
import { go, writeRoute } from "../kit/route.js";
import { useSay } from "../kit/useSay.js";
import { tidied } from "../people/names.js";
import type { Session } from "../session/session.js";
import type { TextKey } from "../strings/texts.js";
import { ROOM_ID_BYTES, type RoomScene, roomIDOf, roomNameOf } from "./ids.js";

const ICONS: Record<RoomScene, IconName> = { class: "hand", live: "live" };

interface Props {
  session: Session;
  notices: Notices;
  scene: RoomScene;
}

/** Lists the rooms of this user, joins rooms and creates them. */
export function Lobby(props: Props) {
  const { scene } = props;
  const say = useSay();
  const rooms = useRooms(props);
  return (
    <div class="lobby">
      <section class="lobby-card">
        <Icon name={ICONS[scene]} />
        <h1>{say(`${scene}.title`)}</h1>
        <p>{say(`${scene}.lead`)}</p>
        <Doors {...props} />
      </section>
      {rooms.length > 0 && (
        <section class="lobby-card">
          <h2>{say("room.yours")}</h2>
          <ul class="rooms">
            {rooms.map((name) => (
              <li key={name}>
                <a href={writeRoute({ scene, at: name })}>{name}</a>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

/** Asks for the name of a room, then joins the room or creates it. */
function Doors({ session, notices, scene }: Props) {
  const say = useSay();
  const [name, setName] = useState("");
  const [wrong, setWrong] = useState<TextKey>();

  const through = (door: (name: string) => unknown) => {
    const meant = tidied(name);
    const flaw = flawOf(scene, meant);
    setWrong(flaw);
    if (flaw === undefined) {
      door(meant);
    }
  };

  const join = (meant: string) => go({ scene, at: meant });

  const create = async (meant: string) => {
    const group = { groupID: roomIDOf(scene, meant), name: meant, joinPolicy: "free" as const };
    if (await notices.attempt(() => session.client.groups.create(group))) {
      join(meant);
    }
  };

  const submit = (event: Event) => {
    event.preventDefault();
    through(join);
  };

  return (
    <form class="doors" onSubmit={submit}>
      <NameField name={name} wrong={wrong} onInput={setName} />
      <div class="card-choices">
        <button type="submit" class="button">
          {say("room.join")}
        </button>
        <button type="button" class="button primary" onClick={() => through(create)}>
          {say(`${scene}.create`)}
        </button>
      </div>
    </form>
  );
}

/** What is wrong with the name of a room. */
function flawOf(scene: RoomScene, name: string): TextKey | undefined {
  if (name === "") {
    return "room.empty";
  }
  return roomIDOf(scene, name).length > ROOM_ID_BYTES ? "room.tooLong" : undefined;
}

interface NameProps {
  name: string;
  wrong: TextKey | undefined;
  onInput: (name: string) => void;
}

function NameField({ name, wrong, onInput }: NameProps) {
  const say = useSay();
  return (
    <>
      <label for="room-name">{say("room.name")}</label>
      <input
        id="room-name"
        value={name}
        autoComplete="off"
        aria-invalid={wrong !== undefined}
        aria-describedby="room-more"
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      <p id="room-more" class="wrong" role="alert">
        {wrong !== undefined && say(wrong)}
      </p>
    </>
  );
}

/** The names of the rooms of this scene that the user is a member of. */
function useRooms({ session, notices, scene }: Props): string[] {
  const [rooms, setRooms] = useState<string[]>([]);
  useEffect(() => {
    void notices.attempt(async () => {
      const found: string[] = [];
      for (let from: { after?: string } | undefined = {}; from !== undefined; ) {
        const { groups, next } = await session.client.groups.list(from);
        found.push(...groups.flatMap(({ groupID }) => roomNameOf(scene, groupID) ?? []));
        from = next === undefined ? undefined : { after: next };
      }
      setRooms(found);
    });
  }, [session, notices, scene]);
  return rooms;
}
