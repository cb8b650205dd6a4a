import type { ConversationList, Conversations as Page } from "../wire/index.js";
import type { Caller } from "./caller.js";

/** One's conversations. */
export class Conversations {
  readonly #call: Caller;

  constructor(call: Caller) {
    this.#call = call;
  }

  /** Lists one's conversations with unread counts, newest first; the first page unless `after` is given. */
  list(page: ConversationList = {}): Promise<Page> {
    return this.#call("conversation.list", page);
  }
}
