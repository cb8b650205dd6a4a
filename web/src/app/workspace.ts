import { Calls } from "../calls/calls.js";
import { CallLog } from "../calls/log.js";
import { Missed } from "../calls/missed.js";
import { Chat } from "../chat/chat.js";
import { Outbox } from "../chat/outbox.js";
import { Notices } from "../kit/notices.js";
import type { ServerMedia } from "../media/meeting.js";
import { Online } from "../presence/online.js";
import { Waker } from "../push/waker.js";
import { QuietHours } from "../quiet/quietHours.js";
import { Session } from "../session/session.js";
import type { SignedIn } from "../session/signedIn.js";
import { Tracer } from "../timeline/tracer.js";
import { Arrivals } from "./arrivals.js";
import { Unseen } from "./unseen.js";

/** The parts of a signed-in page. The shell gives each scene the ones that it uses. */
export class Workspace {
  readonly session: Session;
  /** What the server says of the media of calls. */
  readonly media: ServerMedia;
  readonly tracer: Tracer;
  readonly calls: Calls;
  readonly online: Online;
  readonly chat: Chat;
  readonly outbox: Outbox;
  readonly log: CallLog;
  readonly missed: Missed;
  readonly notices = new Notices();
  readonly waker: Waker;
  readonly quiet: QuietHours;
  readonly arrivals: Arrivals;
  readonly #unseen: Unseen;

  private constructor(signedIn: SignedIn, media: ServerMedia) {
    this.session = new Session(signedIn, location.origin);
    this.media = media;
    this.tracer = new Tracer(this.session.client);
    this.calls = new Calls(this.session, media);
    this.online = new Online(this.session);
    this.chat = new Chat(this.session, this.online);
    this.outbox = new Outbox(this.session, sessionStorage);
    this.log = new CallLog(this.session);
    this.missed = new Missed(this.session);
    this.waker = new Waker(this.session, signedIn);
    this.quiet = new QuietHours(this.session);
    this.arrivals = new Arrivals(this.session, this.waker, this.calls);
    this.#unseen = new Unseen(this.session.me, this.calls, this.waker);
  }

  /** Signs in. `media`: what the server says of the media of calls. Rejects with a WigwagError. */
  static async open(signedIn: SignedIn, media: ServerMedia): Promise<Workspace> {
    const workspace = new Workspace(signedIn, media);
    try {
      await workspace.session.open();
    } catch (thrown) {
      await workspace.close();
      throw thrown;
    }
    workspace.session.onOpening(() => void workspace.#load());
    void workspace.#load();
    workspace.arrivals.arrive();
    return workspace;
  }

  /** Signs out of this browser, which rings for this user no more. */
  signOut(): Promise<void> {
    return this.close(this.waker.leave());
  }

  /** Ends a call that is going on, and the session, which `last` still needs. */
  async close(last: Promise<void> = Promise.resolve()): Promise<void> {
    this.chat.close();
    this.online.close();
    this.quiet.close();
    this.outbox.close();
    this.missed.close();
    this.arrivals.close();
    this.#unseen.close();
    await this.calls.close();
    await last.catch(() => undefined);
    this.waker.close();
    await this.session.close();
  }

  /** Reads the conversations, the missed calls and when the user is quiet. A failure becomes a notice, because calls work without them. */
  #load(): Promise<boolean> {
    return this.notices.attempt(() => Promise.all([this.chat.load(), this.missed.load(), this.quiet.load()]));
  }
}
