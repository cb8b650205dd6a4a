import { useEffect, useRef, useState } from "preact/hooks";
import type { Chat } from "../chat/chat.js";
import { Contacts, Finder } from "../chat/contacts.js";
import type { Notices } from "../kit/notices.js";
import { useSay } from "../kit/useSay.js";
import { nameOf, tidied } from "../people/names.js";
import { useStore } from "../session/store.js";
import type { Calls } from "./calls.js";

interface Props {
  calls: Calls;
  chat: Chat;
  notices: Notices;
  me: string;
  onClose: () => void;
}

/** Calls one more person into the call that is going on. */
export function AddPerson({ calls, chat, notices, me, onClose }: Props) {
  const say = useSay();
  const dialog = useRef<HTMLDialogElement>(null);
  const [sought, setSought] = useState("");
  const [trouble, setTrouble] = useState("");
  const { others, ringing } = useStore(calls.people);
  const { most } = calls.media;
  const full = 1 + others.length + ringing.length >= most;
  useEffect(() => dialog.current?.showModal(), []);
  const add = async (userID: string) => {
    const free = await notices.attempt(async () => {
      if (!(await calls.add(userID))) {
        setTrouble(say("over.busy", { name: nameOf(userID) }));
        return;
      }
      dialog.current?.close();
    });
    if (!free) {
      dialog.current?.close();
    }
  };
  return (
    <dialog
      ref={dialog}
      class="devices add-person"
      aria-labelledby="add-title"
      onClose={onClose}
      onKeyDown={(event) => event.stopPropagation()}
    >
      <h2 id="add-title">{say("add.title")}</h2>
      {full ? (
        <p>{say("add.full", { count: most })}</p>
      ) : (
        <>
          <Finder
            chat={chat}
            notices={notices}
            me={me}
            sought={sought}
            onSeek={setSought}
            onOpen={(userID) => void add(userID)}
          />
          <p class="wrong" role="alert">
            {trouble}
          </p>
          <Contacts
            chat={chat}
            notices={notices}
            sought={tidied(sought)}
            open={undefined}
            without={[...others.map(({ userID }) => userID), ...ringing]}
            onOpen={(userID) => void add(userID)}
          />
        </>
      )}
      <button type="button" class="button wide" onClick={() => dialog.current?.close()}>
        {say("call.close")}
      </button>
    </dialog>
  );
}
