import type { Workspace } from "../app/workspace.js";
import { isFree } from "../calls/machine.js";
import { Composer } from "../kit/composer.js";
import { Icon } from "../kit/icons.js";
import { language } from "../kit/preferences.js";
import { go } from "../kit/route.js";
import { Scroller } from "../kit/scroller.js";
import { useSay } from "../kit/useSay.js";
import { Avatar } from "../people/avatar.js";
import { nameOf } from "../people/names.js";
import { clockOf } from "../people/times.js";
import { useStore } from "../session/store.js";
import type { Line } from "./lines.js";
import { isMissed, wordsOf } from "./words.js";

/** What two people said, and how their calls went. */
export function Conversation({ workspace, peer }: { workspace: Workspace; peer: string }) {
  const { chat, notices } = workspace;
  const say = useSay();
  const { lines, complete } = useStore(chat.view);
  const name = nameOf(peer);
  return (
    <section class="conversation">
      <Head workspace={workspace} peer={peer} />
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

function Head({ workspace, peer }: { workspace: Workspace; peer: string }) {
  const say = useSay();
  const name = nameOf(peer);
  const free = isFree(useStore(workspace.calls.call));
  return (
    <header class="conversation-head">
      <button type="button" class="tool back" aria-label={say("people.back")} onClick={() => go({ scene: "call" })}>
        <Icon name="back" />
      </button>
      <Avatar userID={peer} />
      <h1>{name}</h1>
      <button
        type="button"
        class="button"
        disabled={!free}
        aria-label={say("call.audioTo", { name })}
        onClick={() => workspace.calls.start(peer, "audio")}
      >
        <Icon name="phone" /> <span class="wide-only">{say("call.audio")}</span>
      </button>
      <button
        type="button"
        class="button agree"
        disabled={!free}
        aria-label={say("call.videoTo", { name })}
        onClick={() => workspace.calls.start(peer, "video")}
      >
        <Icon name="camera" /> <span class="wide-only">{say("call.video")}</span>
      </button>
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
