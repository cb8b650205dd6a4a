import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useSay } from "../kit/useSay.js";
import { idOf, nameOf, tidied, USER_ID_BYTES } from "../people/names.js";
import type { SignInTrouble } from "../session/server.js";
import { lastUserID } from "../session/signedIn.js";
import type { TextKey } from "../strings/texts.js";

interface Props {
  /** Whether a name is enough; otherwise the form asks for a userID and a token. */
  byName: boolean;
  /** Why the last try failed. */
  trouble: SignInTrouble | undefined;
  onSignIn: (userID: string, token: string | undefined) => void;
}

/** Asks who the user is. */
export function SignInForm({ byName, trouble, onSignIn }: Props) {
  const say = useSay();
  const [name, setName] = useState(byName ? nameOf(lastUserID()) : lastUserID());
  const [token, setToken] = useState("");
  const [wrong, setWrong] = useState<TextKey | undefined>(trouble && `signIn.${trouble}`);
  const field = useRef<HTMLInputElement>(null);

  useEffect(() => {
    field.current?.focus();
    // Whoever opens a second tab types over the name of the first one.
    field.current?.select();
  }, []);

  const submit = (event: Event) => {
    event.preventDefault();
    const userID = byName ? idOf(tidied(name)) : name.trim();
    const flaw = flawOf(name, userID);
    setWrong(flaw);
    if (flaw === undefined) {
      onSignIn(userID, byName ? undefined : token.trim());
    } else {
      field.current?.focus();
    }
  };

  return (
    <form onSubmit={submit} noValidate>
      <h1>{say("signIn.title")}</h1>
      <NameField byName={byName} name={name} wrong={wrong !== undefined} field={field} onInput={setName} />
      {!byName && <TokenField token={token} onInput={setToken} />}
      <Remark byName={byName} wrong={wrong} />
      <button type="submit" class="button primary wide">
        {say("signIn.go")}
      </button>
    </form>
  );
}

/** What is wrong with the input before it is sent. */
function flawOf(name: string, userID: string): TextKey | undefined {
  if (tidied(name) === "") {
    return "signIn.empty";
  }
  return userID.length > USER_ID_BYTES ? "signIn.tooLong" : undefined;
}

interface NameProps {
  byName: boolean;
  name: string;
  wrong: boolean;
  field: RefObject<HTMLInputElement | null>;
  onInput: (name: string) => void;
}

function NameField({ byName, name, wrong, field, onInput }: NameProps) {
  const say = useSay();
  return (
    <>
      <label for="name">{say(byName ? "signIn.name" : "signIn.userID")}</label>
      <input
        id="name"
        ref={field}
        value={name}
        autoComplete="username"
        aria-invalid={wrong}
        aria-describedby="name-more"
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </>
  );
}

function TokenField({ token, onInput }: { token: string; onInput: (token: string) => void }) {
  const say = useSay();
  return (
    <>
      <label for="token">{say("signIn.token")}</label>
      <input
        id="token"
        type="password"
        autoComplete="off"
        value={token}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </>
  );
}

/** The line below the fields: what is wrong, or a hint. */
function Remark({ byName, wrong }: { byName: boolean; wrong: TextKey | undefined }) {
  const say = useSay();
  return (
    <p id="name-more" class={wrong === undefined ? "hint" : "wrong"} role={wrong === undefined ? undefined : "alert"}>
      {wrong === undefined ? byName && say("signIn.hint") : say(wrong)}
    </p>
  );
}
