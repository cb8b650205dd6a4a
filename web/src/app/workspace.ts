import { Calls } from "../calls/calls.js";
import { Chat } from "../chat/chat.js";
import { Notices } from "../kit/notices.js";
import { Session } from "../session/session.js";
import type { SignedIn } from "../session/signedIn.js";
import { Tracer } from "../timeline/tracer.js";

/** Everything a signed-in page works with. */
export class Workspace {
  readonly session: Session;
  readonly tracer: Tracer;
  readonly calls: Calls;
  readonly chat: Chat;
  readonly notices = new Notices();

  private constructor(signedIn: SignedIn, stun: readonly string[]) {
    this.session = new Session(signedIn, location.origin);
    this.tracer = new Tracer(this.session.client);
    this.calls = new Calls(this.session, stun);
    this.chat = new Chat(this.session);
  }

  /** Signs in. Rejects with a WigwagError. `stun`: for calls. */
  static async open(signedIn: SignedIn, stun: readonly string[]): Promise<Workspace> {
    const workspace = new Workspace(signedIn, stun);
    try {
      await workspace.session.open();
    } catch (thrown) {
      await workspace.close();
      throw thrown;
    }
    workspace.session.onOpening(() => void workspace.#load());
    void workspace.#load();
    return workspace;
  }

  /** Signs out. */
  async close(): Promise<void> {
    this.chat.close();
    await this.calls.close();
    await this.session.close();
  }

  /** Without the list of conversations the page still calls and is called. */
  #load(): Promise<boolean> {
    return this.notices.attempt(() => this.chat.load());
  }
}
