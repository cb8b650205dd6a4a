import { useSay } from "../kit/useSay.js";
import { useTitle } from "../kit/useTitle.js";
import { signInAs } from "../session/signedIn.js";
import { SignIn } from "../signin/signin.js";
import { Shell } from "./shell.js";
import { useVisit } from "./useVisit.js";

/** The whole page: the sign-in, and the shell for a user who has signed in. */
export function App() {
  const { visit, begin, enter, signOut } = useVisit();
  const say = useSay();

  // The shell names the tab by what happens.
  useTitle(visit.at === "signedIn" ? undefined : say("title"));

  if (visit.at === "signedIn") {
    const { facts, workspace } = visit;
    return <Shell workspace={workspace} version={facts.version} onLeave={() => signOut(facts, workspace)} />;
  }
  return (
    <SignIn
      state={visit}
      onAgain={() => void begin()}
      onSignIn={(facts, userID, token) => void enter(facts, signInAs(userID, token))}
    />
  );
}
