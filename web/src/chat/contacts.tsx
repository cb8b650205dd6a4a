import { useState } from "preact/hooks";
import { Count } from "../kit/count.js";
import { Icon } from "../kit/icons.js";
import { language } from "../kit/preferences.js";
import { useSay } from "../kit/useSay.js";
import { Avatar } from "../people/avatar.js";
import { idOf, nameOf, tidied, USER_ID_BYTES } from "../people/names.js";
import { clockOf } from "../people/times.js";
import { useStore } from "../session/store.js";
import type { TextKey } from "../strings/texts.js";
import type { Contact } from "./chat.js";
import { isMissed, wordsOf } from "./words.js";

interface Props {
  contacts: readonly Contact[];
  /** The userID of the contact whose conversation is open. */
  open: string | undefined;
  onOpen: (userID: string) => void;
}

/** The users with whom this user has a conversation. */
export function Contacts({ contacts, open, onOpen }: Props) {
  const say = useSay();
  if (contacts.length === 0) {
    return (
      <div class="nothing">
        <Icon name="people" />
        <h2>{say("people.none")}</h2>
        <p>{say("people.noneMore")}</p>
      </div>
    );
  }
  return (
    <ul class="contacts">
      {contacts.map((contact) => (
        <li key={contact.userID}>
          <ContactButton contact={contact} chosen={contact.userID === open} onOpen={onOpen} />
        </li>
      ))}
    </ul>
  );
}

/** A field to find another user. */
export function Finder({ me, onOpen }: Pick<Props, "onOpen"> & { me: string }) {
  const say = useSay();
  const [name, setName] = useState("");
  const [wrong, setWrong] = useState<TextKey>();

  const submit = (event: Event) => {
    event.preventDefault();
    const userID = idOf(tidied(name));
    const flaw = flawOf(tidied(name), userID, me);
    setWrong(flaw);
    if (flaw === undefined) {
      setName("");
      onOpen(userID);
    }
  };

  return (
    <form class="finder" onSubmit={submit}>
      <input
        value={name}
        placeholder={say("people.who")}
        aria-label={say("people.who")}
        aria-invalid={wrong !== undefined}
        aria-describedby="finder-more"
        autoComplete="off"
        onInput={(event) => setName(event.currentTarget.value)}
      />
      <button type="submit" class="tool" aria-label={say("people.open")} title={say("people.open")}>
        <Icon name="plus" />
      </button>
      <p id="finder-more" class="wrong" role="alert">
        {wrong !== undefined && say(wrong)}
      </p>
    </form>
  );
}

/** What is wrong with the name of the user to find. */
function flawOf(name: string, userID: string, me: string): TextKey | undefined {
  if (name === "") {
    return "signIn.empty";
  }
  if (userID === me) {
    return "trouble.self";
  }
  return userID.length > USER_ID_BYTES ? "signIn.tooLong" : undefined;
}

interface ContactProps {
  contact: Contact;
  chosen: boolean;
  onOpen: (userID: string) => void;
}

function ContactButton({ contact, chosen, onOpen }: ContactProps) {
  const say = useSay();
  const spoken = useStore(language);
  const { userID, unread, time, last } = contact;
  return (
    <button type="button" class="contact" aria-current={chosen ? "true" : undefined} onClick={() => onOpen(userID)}>
      <Avatar userID={userID} />
      <span class="contact-name">{nameOf(userID)}</span>
      <time class="contact-time" dateTime={new Date(time).toISOString()}>
        {clockOf(time, Date.now(), spoken)}
      </time>
      <span class="contact-more">
        <span class={last?.kind === "call" && isMissed(last) ? "contact-last missed" : "contact-last"}>
          {last === undefined ? "" : last.kind === "text" ? last.text : say(...wordsOf(last))}
        </span>
        {unread > 0 && <Count count={unread} words={say("people.unread", { count: unread })} />}
      </span>
    </button>
  );
}
