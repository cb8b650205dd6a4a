import { useEffect, useState } from "preact/hooks";
import { Count } from "../kit/count.js";
import { Icon } from "../kit/icons.js";
import type { Notices } from "../kit/notices.js";
import { language } from "../kit/preferences.js";
import { useSay } from "../kit/useSay.js";
import { Avatar } from "../people/avatar.js";
import { idOf, nameOf, tidied, USER_ID_BYTES } from "../people/names.js";
import { clockOf } from "../people/times.js";
import { useStore } from "../session/store.js";
import type { TextKey } from "../strings/texts.js";
import type { Chat, Contact } from "./chat.js";
import { isMissed, wordsOf } from "./words.js";

interface Props {
  chat: Chat;
  notices: Notices;
  /** What the user looks for; empty for everybody. */
  sought: string;
  /** The userID of the contact whose conversation is open. */
  open: string | undefined;
  /** Who is left out. */
  without?: readonly string[];
  onOpen: (userID: string) => void;
}

/** The users with whom this user has a conversation. */
export function Contacts({ chat, notices, sought, open, without = [], onOpen }: Props) {
  const say = useSay();
  const { contacts, more } = useStore(chat.view);
  const online = useStore(chat.online.view);
  const shown = contacts.filter(
    ({ userID }) => nameOf(userID).toLowerCase().includes(sought.toLowerCase()) && !without.includes(userID),
  );
  useEffect(() => {
    // Whoever types before the first conversations are there looks among all of them too.
    if (sought !== "" && more) {
      void notices.attempt(() => chat.listAll());
    }
  }, [sought, more, chat, notices]);
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
    <div class="contacts">
      {shown.length === 0 && sought !== "" && <p class="hint">{say("people.noneFound", { name: sought })}</p>}
      <ul>
        {shown.map((contact) => (
          <li key={contact.userID}>
            <ContactButton
              contact={contact}
              online={online.has(contact.userID)}
              chosen={contact.userID === open}
              onOpen={onOpen}
            />
          </li>
        ))}
      </ul>
      {more && (
        <button type="button" class="button small older" onClick={() => void notices.attempt(() => chat.earlier())}>
          {say("talk.older")}
        </button>
      )}
    </div>
  );
}

interface FinderProps extends Omit<Props, "open" | "without"> {
  me: string;
  onSeek: (name: string) => void;
}

/** A field to find another user, among the contacts and on the server. */
export function Finder({ chat, notices, me, sought, onSeek, onOpen }: FinderProps) {
  const say = useSay();
  const [wrong, setWrong] = useState<TextKey>();

  const submit = async (event: Event) => {
    event.preventDefault();
    const name = tidied(sought);
    let flaw = flawOf(name, idOf(name), me);
    setWrong(flaw);
    await notices.attempt(async () => {
      const found = flaw === undefined ? await chat.find(name) : undefined;
      flaw ??= found === undefined ? "trouble.unknownUser" : found === me ? "trouble.self" : undefined;
      setWrong(flaw);
      if (flaw === undefined && found !== undefined) {
        onSeek("");
        onOpen(found);
      }
    });
  };

  return (
    <form class="finder" onSubmit={(event) => void submit(event)}>
      <input
        value={sought}
        placeholder={say("people.who")}
        aria-label={say("people.who")}
        aria-invalid={wrong !== undefined}
        aria-describedby="finder-more"
        autoComplete="off"
        onInput={(event) => {
          setWrong(undefined);
          onSeek(event.currentTarget.value);
        }}
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
  online: boolean;
  chosen: boolean;
  onOpen: (userID: string) => void;
}

function ContactButton({ contact, online, chosen, onOpen }: ContactProps) {
  const say = useSay();
  const spoken = useStore(language);
  const { userID, unread, time, last } = contact;
  return (
    <button type="button" class="contact" aria-current={chosen ? "true" : undefined} onClick={() => onOpen(userID)}>
      <span class={online ? "contact-face online" : "contact-face"}>
        <Avatar userID={userID} />
      </span>
      <span class="contact-name">{nameOf(userID)}</span>
      <time class="contact-time" dateTime={new Date(time).toISOString()}>
        {clockOf(time, Date.now(), spoken)}
      </time>
      <span class="contact-more">
        {online && <span class="unseen">{say("people.online")}</span>}
        <span class={last?.kind === "call" && isMissed(last) ? "contact-last missed" : "contact-last"}>
          {last === undefined ? "" : last.kind === "text" ? last.text : say(...wordsOf(last))}
        </span>
        {unread > 0 && <Count count={unread} words={say("people.unread", { count: unread })} />}
      </span>
    </button>
  );
}
