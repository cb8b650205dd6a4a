import { Calls } from "../calls/calls.js";
import { CallLog } from "../calls/log.js";
import { Missed } from "../calls/missed.js";
import { Chat } from "../chat/chat.js";
import { Outbox } from "../chat/outbox.js";
import { Notices } from "../kit/notices.js";
import { Session } from "../session/session.js";
import type { SignedIn } from "../session/signedIn.js";
import { Tracer } from "../timeline/tracer.js";

/** The parts of a signed-in page. The shell gives each scene the ones that it uses. */
export class Workspace {
  readonly session: Session;
  readonly tracer: Tracer;
  readonly calls: Calls;
  readonly chat: Chat;
  readonly outbox: Outbox;
  readonly log: CallLog;
  readonly missed: Missed;
  readonly notices = new Notices();

  private constructor(signedIn: SignedIn, stun: readonly string[]) {
    this.session = new Session(signedIn, location.origin);
    this.tracer = new Tracer(this.session.client);
    this.calls = new Calls(this.session, stun);
    this.chat = new Chat(this.session);
    this.outbox = new Outbox(this.session, sessionStorage);
    this.log = new CallLog(this.session);
    this.missed = new Missed(this.session);
  }

  /** Signs in. `stun`: STUN servers for calls. Rejects with a WigwagError. */
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

  /** Ends a call that is going on, and signs out. */
  async close(): Promise<void> {
    this.chat.close();
    this.outbox.close();
    this.missed.close();
    await this.calls.close();
    await this.session.close();
  }

  /** Reads the conversations and the missed calls. A failure becomes a notice, because calls work without them. */
  #load(): Promise<boolean> {
    return this.notices.attempt(() => Promise.all([this.chat.load(), this.missed.load()]));
  }
}
