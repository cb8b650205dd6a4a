import { useEffect } from "preact/hooks";
import type { Chat } from "../chat/chat.js";
import { Contacts } from "../chat/contacts.js";
import { Conversation } from "../chat/conversation.js";
import { Icon } from "../kit/icons.js";
import type { Notices } from "../kit/notices.js";
import { go } from "../kit/route.js";
import { useSay } from "../kit/useSay.js";
import { useStore } from "../session/store.js";
import { CallButtons } from "./callButtons.js";
import type { Calls } from "./calls.js";
import { DeviceTroubles, useForeseen } from "./deviceTroubles.js";
import type { Missed } from "./missed.js";
import { MissedCalls } from "./missedCalls.js";

interface Props {
  calls: Calls;
  chat: Chat;
  missed: Missed;
  notices: Notices;
  /** The userID of this page. */
  me: string;
  /** The userID that the address names. */
  at: string | undefined;
}

/** Contacts on one side, the conversation with one of them on the other. A phone shows one of the two. */
export function CallScene({ calls, chat, missed, notices, me, at }: Props) {
  const view = useStore(chat.view);
  const peer = at === me ? undefined : at;
  // Whoever has no camera may want none.
  const foreseen = useForeseen("audio");

  const open = (userID: string) => go({ scene: "call", at: userID });

  useEffect(() => {
    if (peer === undefined) {
      chat.shut();
    } else {
      void notices.attempt(() => chat.open(peer));
    }
  }, [peer, chat, notices]);

  return (
    <div class={peer === undefined ? "talk" : "talk talk-open"}>
      <Contacts contacts={view.contacts} me={me} open={peer} onOpen={open}>
        <MissedCalls missed={missed} notices={notices} onOpen={open} />
      </Contacts>
      {peer === undefined ? (
        <NobodyChosen />
      ) : (
        <Conversation key={peer} chat={chat} notices={notices} peer={peer} note={<DeviceTroubles troubles={foreseen} />}>
          <CallButtons calls={calls} peer={peer} />
        </Conversation>
      )}
    </div>
  );
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
