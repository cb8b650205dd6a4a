import { useEffect, useState } from "preact/hooks";
import type { Chat } from "../chat/chat.js";
import { Contacts, Finder } from "../chat/contacts.js";
import { Conversation } from "../chat/conversation.js";
import type { Outbox } from "../chat/outbox.js";
import { Count } from "../kit/count.js";
import { Icon } from "../kit/icons.js";
import type { Notices } from "../kit/notices.js";
import { go, replace } from "../kit/route.js";
import { useSay } from "../kit/useSay.js";
import { useVisible } from "../kit/useVisible.js";
import { called } from "../media/chosen.js";
import type { Troubles } from "../media/devices.js";
import { DeviceTroubles, useForeseen } from "../media/deviceTroubles.js";
import { nameOf, tidied } from "../people/names.js";
import type { Media } from "../session/payload.js";
import { useStore } from "../session/store.js";
import { CallButtons } from "./callButtons.js";
import { CallList } from "./callList.js";
import type { Calls } from "./calls.js";
import type { CallLog } from "./log.js";
import { isFree } from "./machine.js";
import type { Missed } from "./missed.js";
import { useFocus } from "./useFocus.js";

interface Props {
  calls: Calls;
  chat: Chat;
  outbox: Outbox;
  log: CallLog;
  missed: Missed;
  notices: Notices;
  /** The userID of this page. */
  me: string;
  /** Whether a call lies above the scene. */
  covered: boolean;
  /** The userID that the address names. */
  at: string | undefined;
  /** Whether the address asks for a call to them. */
  now: boolean;
}

/** Contacts on one side, the conversation with one of them on the other. A phone shows one of the two. */
export function CallScene({ chat, outbox, notices, covered, now, ...props }: Props) {
  const { calls, me, at } = props;
  const peer = at === me ? undefined : at;
  const { nobody } = useStore(chat.view);
  const looking = useVisible() && !covered;
  const foreseen = wanted(useForeseen("video"));
  useOpening(chat, notices, peer, now);
  useEffect(() => chat.looks(looking), [chat, looking]);
  useEffect(() => () => chat.looks(false), [chat]);

  return (
    <div class={peer === undefined ? "talk" : "talk talk-open"}>
      <Side {...props} chat={chat} notices={notices} peer={peer} looking={looking} />
      {peer === undefined ? (
        <NobodyChosen />
      ) : nobody ? (
        <NobodyThere peer={peer} />
      ) : (
        <Conversation
          key={peer}
          chat={chat}
          outbox={outbox}
          notices={notices}
          peer={peer}
          note={
            <>
              {now && <CallNow calls={calls} peer={peer} />}
              <Before calls={calls} troubles={foreseen} />
            </>
          }
        >
          <CallButtons calls={calls} peer={peer} />
        </Conversation>
      )}
    </div>
  );
}

/** Whoever has no camera may want none; one that is there and blocked was wanted once. */
function wanted({ camera, ...others }: Troubles): Troubles {
  return camera === "refused" ? { ...others, camera } : others;
}

/** Opens the conversation that the address names. */
function useOpening(chat: Chat, notices: Notices, peer: string | undefined, now: boolean): void {
  useEffect(() => {
    if (peer === undefined) {
      chat.shut();
      return;
    }
    void notices.attempt(async () => {
      const found = await chat.open(peer);
      if (found !== peer && chat.view.get().open === peer) {
        replace({ scene: "call", at: found, ...(now ? { now } : {}) });
      }
    });
  }, [peer, now, chat, notices]);
}

/** Whoever followed a link that calls somebody has one press left: no other page can make theirs call. */
function CallNow({ calls, peer }: { calls: Calls; peer: string }) {
  const say = useSay();
  const focused = useFocus(peer);
  const free = isFree(useStore(calls.call));
  const start = (media: Media) => {
    replace({ scene: "call", at: peer });
    calls.start(peer, media);
  };
  return (
    <section class="call-now" aria-labelledby="now-title">
      <h2 id="now-title">{say("now.title", { name: nameOf(peer) })}</h2>
      <div class="card-choices">
        <button type="button" class="button" disabled={!free} onClick={() => start("audio")}>
          <Icon name="phone" /> {say("now.audio")}
        </button>
        <button type="button" class="button agree" disabled={!free} ref={focused} onClick={() => start("video")}>
          <Icon name="camera" /> {say("now.video")}
        </button>
      </div>
    </section>
  );
}

function NobodyThere({ peer }: { peer: string }) {
  const say = useSay();
  return (
    <section class="nothing nobody">
      <Icon name="people" />
      <h2>{say("people.nobody", { name: nameOf(peer) })}</h2>
      <p>{say("trouble.unknownUser")}</p>
      <button type="button" class="button" onClick={() => go({ scene: "call" })}>
        {say("people.back")}
      </button>
    </section>
  );
}

/** What there is to say before a call: what will be missing, and before the first one an offer to look. */
function Before({ calls, troubles }: { calls: Calls; troubles: Troubles }) {
  const say = useSay();
  const first = !useStore(called);
  return (
    <>
      <DeviceTroubles troubles={troubles} />
      {first && (
        <p class="before-first">
          {say("devices.first")}
          <button type="button" class="button small" onClick={() => calls.checking.set(true)}>
            {say("devices.open")}
          </button>
        </p>
      )}
    </>
  );
}

type SideProps = Omit<Props, "at" | "covered" | "now" | "outbox"> & { peer: string | undefined; looking: boolean };

/** The people, or the calls, and a field to find somebody. */
function Side({ chat, notices, peer, ...props }: SideProps) {
  const say = useSay();
  const [shown, setShown] = useState<"people" | "calls">("people");
  const [sought, setSought] = useState("");
  const open = (userID: string) => go({ scene: "call", at: userID });
  const seek = (name: string) => {
    setSought(name);
    setShown("people");
  };
  return (
    <section class="people" aria-label={say("people.title")}>
      <Finder chat={chat} notices={notices} me={props.me} sought={sought} onSeek={seek} onOpen={open} />
      <div class="sides">
        <button type="button" aria-pressed={shown === "people"} onClick={() => setShown("people")}>
          {say("people.title")}
        </button>
        <button type="button" aria-pressed={shown === "calls"} onClick={() => setShown("calls")}>
          {say("log.title")} <MissedCount missed={props.missed} />
        </button>
      </div>
      {shown === "people" ? (
        <Contacts chat={chat} notices={notices} sought={tidied(sought)} open={peer} onOpen={open} />
      ) : (
        <CallList {...props} notices={notices} onOpen={open} />
      )}
    </section>
  );
}

function MissedCount({ missed }: { missed: Missed }) {
  const say = useSay();
  const count = useStore(missed.calls).length;
  return count === 0 ? null : <Count count={count} words={say("log.missed", { count })} />;
}

function NobodyChosen() {
  const say = useSay();
  return (
    <section class="nothing nothing-wide">
      <Icon name="camera" />
      <h2>{say("talk.none")}</h2>
      <p>{say("talk.noneMore")}</p>
    </section>
  );
}
