import { WigwagError } from "@wigwag/sdk";
import { useEffect, useState } from "preact/hooks";
import { useSay } from "../kit/useSay.js";
import { fetchFacts, type ServerFacts, SignInError } from "../session/server.js";
import { forget, remembered, type SignedIn, signInAs } from "../session/signedIn.js";
import { SignIn, type SignInState } from "../signin/signin.js";
import { Shell } from "./shell.js";
import { Workspace } from "./workspace.js";

/** The whole page: somebody signs in, and works. */
export function App() {
  const [facts, setFacts] = useState<ServerFacts>();
  const [state, setState] = useState<SignInState>({ at: "asking" });
  const [workspace, setWorkspace] = useState<Workspace>();
  const say = useSay();

  const enter = async (signedIn: SignedIn, stun: ServerFacts["stun"]) => {
    setState({ at: "connecting" });
    try {
      setWorkspace(await Workspace.open(signedIn, stun));
    } catch (thrown) {
      forget();
      setState({ at: "form", trouble: troubleOf(thrown) });
    }
  };

  const begin = async () => {
    setState({ at: "asking" });
    let found: ServerFacts;
    try {
      found = await fetchFacts();
    } catch {
      return setState({ at: "unreachable" });
    }
    setFacts(found);
    const before = remembered();
    return before === undefined ? setState({ at: "form" }) : enter(before, found.stun);
  };

  const leave = () => {
    forget();
    void workspace?.close();
    setWorkspace(undefined);
    setState({ at: "form" });
  };

  useEffect(() => void begin(), []);

  useEffect(() => {
    document.title = `Wigwag · ${say("tagline")}`;
  }, [say]);

  if (workspace !== undefined) {
    return <Shell workspace={workspace} version={facts?.version ?? ""} onLeave={leave} />;
  }
  return (
    <SignIn
      state={state}
      byName={facts?.devSignIn ?? true}
      onAgain={() => void begin()}
      onSignIn={(userID, token) => void enter(signInAs(userID, token), facts?.stun ?? [])}
    />
  );
}

/** Why nobody came in, as the form tells it. */
function troubleOf(thrown: unknown): SignInError["trouble"] {
  if (thrown instanceof SignInError) {
    return thrown.trouble;
  }
  // The SDK asks for the token; what failed there is inside its own error.
  const cause = thrown instanceof WigwagError ? thrown.cause : undefined;
  if (cause instanceof SignInError) {
    return cause.trouble;
  }
  return thrown instanceof WigwagError && thrown.reason === "connectTimeout" ? "unreachable" : "refused";
}
