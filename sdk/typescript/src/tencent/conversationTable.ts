import type { ConversationView, Message, UserId } from "../wire/index.js";

/** Whether the table has followed what happened, or the server has to be asked. */
export type Followed = "unchanged" | "changed" | "askTheServer";

/**
 * The conversation list as the server gave it, carried on by what happens. It never guesses: what it cannot tell exactly, such as
 * how many messages are unread below a reading mark, it leaves to the server.
 */
export class ConversationTable {
  readonly #views = new Map<string, ConversationView>();

  /** The server's list. */
  replace(views: readonly ConversationView[]): void {
    this.#views.clear();
    for (const view of views) {
      this.#views.set(view.conversation, view);
    }
  }

  /** All conversations: the pinned ones, then the others, both newest first. */
  all(): ConversationView[] {
    const pinned = (view: ConversationView) => (view.pinned ? 1 : 0);
    return [...this.#views.values()].sort((one, other) => pinned(other) - pinned(one) || timeOf(other) - timeOf(one));
  }

  /** The conversation with a user, or of a group. */
  find(peer: { userID?: string; groupID?: string }): ConversationView | undefined {
    return [...this.#views.values()].find(({ userID, groupID }) => userID === peer.userID && groupID === peer.groupID);
  }

  get totalUnread(): number {
    return [...this.#views.values()].reduce((total, { unread }) => total + unread, 0);
  }

  /** A message came, or was sent by this user. */
  heard(message: Message, me: UserId): Followed {
    const { conversation, seq, sender, excludedFromUnread, excludedFromLastMessage } = message;
    const view = this.#views.get(conversation);
    if (seq === undefined) {
      return "unchanged";
    }
    if (view === undefined || seq > view.lastSeq + 1) {
      return "askTheServer";
    }
    if (seq <= view.lastSeq) {
      return "unchanged";
    }
    const counts = sender !== me && excludedFromUnread !== true;
    const last = excludedFromLastMessage === true ? {} : { lastMessage: message };
    this.#views.set(conversation, { ...view, ...last, lastSeq: seq, unread: view.unread + (counts ? 1 : 0) });
    return "changed";
  }

  /** Somebody has read up to `seq`. */
  read(conversation: string, reader: UserId, seq: number, me: UserId): Followed {
    const view = this.#views.get(conversation);
    if (view === undefined) {
      return "askTheServer";
    }
    if (reader !== me) {
      this.#views.set(conversation, { ...view, peerReadSeq: Math.max(seq, view.peerReadSeq ?? 0) });
      return "changed";
    }
    if (seq < view.lastSeq) {
      return "askTheServer";
    }
    this.#views.set(conversation, { ...view, readSeq: seq, unread: 0 });
    return "changed";
  }
}

function timeOf({ lastMessage }: ConversationView): number {
  return lastMessage?.time ?? 0;
}
