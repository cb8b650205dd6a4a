import type { ConversationList, Conversations as Page } from "../wire/index.js";
import { Area } from "./area.js";
import type { Caller } from "./caller.js";

/** One's conversations. */
export class Conversations extends Area {
  constructor(call: Caller) {
    super("conversation", call);
  }

  /** Lists one's conversations with unread counts, newest first; the first page unless `after` is given. */
  declare readonly list: (page?: ConversationList) => Promise<Page>;
}
