import { useEffect, useState } from "preact/hooks";
import type { Chat } from "../chat/chat.js";
import { Contacts, Finder } from "../chat/contacts.js";
import { Conversation } from "../chat/conversation.js";
import { Count } from "../kit/count.js";
import { Icon } from "../kit/icons.js";
import type { Notices } from "../kit/notices.js";
import { go } from "../kit/route.js";
import { useSay } from "../kit/useSay.js";
import { useVisible } from "../kit/useVisible.js";
import { useStore } from "../session/store.js";
import { CallButtons } from "./callButtons.js";
import { CallList } from "./callList.js";
import type { Calls } from "./calls.js";
import { called } from "./chosen.js";
import type { Troubles } from "./devices.js";
import { DeviceTroubles, useForeseen } from "./deviceTroubles.js";
import type { CallLog } from "./log.js";
import type { Missed } from "./missed.js";

interface Props {
  calls: Calls;
  chat: Chat;
  log: CallLog;
  missed: Missed;
  notices: Notices;
  /** The userID of this page. */
  me: string;
  /** Whether a call lies above the scene. */
  covered: boolean;
  /** The userID that the address names. */
  at: string | undefined;
}

/** Contacts on one side, the conversation with one of them on the other. A phone shows one of the two. */
export function CallScene({ chat, notices, covered, ...props }: Props) {
  const { calls, me, at } = props;
  const peer = at === me ? undefined : at;
  const looking = useVisible() && !covered;
  // Whoever has no camera may want none.
  const foreseen = useForeseen("audio");

  useEffect(() => {
    if (peer === undefined) {
      chat.shut();
    } else {
      void notices.attempt(() => chat.open(peer));
    }
  }, [peer, chat, notices]);
  useEffect(() => chat.looks(looking), [chat, looking]);
  useEffect(() => () => chat.looks(false), [chat]);

  return (
    <div class={peer === undefined ? "talk" : "talk talk-open"}>
      <Side {...props} chat={chat} notices={notices} peer={peer} looking={looking} />
      {peer === undefined ? (
        <NobodyChosen />
      ) : (
        <Conversation key={peer} chat={chat} notices={notices} peer={peer} note={<Before calls={calls} troubles={foreseen} />}>
          <CallButtons calls={calls} peer={peer} />
        </Conversation>
      )}
    </div>
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

type SideProps = Omit<Props, "at" | "covered"> & { peer: string | undefined; looking: boolean };

/** The people, or the calls, and a field to find somebody. */
function Side({ chat, peer, ...props }: SideProps) {
  const say = useSay();
  const { contacts } = useStore(chat.view);
  const [shown, setShown] = useState<"people" | "calls">("people");
  const open = (userID: string) => go({ scene: "call", at: userID });
  return (
    <section class="people" aria-label={say("people.title")}>
      <Finder me={props.me} onOpen={open} />
      <div class="sides">
        <button type="button" aria-pressed={shown === "people"} onClick={() => setShown("people")}>
          {say("people.title")}
        </button>
        <button type="button" aria-pressed={shown === "calls"} onClick={() => setShown("calls")}>
          {say("log.title")} <MissedCount missed={props.missed} />
        </button>
      </div>
      {shown === "people" ? <Contacts contacts={contacts} open={peer} onOpen={open} /> : <CallList {...props} onOpen={open} />}
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
