import type { Quiet } from "@wigwag/sdk";
import type { Session } from "../session/session.js";
import { Store } from "../session/store.js";
import { type Chosen, settingsOf } from "./settings.js";

/** When this user's devices ring without a sound: the server's settings, with times of this machine's clock. */
export class QuietHours {
  /** Undefined until the server has said it. */
  readonly settings = new Store<Quiet | undefined>(undefined);
  readonly #session: Session;
  readonly #ends: (() => void)[];
  /** The server's clock less this machine's, ms. */
  #aheadMs = 0;

  constructor(session: Session) {
    this.#session = session;
    this.#ends = [
      session.client.on("state", (state) => {
        if (state.status === "open") {
          this.#aheadMs = state.serverTime - Date.now();
        }
      }),
      session.on((event) => {
        if (event.type === "user.quietChanged") {
          this.settings.set(moved(event, -this.#aheadMs));
        }
      }),
    ];
  }

  async load(): Promise<void> {
    const { quiet } = await this.#session.patiently(() => this.#session.client.users.getQuiet());
    this.settings.set(moved(quiet, -this.#aheadMs));
  }

  /** Rejects with a WigwagError. */
  async choose(chosen: Exclude<Chosen, "other">): Promise<void> {
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    const quiet = settingsOf(chosen, this.settings.get() ?? {}, Date.now(), timeZone);
    await this.#session.client.users.setQuiet(moved(quiet, this.#aheadMs));
    this.settings.set(quiet);
  }

  close(): void {
    this.#ends.forEach((end) => {
      end();
    });
  }
}

/** The settings alone, on a clock that is so much ahead, ms. */
function moved({ until, hours, timeZone, except, again, push }: Quiet, ms: number): Quiet {
  const settings = { until: until === undefined ? undefined : until + ms, hours, timeZone, except, again, push };
  return JSON.parse(JSON.stringify(settings)) as Quiet;
}
