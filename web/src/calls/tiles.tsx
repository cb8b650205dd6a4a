import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../kit/icons.js";
import { useSay } from "../kit/useSay.js";
import type { Other } from "../media/people.js";
import type { LinkView } from "../media/transport.js";
import { Voice } from "../media/voice.js";
import { Avatar } from "../people/avatar.js";
import { nameOf } from "../people/names.js";
import { ordered, pagesOf, SPEAKS, TILES } from "./gallery.js";
import type { CallMedia, MediaView } from "./media.js";
import { BELOW_NAME, notesOf, seesThem } from "./notes.js";
import { Picture } from "./video.js";

/** How often it is looked who speaks, ms: a word is longer. */
const LISTENS_MS = 100;

interface FacesProps {
  media: CallMedia;
  others: readonly Other[];
  links: MediaView["links"];
  video: boolean;
}

/** The others: one fills the stage, more have a tile each, on as many pages as they need. Those on other pages are heard. */
export function Faces({ media, others, links, video }: FacesProps) {
  const say = useSay();
  const [wanted, setPage] = useState(0);
  const order = useOrder(media, others);
  const pages = pagesOf(order.length);
  const page = Math.min(wanted, pages - 1);
  const shown = order.slice(page * TILES, (page + 1) * TILES);
  useEffect(() => media.shows(shown), [media, shown.join()]);
  if (others.length === 1) {
    const [userID = ""] = shown;
    return <Face userID={userID} link={links.get(userID)} video={video} />;
  }
  return (
    <>
      <ul class={`tiles ${shown.length > 5 ? "tiles-many" : `tiles-${shown.length}`}`}>
        {shown.map((userID) => (
          <li key={userID} class="tile">
            <Face userID={userID} link={links.get(userID)} video={video} />
            <p class="tile-name">
              <strong>{nameOf(userID)}</strong>{" "}
              {notesOf(links.get(userID), video)
                .map((note) => say(BELOW_NAME[note]))
                .join(" · ")}
            </p>
          </li>
        ))}
      </ul>
      {order.map((userID) => {
        const remote = shown.includes(userID) ? undefined : links.get(userID)?.remote;
        return remote === undefined ? null : <Voice key={userID} stream={remote} />;
      })}
      {pages > 1 && <Pages page={page} pages={pages} onPage={setPage} />}
    </>
  );
}

/** The order of the tiles, in which those who speak come to the front. */
function useOrder(media: CallMedia, others: readonly Other[]): readonly string[] {
  const order = useRef<readonly string[]>([]);
  const spoke = useRef(new Map<string, number>());
  const [, redraw] = useState(0);
  order.current = ordered(order.current, others, spoke.current);
  const crowded = others.length > TILES;
  useEffect(() => {
    if (!crowded) {
      return undefined;
    }
    const timer = setInterval(() => {
      for (const userID of order.current.filter((one) => media.level(one) >= SPEAKS)) {
        spoke.current.set(userID, performance.now());
      }
      if (ordered(order.current, others, spoke.current) !== order.current) {
        redraw((drawn) => drawn + 1);
      }
    }, LISTENS_MS);
    return () => clearInterval(timer);
  }, [media, others, crowded]);
  return order.current;
}

function Pages({ page, pages, onPage }: { page: number; pages: number; onPage: (page: number) => void }) {
  const say = useSay();
  return (
    <nav class="tile-pages" aria-label={say("tiles.title")}>
      <button
        type="button"
        class="stage-button stage-little"
        disabled={page === 0}
        aria-label={say("tiles.back")}
        onClick={() => onPage(page - 1)}
      >
        <Icon name="back" />
      </button>
      <span>{say("tiles.page", { page: page + 1, pages })}</span>
      <button
        type="button"
        class="stage-button stage-little"
        disabled={page === pages - 1}
        aria-label={say("tiles.next")}
        onClick={() => onPage(page + 1)}
      >
        <Icon name="forward" />
      </button>
    </nav>
  );
}

function Face({ userID, link, video }: { userID: string; link: LinkView | undefined; video: boolean }) {
  const say = useSay();
  const shown = link !== undefined && link.state !== "connecting" && link.state !== "away" && seesThem(link, video);
  return (
    <>
      {link?.remote !== undefined && (
        <Picture stream={link.remote} class={shown ? "theirs" : "unseen"} label={say("call.picture", { name: nameOf(userID) })} />
      )}
      {!shown && (
        <div class="stage-face">
          <Avatar userID={userID} size="huge" />
        </div>
      )}
    </>
  );
}
