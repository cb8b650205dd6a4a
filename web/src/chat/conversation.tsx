import type { ComponentChildren } from "preact";
import { Composer } from "../kit/composer.js";
import { Icon } from "../kit/icons.js";
import { type Notices, troubleOf } from "../kit/notices.js";
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
import type { Outbox, Waiting } from "./outbox.js";
import { isMissed, wordsOf } from "./words.js";

interface Props {
  chat: Chat;
  outbox: Outbox;
  notices: Notices;
  /** The userID of the other person. */
  peer: string;
  /** Buttons that stand beside the person's name. */
  children: ComponentChildren;
  /** What stands below it. */
  note?: ComponentChildren;
}

/** The messages and calls of two users. */
export function Conversation({ chat, outbox, notices, peer, children, note }: Props) {
  const say = useSay();
  const { lines, complete } = useStore(chat.view);
  const waiting = useStore(outbox.waiting).filter(({ userID }) => userID === peer);
  const count = lines.length + waiting.length;
  const name = nameOf(peer);
  const online = useStore(outbox.connection).status === "open";
  const put = async (text: string) => notices.unless(!outbox.put(peer, text.trim()), "talk.full");
  return (
    <section class="conversation">
      <Head peer={peer}>{children}</Head>
      {note}
      <Scroller count={count} label={say("talk.lines", { name })}>
        {!complete && lines.length > 0 && (
          <button type="button" class="button small older" onClick={() => void notices.attempt(() => chat.older())}>
            {say("talk.older")}
          </button>
        )}
        {count === 0 ? (
          <p class="nothing">{say("talk.empty", { name })}</p>
        ) : (
          <ol class="lines">
            {lines.map((line) => (
              <LineItem key={line.key} line={line} peer={peer} />
            ))}
            {waiting.map((text) => (
              <WaitingItem key={text.clientMsgID} outbox={outbox} waiting={text} online={online} />
            ))}
          </ol>
        )}
      </Scroller>
      <Composer placeholder={say("talk.placeholder", { name })} onSay={put} />
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

interface WaitingProps {
  outbox: Outbox;
  waiting: Waiting;
  online: boolean;
}

/** A text that the server has not taken: it waits for the connection, or was refused. */
function WaitingItem({ outbox, waiting: { clientMsgID, text, refusal }, online }: WaitingProps) {
  const say = useSay();
  return (
    <li class="line mine waiting">
      <span class="unseen">{say("talk.you")}:</span>
      <p class="bubble">{text}</p>
      <p class={refusal === undefined ? "hint" : "wrong"} role="status">
        {refusal !== undefined
          ? `${say("talk.notSent")} ${say(troubleOf(refusal), { message: refusal })}`
          : online
            ? ""
            : say("talk.waits")}
      </p>
      {refusal !== undefined && (
        <p class="waiting-choices">
          <button type="button" class="button small" onClick={() => outbox.retry(clientMsgID)}>
            {say("talk.sendAgain")}
          </button>
          <button type="button" class="button small" onClick={() => outbox.drop(clientMsgID)}>
            {say("talk.drop")}
          </button>
        </p>
      )}
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
