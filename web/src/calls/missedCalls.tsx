import { Icon } from "../kit/icons.js";
import type { Notices } from "../kit/notices.js";
import { language } from "../kit/preferences.js";
import { useSay } from "../kit/useSay.js";
import { Avatar } from "../people/avatar.js";
import { nameOf } from "../people/names.js";
import { clockOf } from "../people/times.js";
import { mediaOf } from "../session/payload.js";
import { useStore } from "../session/store.js";
import type { Missed } from "./missed.js";

interface Props {
  missed: Missed;
  notices: Notices;
  onOpen: (userID: string) => void;
}

/** The missed calls that nobody has looked at yet; nothing when there are none. */
export function MissedCalls({ missed, notices, onOpen }: Props) {
  const say = useSay();
  const spoken = useStore(language);
  const calls = useStore(missed.calls);
  return calls.length === 0 ? null : (
    <section class="missed-calls" aria-labelledby="missed-title">
      <h2 id="missed-title">{say("missed.title")}</h2>
      <ul class="contacts">
        {calls.map((call) => (
          <li key={call.callID}>
            <button type="button" class="contact" onClick={() => onOpen(call.caller)}>
              <Avatar userID={call.caller} />
              <span class="contact-name">{nameOf(call.caller)}</span>
              <time class="contact-time" dateTime={new Date(call.createdAt).toISOString()}>
                {clockOf(call.createdAt, Date.now(), spoken)}
              </time>
              <span class="contact-more">
                <span class="contact-last missed">{say(`call.${mediaOf(call)}`)}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
      <button type="button" class="button small" onClick={() => void notices.attempt(() => missed.markSeen())}>
        <Icon name="close" /> {say("missed.seen")}
      </button>
    </section>
  );
}
