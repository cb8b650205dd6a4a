import { WigwagError } from "@wigwag/sdk";
import { useEffect, useState } from "preact/hooks";
import { letGo } from "../push/subscription.js";
import { fetchFacts, type ServerFacts, SignInError, type SignInTrouble } from "../session/server.js";
import { forget, remembered, type SignedIn, wokenHere } from "../session/signedIn.js";
import { readWoken } from "../session/woken.js";
import type { SignInState } from "../signin/signin.js";
import { Workspace } from "./workspace.js";

/**
 * ```text
 *   asking ──▶ form ──▶ connecting ──▶ signedIn
 *     │ ▲        ▲           │             │
 *     ▼ │        └───────────┴─────────────┘
 *  unreachable
 * ```
 */
export type Visit = SignInState | { readonly at: "signedIn"; readonly facts: ServerFacts; readonly workspace: Workspace };

/** The state of the page from its first request to the scenes, and the functions that change it. */
export function useVisit() {
  const [visit, setVisit] = useState<Visit>({ at: "asking" });

  const enter = async (facts: ServerFacts, signedIn: SignedIn) => {
    setVisit({ at: "connecting" });
    setVisit(await entered(facts, signedIn));
  };

  const begin = async () => {
    setVisit({ at: "asking" });
    const facts = await fetchFacts().catch(() => undefined);
    if (facts === undefined) {
      return setVisit({ at: "unreachable" });
    }
    const before = remembered() ?? (await wokenHere());
    return before === undefined ? setVisit({ at: "form", facts }) : enter(facts, before);
  };

  const signOut = (facts: ServerFacts, workspace: Workspace) => {
    forget();
    void workspace.signOut();
    setVisit({ at: "form", facts });
  };

  useEffect(() => void begin(), []);

  return { visit, begin, enter, signOut };
}

async function entered(facts: ServerFacts, signedIn: SignedIn): Promise<Visit> {
  try {
    return { at: "signedIn", facts, workspace: await Workspace.open(signedIn, facts) };
  } catch (thrown) {
    forget();
    const trouble = troubleOf(thrown);
    if (trouble === "refused") {
      await forgetRefused(signedIn.userID);
    }
    return { at: "form", facts, trouble };
  }
}

/** A sign-in that the server takes no more is not tried again by the next page, and nobody is rung with it. */
async function forgetRefused(userID: string): Promise<void> {
  if ((await readWoken())?.userID === userID) {
    await letGo().catch(() => undefined);
  }
}

/** The trouble that the form names for a failed sign-in. */
function troubleOf(thrown: unknown): SignInTrouble {
  if (thrown instanceof SignInError) {
    return thrown.trouble;
  }
  // The SDK fetches the token; a failure there is the cause of its own error.
  const cause = thrown instanceof WigwagError ? thrown.cause : undefined;
  if (cause instanceof SignInError) {
    return cause.trouble;
  }
  return thrown instanceof WigwagError && thrown.reason === "connectTimeout" ? "unreachable" : "refused";
}
