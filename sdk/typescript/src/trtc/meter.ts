import { now } from "../now.js";
import type { UserId } from "../wire/index.js";
import { EVENT } from "./constants.js";
import { between, qualityOf, type Snapshot, volumesIn } from "./figures.js";
import type { Tell } from "./remote.js";

/** How often the quality is told, ms, as Tencent's package does. */
const REPORT_MS = 2_000;
/** Tencent's package measures no more often, ms. */
const LEAST_LISTEN_MS = 100;

const NOTHING: Snapshot = { at: 0, reports: [] };

/** Tells how well the media flow, and how loud everybody is. */
export class Meter {
  readonly #reports: () => Promise<Snapshot["reports"]>;
  readonly #tell: Tell;
  readonly #states = new Map<UserId, RTCPeerConnectionState>();
  #reporting: ReturnType<typeof setInterval> | undefined;
  #listening: ReturnType<typeof setInterval> | undefined;
  #before = NOTHING;

  constructor(reports: () => Promise<Snapshot["reports"]>, tell: Tell) {
    this.#reports = reports;
    this.#tell = tell;
  }

  /** The user is in a room. */
  start(): void {
    this.#before = NOTHING;
    this.#reporting = setInterval(() => void this.#report(), REPORT_MS);
  }

  /** They are in none. */
  pause(): void {
    clearInterval(this.#reporting);
    this.#states.clear();
  }

  listen(interval: number): void {
    clearInterval(this.#listening);
    this.#listening = interval > 0 ? setInterval(() => void this.#hear(), Math.max(interval, LEAST_LISTEN_MS)) : undefined;
  }

  stop(): void {
    this.pause();
    this.listen(0);
  }

  /** Somebody's connection moved. */
  linked(userId: UserId, state: RTCPeerConnectionState): void {
    const [prevState, now] = [STATES[this.#states.get(userId) ?? "new"], STATES[state]];
    this.#states.set(userId, state);
    if (prevState !== now) {
      this.#tell(EVENT.CONNECTION_STATE_CHANGED, { prevState, state: now });
    }
  }

  async #report(): Promise<void> {
    const after = { at: now(), reports: await this.#reports() };
    if (after.reports.length === 0) {
      return;
    }
    const statistics = between(this.#before, after);
    this.#before = after;
    const { rtt, upLoss, downLoss } = statistics;
    const isConnected = [...this.#states.values()].includes("connected");
    this.#tell(EVENT.NETWORK_QUALITY, {
      uplinkNetworkQuality: qualityOf(upLoss, rtt, isConnected),
      downlinkNetworkQuality: qualityOf(downLoss, rtt, isConnected),
      uplinkRTT: rtt,
      uplinkLoss: upLoss,
      downlinkRTT: rtt,
      downlinkLoss: downLoss,
    });
    this.#tell(EVENT.STATISTICS, statistics);
  }

  async #hear(): Promise<void> {
    const reports = await this.#reports();
    if (reports.length > 0) {
      this.#tell(EVENT.AUDIO_VOLUME, { result: volumesIn(reports) });
    }
  }
}

const STATES: Readonly<Record<RTCPeerConnectionState, string>> = {
  new: "DISCONNECTED",
  connecting: "CONNECTING",
  connected: "CONNECTED",
  disconnected: "CONNECTING",
  failed: "DISCONNECTED",
  closed: "DISCONNECTED",
};
