import type { Calls } from "../calls/calls.js";
import { language } from "../kit/preferences.js";
import { markIn, ringNotice } from "../push/notice.js";
import { closeNotices, registrationHere } from "../push/subscription.js";
import type { Waker } from "../push/waker.js";
import { sayIn } from "../strings/say.js";

/** A ring of this page's. */
interface Ring {
  readonly inviteID: string;
  readonly peer: string;
  readonly media: "audio" | "video";
}

/**
 * A page that rings where nobody sees it shows a notification, as a push would have. Where one of the user's pages is seen, that page's
 * ring is enough: it puts the notification away, whoever showed it.
 */
export class Unseen {
  readonly #me: string;
  readonly #calls: Calls;
  readonly #waker: Waker;
  readonly #ends: (() => void)[];
  /** Held while this page is seen, so that the user's other pages know. */
  #letsGo: (() => void) | undefined;
  #ring: Ring | undefined;
  #doing: Promise<unknown> = Promise.resolve();

  constructor(me: string, calls: Calls, waker: Waker) {
    this.#me = me;
    this.#calls = calls;
    this.#waker = waker;
    const look = () => this.#look();
    document.addEventListener("visibilitychange", look);
    this.#ends = [
      calls.call.subscribe(look),
      waker.state.subscribe(look),
      () => document.removeEventListener("visibilitychange", look),
    ];
    look();
  }

  close(): void {
    this.#ends.forEach((end) => {
      end();
    });
    this.#letsGo?.();
    this.#putAway(new Set([this.#ring?.inviteID]));
  }

  #look(): void {
    const call = this.#calls.call.get();
    const isSeen = document.visibilityState === "visible";
    this.#isSeen(isSeen);
    const ring = call.at === "ringing" ? call : undefined;
    const before = this.#ring?.inviteID;
    this.#ring = ring;
    this.#putAway(new Set([isSeen || ring?.inviteID !== before ? before : undefined, isSeen ? ring?.inviteID : undefined]));
    if (ring !== undefined && !isSeen && this.#waker.state.get().at === "on") {
      this.#next(() => this.#show(ring));
    }
  }

  async #show({ inviteID, peer, media }: Ring): Promise<void> {
    const registration = await registrationHere();
    const isShown = ((await registration?.getNotifications({ tag: inviteID })) ?? []).length > 0;
    const { held = [] } = await navigator.locks.query();
    if (isShown || held.some(({ name }) => name === seenName(this.#me)) || this.#ring?.inviteID !== inviteID) {
      return;
    }
    const speaks = language.get();
    const ring = { id: inviteID, inviteID, userID: this.#me, inviter: peer, about: media };
    const { title, options } = ringNotice(sayIn(speaks), { language: speaks }, ring);
    await registration?.showNotification(title, options);
  }

  #putAway(inviteIDs: ReadonlySet<string | undefined>): void {
    const isMeant = (data: unknown) => {
      const mark = markIn(data);
      return mark?.kind === "ring" && inviteIDs.has(mark.inviteID);
    };
    if ([...inviteIDs].some((inviteID) => inviteID !== undefined)) {
      this.#next(() => closeNotices(isMeant));
    }
  }

  #isSeen(isSeen: boolean): void {
    if (isSeen && this.#letsGo === undefined) {
      const held = new Promise<void>((resolve) => {
        this.#letsGo = resolve;
      });
      void navigator.locks?.request(seenName(this.#me), { mode: "shared" }, () => held);
    } else if (!isSeen) {
      this.#letsGo?.();
      this.#letsGo = undefined;
    }
  }

  #next(what: () => Promise<unknown>): void {
    this.#doing = this.#doing.then(what).catch(() => undefined);
  }
}

function seenName(userID: string): string {
  return `wigwag.seen ${userID}`;
}
