import { useEffect, useRef, useState } from "preact/hooks";
import { Icon, type IconName, Mark } from "../kit/icons.js";
import { PreferenceChoices } from "../kit/preferenceChoices.js";
import { useSay } from "../kit/useSay.js";
import { idOf, nameOf, tidied, USER_ID_BYTES } from "../people/names.js";
import type { SignInTrouble } from "../session/server.js";
import { lastUserID } from "../session/signedIn.js";
import type { TextKey } from "../strings/texts.js";

export type SignInState =
  | { readonly at: "asking" }
  | { readonly at: "unreachable" }
  | { readonly at: "form"; readonly trouble?: SignInTrouble }
  | { readonly at: "connecting" };

interface Props {
  state: SignInState;
  /** Whether a name is enough; else a token is needed. */
  byName: boolean;
  onAgain: () => void;
  onSignIn: (userID: string, token: string | undefined) => void;
}

const PROMISES: [IconName, TextKey][] = [
  ["camera", "signIn.call"],
  ["hand", "signIn.class"],
  ["live", "signIn.live"],
];

export function SignIn(props: Props) {
  const say = useSay();
  return (
    <div class="sign-in">
      <div class="sign-in-story">
        <p class="brand">
          <Mark /> Wigwag
        </p>
        <p class="sign-in-lead">{say("signIn.lead")}</p>
        <ul class="promises">
          {PROMISES.map(([icon, key]) => (
            <li key={key}>
              <Icon name={icon} /> {say(key)}
            </li>
          ))}
        </ul>
      </div>
      <main class="sign-in-card">
        <Content {...props} />
        <PreferenceChoices />
      </main>
    </div>
  );
}

function Content(props: Props) {
  const say = useSay();
  switch (props.state.at) {
    case "asking":
    case "connecting":
      return (
        <p class="sign-in-waiting" role="status">
          <span class="spinner" aria-hidden="true" /> {say("signIn.connecting")}
        </p>
      );
    case "unreachable":
      return (
        <div role="alert">
          <p>{say("signIn.unreachable")}</p>
          <button type="button" class="button primary wide" onClick={props.onAgain}>
            {say("signIn.again")}
          </button>
        </div>
      );
    case "form":
      return <Form {...props} trouble={props.state.trouble} />;
  }
}

function Form({ byName, onSignIn, trouble }: Props & { trouble: SignInTrouble | undefined }) {
  const say = useSay();
  const [name, setName] = useState(byName ? nameOf(lastUserID()) : lastUserID());
  const [token, setToken] = useState("");
  const [wrong, setWrong] = useState<TextKey | undefined>(trouble && `signIn.${trouble}`);
  const field = useRef<HTMLInputElement>(null);

  useEffect(() => field.current?.focus(), []);

  const submit = (event: Event) => {
    event.preventDefault();
    const userID = byName ? idOf(tidied(name)) : name.trim();
    const flaw: TextKey | undefined =
      tidied(name) === "" ? "signIn.empty" : userID.length > USER_ID_BYTES ? "signIn.tooLong" : undefined;
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
      <label for="name">{say(byName ? "signIn.name" : "signIn.userID")}</label>
      <input
        id="name"
        ref={field}
        value={name}
        autoComplete="username"
        aria-invalid={wrong !== undefined}
        aria-describedby="name-more"
        onInput={(event) => setName(event.currentTarget.value)}
      />
      {!byName && (
        <>
          <label for="token">{say("signIn.token")}</label>
          <input
            id="token"
            type="password"
            autoComplete="off"
            value={token}
            onInput={(event) => setToken(event.currentTarget.value)}
          />
        </>
      )}
      <p id="name-more" class={wrong === undefined ? "hint" : "wrong"} role={wrong === undefined ? undefined : "alert"}>
        {wrong === undefined ? byName && say("signIn.hint") : say(wrong)}
      </p>
      <button type="submit" class="button primary wide">
        {say("signIn.go")}
      </button>
    </form>
  );
}
