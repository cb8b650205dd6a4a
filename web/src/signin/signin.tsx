import { Icon, type IconName, Mark } from "../kit/icons.js";
import { PreferenceChoices } from "../kit/preferenceChoices.js";
import { useSay } from "../kit/useSay.js";
import type { ServerFacts, SignInTrouble } from "../session/server.js";
import type { TextKey } from "../strings/texts.js";
import { SignInForm } from "./form.js";

export type SignInState =
  /** The server has not answered yet. */
  | { readonly at: "asking" }
  | { readonly at: "unreachable" }
  | { readonly at: "form"; readonly facts: ServerFacts; readonly trouble?: SignInTrouble }
  | { readonly at: "connecting" };

interface Props {
  state: SignInState;
  onAgain: () => void;
  /** `token` is undefined where a name is enough. */
  onSignIn: (facts: ServerFacts, userID: string, token: string | undefined) => void;
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

function Content({ state, onAgain, onSignIn }: Props) {
  const say = useSay();
  switch (state.at) {
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
          <button type="button" class="button primary wide" onClick={onAgain}>
            {say("signIn.again")}
          </button>
        </div>
      );
    case "form": {
      const { facts, trouble } = state;
      return (
        <>
          {facts.elsewhere && <Elsewhere />}
          <SignInForm byName={facts.devSignIn} trouble={trouble} onSignIn={(userID, token) => onSignIn(facts, userID, token)} />
        </>
      );
    }
  }
}

/** Why a name is not enough, though the server is in development mode. */
function Elsewhere() {
  const say = useSay();
  const here = `http://localhost${location.port === "" ? "" : `:${location.port}`}/`;
  return (
    <div class="elsewhere" role="alert">
      <p>{say("signIn.elsewhere", { host: location.host })}</p>
      <p>
        <a href={here}>{say("signIn.elsewhereOpen", { here })}</a>
      </p>
    </div>
  );
}
