import type { CallView } from "@wigwag/sdk";
import { useEffect } from "preact/hooks";
import { outcomeOf } from "../chat/knownCalls.js";
import { isMissed, wordsOf } from "../chat/words.js";
import { Icon } from "../kit/icons.js";
import type { Notices } from "../kit/notices.js";
import { language } from "../kit/preferences.js";
import { useSay } from "../kit/useSay.js";
import { Avatar } from "../people/avatar.js";
import { nameOf } from "../people/names.js";
import { clockOf } from "../people/times.js";
import { mediaOf } from "../session/payload.js";
import { useStore } from "../session/store.js";
import { SOUND } from "../sound/rules.js";
import type { Calls } from "./calls.js";
import type { CallLog } from "./log.js";
import { isFree } from "./machine.js";
import type { Missed } from "./missed.js";

interface Props {
  calls: Calls;
  log: CallLog;
  missed: Missed;
  notices: Notices;
  me: string;
  /** Whether the user looks at the list: the missed calls in it are seen then. */
  looking: boolean;
  onOpen: (userID: string) => void;
}

/** The calls of this user, the newest first. */
export function CallList({ log, missed, notices, looking, ...props }: Props) {
  const say = useSay();
  const { calls: all, next } = useStore(log.view);
  // Nobody called anybody into the sound of a room.
  const calls = all?.filter(({ mediaType }) => mediaType !== SOUND);
  const unseen = useStore(missed.calls).length;
  useEffect(() => log.follow(), [log]);
  useEffect(() => {
    if (looking && unseen > 0) {
      void notices.attempt(() => missed.markSeen());
    }
  }, [looking, unseen, missed, notices]);
  if (calls?.length === 0 && next === undefined) {
    return (
      <div class="nothing">
        <Icon name="phone" />
        <h2>{say("log.none")}</h2>
        <p>{say("log.noneMore")}</p>
      </div>
    );
  }
  return (
    <div class="contacts">
      <ul>
        {calls?.map((call) => (
          <CallEntry key={call.callID} call={call} {...props} />
        ))}
      </ul>
      {next !== undefined && (
        <button type="button" class="button small older" onClick={() => void notices.attempt(() => log.older())}>
          {say("talk.older")}
        </button>
      )}
    </div>
  );
}

type EntryProps = Pick<Props, "calls" | "me" | "onOpen"> & { call: CallView };

function CallEntry({ calls, call, me, onOpen }: EntryProps) {
  const say = useSay();
  const spoken = useStore(language);
  const free = isFree(useStore(calls.call));
  const [peer = call.caller, ...others] = othersOf(call, me);
  const name = [peer, ...others].map(nameOf).join(", ");
  const told = { mine: call.caller === me, outcome: outcomeOf(call) } as const;
  const media = mediaOf(call);
  return (
    <li class="log-entry">
      <button type="button" class="contact" disabled={others.length > 0} onClick={() => onOpen(peer)}>
        <Avatar userID={peer} />
        <span class="contact-name">{name}</span>
        <time class="contact-time" dateTime={new Date(call.createdAt).toISOString()}>
          {clockOf(call.createdAt, Date.now(), spoken)}
        </time>
        <span class="contact-more">
          <span class={isMissed(told) ? "contact-last missed" : "contact-last"}>
            <Icon name={media === "video" ? "camera" : "phone"} />
            {isMissed(told) ? "" : `${say(told.mine ? "log.outgoing" : "log.incoming")} · `}
            {say(...wordsOf(told))}
          </span>
        </span>
      </button>
      {others.length === 0 && (
        <button
          type="button"
          class="tool"
          disabled={!free}
          aria-label={say(`log.${media}Back`, { name })}
          title={say(`log.${media}Back`, { name })}
          onClick={() => calls.start(peer, media)}
        >
          <Icon name={media === "video" ? "camera" : "phone"} />
        </button>
      )}
    </li>
  );
}

function othersOf({ people }: CallView, me: string): string[] {
  return people.map(({ userID }) => userID).filter((userID) => userID !== me);
}
