import { useEffect } from "preact/hooks";
import type { Workspace } from "../app/workspace.js";
import { Contacts } from "../chat/contacts.js";
import { Conversation } from "../chat/conversation.js";
import { Icon } from "../kit/icons.js";
import { go } from "../kit/route.js";
import { useSay } from "../kit/useSay.js";
import { useStore } from "../session/store.js";

/** People on one side, the conversation with one of them on the other; a phone shows one of both. */
export function CallScene({ workspace, at }: { workspace: Workspace; at: string | undefined }) {
  const { chat, session, notices } = workspace;
  const view = useStore(chat.view);
  const peer = at === session.me ? undefined : at;

  useEffect(() => {
    if (peer === undefined) {
      chat.shut();
    } else {
      void notices.attempt(() => chat.open(peer));
    }
  }, [peer, workspace]);

  return (
    <div class={peer === undefined ? "talk" : "talk talk-open"}>
      <Contacts contacts={view.contacts} me={session.me} open={peer} onOpen={(userID) => go({ scene: "call", at: userID })} />
      {peer === undefined ? <NobodyChosen /> : <Conversation key={peer} workspace={workspace} peer={peer} />}
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
