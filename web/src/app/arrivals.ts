import type { Calls } from "../calls/calls.js";
import { takeAccepted } from "../push/accepted.js";
import { outcomeFor } from "../push/arrival.js";
import { markIn, overWords } from "../push/notice.js";
import { answerQuestions, type Question } from "../push/questions.js";
import { closeNotices } from "../push/subscription.js";
import type { Waker } from "../push/waker.js";
import type { Session } from "../session/session.js";
import { Store } from "../session/store.js";
import type { TextKey } from "../strings/texts.js";

/** The part of the address that names the invitation of the notification which opened the page. */
const RING = "ring";

/** The page does what a notification was about when it was pressed: it rings, or says that the call is over. */
export class Arrivals {
  /** How the call ended for which the user came too late, until they put it away. */
  readonly tooLate = new Store<TextKey | undefined>(undefined);
  readonly close: () => void;
  readonly #session: Session;
  readonly #waker: Waker;
  readonly #calls: Calls;

  constructor(session: Session, waker: Waker, calls: Calls) {
    this.#session = session;
    this.#waker = waker;
    this.#calls = calls;
    this.close = answerQuestions((question) => this.#answer(question));
  }

  /** The page is signed in. */
  arrive(): void {
    const inviteID = takeRing();
    void closeNotices((data) => this.#isOld(data));
    if (inviteID !== undefined) {
      void this.#come(inviteID);
    }
  }

  async #come(inviteID: string): Promise<void> {
    if (await takeAccepted({ userID: this.#session.me, inviteID })) {
      this.#calls.answerTo(inviteID);
    }
    await this.#tellIfOver(inviteID);
  }

  /** A page of the user's is there, so what was told without one has been heard. */
  #isOld(data: unknown): boolean {
    const mark = markIn(data);
    const isOpen = mark?.kind === "ring" && this.#session.client.invitations.get(mark.inviteID)?.status === "open";
    return mark?.userID === this.#session.me && !isOpen;
  }

  #answer(question: Question): boolean {
    const { client, me } = this.#session;
    if (question.userID !== me || client.state.status !== "open") {
      return false;
    }
    switch (question.ask) {
      case "heard":
        return client.invitations.get(question.inviteID) !== undefined;
      case "register":
        void this.#waker.look();
        return true;
      case "decline":
        return this.#calls.declines(question.inviteID);
      case "show":
        // A call that is accepted comes above what the page shows.
        if (question.accepts === true) {
          this.#calls.answerTo(question.inviteID);
        } else {
          location.hash = question.to;
        }
        if (question.rings) {
          void this.#tellIfOver(question.inviteID);
        }
        return true;
    }
  }

  /** A call that is not over rings by itself, and one that this page shows tells its end. */
  async #tellIfOver(inviteID: string): Promise<void> {
    const { client, me } = this.#session;
    const read = () => this.#session.patiently(() => client.signaling.get({ inviteID }));
    const known = client.invitations.get(inviteID);
    const invitation = known ?? (await read().catch(() => undefined))?.invitation;
    const outcome = outcomeFor(invitation, me);
    const shown = this.#calls.call.get();
    const isShown = shown.at !== "idle" && shown.inviteID === inviteID;
    this.tooLate.set(outcome === "open" || isShown ? undefined : overWords(outcome));
  }
}

/** Once: a page that is loaded again has nothing to say about it. */
function takeRing(): string | undefined {
  const here = new URL(location.href);
  const inviteID = here.searchParams.get(RING) ?? undefined;
  if (inviteID !== undefined) {
    here.searchParams.delete(RING);
    history.replaceState(history.state, "", here);
  }
  return inviteID;
}
