import type { ComponentChildren } from "preact";
import { Composer } from "../kit/composer.js";
import { Icon } from "../kit/icons.js";
import type { Notices } from "../kit/notices.js";
import { language } from "../kit/preferences.js";
import { go } from "../kit/route.js";
import { Scroller } from "../kit/scroller.js";
import { useSay } from "../kit/useSay.js";
import { Avatar } from "../people/avatar.js";
import { nameOf } from "../people/names.js";
import { clockOf } from "../people/times.js";
import { useStore } from "../session/store.js";
import type { Chat } from "./chat.js";
import type { Line } from "./lines.js";
import { isMissed, wordsOf } from "./words.js";

interface Props {
  chat: Chat;
  notices: Notices;
  /** The userID of the other person. */
  peer: string;
  /** Buttons that stand beside the person's name. */
  children: ComponentChildren;
  /** What stands below it. */
  note?: ComponentChildren;
}

/** The messages and calls of two users. */
export function Conversation({ chat, notices, peer, children, note }: Props) {
  const say = useSay();
  const { lines, complete } = useStore(chat.view);
  const name = nameOf(peer);
  return (
    <section class="conversation">
      <Head peer={peer}>{children}</Head>
      {note}
      <Scroller count={lines.length} label={say("talk.lines", { name })}>
        {!complete && lines.length > 0 && (
          <button type="button" class="button small older" onClick={() => void notices.attempt(() => chat.older())}>
            {say("talk.older")}
          </button>
        )}
        {lines.length === 0 ? (
          <p class="nothing">{say("talk.empty", { name })}</p>
        ) : (
          <ol class="lines">
            {lines.map((line) => (
              <LineItem key={line.key} line={line} peer={peer} />
            ))}
          </ol>
        )}
      </Scroller>
      <Composer placeholder={say("talk.placeholder", { name })} onSay={(text) => notices.attempt(() => chat.say(text))} />
    </section>
  );
}

function Head({ peer, children }: Pick<Props, "peer" | "children">) {
  const say = useSay();
  return (
    <header class="conversation-head">
      <button type="button" class="tool back" aria-label={say("people.back")} onClick={() => go({ scene: "call" })}>
        <Icon name="back" />
      </button>
      <Avatar userID={peer} />
      <h1>{nameOf(peer)}</h1>
      {children}
    </header>
  );
}

function LineItem({ line, peer }: { line: Line; peer: string }) {
  const say = useSay();
  const spoken = useStore(language);
  const who = line.mine ? say("talk.you") : nameOf(peer);
  return (
    <li class={line.mine ? "line mine" : "line"}>
      <span class="unseen">{who}:</span>
      {line.kind === "text" ? <p class="bubble">{line.text}</p> : <CallBubble line={line} />}
      <time dateTime={new Date(line.time).toISOString()}>{clockOf(line.time, Date.now(), spoken)}</time>
    </li>
  );
}

function CallBubble({ line }: { line: Line & { kind: "call" } }) {
  const say = useSay();
  return (
    <p class={isMissed(line) ? "bubble call-line missed" : "bubble call-line"}>
      <Icon name={line.media === "video" ? "camera" : "phone"} />
      <span>{say(line.media === "video" ? "call.video" : "call.audio")}</span>
      <strong>{say(...wordsOf(line))}</strong>
    </p>
  );
}
