import type { ConversationList, ConversationOnly, ConversationPin, Done, Conversations as Page } from "../wire/index.js";
import { Area } from "./area.js";
import type { Caller } from "./caller.js";

/** One's conversations. */
export class Conversations extends Area {
  constructor(call: Caller) {
    super("conversation", call);
  }

  /** Lists one's conversations with unread counts: the pinned ones, then the others, both newest first; the first page unless `after` is given. */
  declare readonly list: (page?: ConversationList) => Promise<Page>;

  /** Pins a conversation of one's list, or unpins it; at most 50. Not repeated after a lost connection. */
  declare readonly pin: (wish: ConversationPin) => Promise<Done>;

  /**
   * Takes a conversation out of one's list, with what was said in it, until something new is said; what is unread in it is read by that. Not
   * repeated after a lost connection.
   */
  declare readonly delete: (which: ConversationOnly) => Promise<Done>;
}
