import type { UserId } from "../wire/index.js";

/** What the browser counts of one link. */
export type Report = ReadonlyMap<string, Record<string, unknown>>;

/** The reports of all links at one time. */
export interface Snapshot {
  /** ms, on any clock that goes on evenly. */
  readonly at: number;
  readonly reports: readonly (readonly [UserId, Report])[];
}

/** How well media go one way: 1 is best and 6 is no connection. */
export type Quality = 1 | 2 | 3 | 4 | 5 | 6;

/** Sound of one way, in kbit/s. */
export interface AudioFigures {
  readonly bitrate: number;
  readonly audioLevel: number;
}

/** A picture of one way, in kbit/s. */
export interface VideoFigures {
  readonly bitrate: number;
  readonly width: number;
  readonly height: number;
  readonly frameRate: number;
  readonly videoType: "big";
}

/** In the shape of the event STATISTICS: loss in percent, times in ms. */
export interface Statistics {
  readonly rtt: number;
  readonly upLoss: number;
  readonly downLoss: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly localStatistics: { readonly audio: AudioFigures; readonly video: readonly VideoFigures[] };
  readonly remoteStatistics: readonly { userId: UserId; audio: AudioFigures; video: readonly VideoFigures[] }[];
}

/** What happened between two snapshots. What is sent to several at once is told as it goes to the first of them. */
export function between(before: Snapshot, after: Snapshot): Statistics {
  const count = (type: string, field: string) => sum(after, type, field) - sum(before, type, field);
  const ways = after.reports.map(([userId, report]) => ({ userId, report, earlier: new Map(before.reports).get(userId) }));
  const seconds = (after.at - before.at) / 1_000;
  const media = (direction: Direction, report?: Report, earlier?: Report) => ({
    audio: audioOf(direction, seconds, report, earlier),
    video: videoOf(direction, seconds, report, earlier),
  });
  return {
    rtt: Math.round(Math.max(0, ...ways.map(({ report }) => 1_000 * roundTrip(report)))),
    upLoss: share(count("remote-inbound-rtp", "packetsLost"), count("outbound-rtp", "packetsSent")),
    downLoss: share(count("inbound-rtp", "packetsLost"), count("inbound-rtp", "packetsReceived")),
    bytesSent: sum(after, "outbound-rtp", "bytesSent"),
    bytesReceived: sum(after, "inbound-rtp", "bytesReceived"),
    localStatistics: media(SENT, ways[0]?.report, ways[0]?.earlier),
    remoteStatistics: ways.map(({ userId, report, earlier }) => ({ userId, ...media(RECEIVED, report, earlier) })),
  };
}

/** From which loss (percent) or round trip (ms) on each quality after the best begins. */
const WORSE: readonly (readonly [loss: number, rtt: number])[] = [
  [5, 100],
  [10, 200],
  [20, 350],
  [40, 550],
];

export function qualityOf(loss: number, rtt: number, isConnected: boolean): Quality {
  return isConnected ? ((1 + WORSE.filter(([most, longest]) => loss > most || rtt > longest).length) as Quality) : 6;
}

/** How loud each is, 0 to 100; the user's own under "", as Tencent's package names them. */
export function volumesIn(reports: Snapshot["reports"]): { userId: string; volume: number }[] {
  const mine = Math.max(0, ...reports.map(([, report]) => level(report, "media-source")));
  const theirs = reports.map(([userId, report]) => ({ userId, volume: level(report, "inbound-rtp") }));
  return [{ userId: "", volume: mine }, ...theirs];
}

interface Direction {
  readonly type: string;
  readonly bytes: string;
  readonly levelType: string;
}

const SENT: Direction = { type: "outbound-rtp", bytes: "bytesSent", levelType: "media-source" };
const RECEIVED: Direction = { type: "inbound-rtp", bytes: "bytesReceived", levelType: "inbound-rtp" };

function audioOf(direction: Direction, seconds: number, report?: Report, earlier?: Report): AudioFigures {
  const [flow] = flows(report, direction.type, "audio");
  const audioLevel = report === undefined ? 0 : level(report, direction.levelType);
  return { bitrate: bitrate(direction, seconds, flow, earlier), audioLevel };
}

function videoOf(direction: Direction, seconds: number, report?: Report, earlier?: Report): VideoFigures[] {
  // Of several qualities of a picture, the best one is told.
  const [best] = flows(report, direction.type, "video").sort((a, b) => number(b, "frameWidth") - number(a, "frameWidth"));
  return (best === undefined ? [] : [best]).map((flow) => ({
    bitrate: bitrate(direction, seconds, flow, earlier),
    width: number(flow, "frameWidth"),
    height: number(flow, "frameHeight"),
    frameRate: Math.round(number(flow, "framesPerSecond")),
    videoType: "big",
  }));
}

type Entry = Readonly<Record<string, unknown>>;

function flows(report: Report | undefined, type: string, kind: string): Entry[] {
  return [...(report?.values() ?? [])].filter((entry) => entry.type === type && entry.kind === kind);
}

function bitrate({ bytes }: Direction, seconds: number, flow: Entry | undefined, earlier: Report | undefined): number {
  const before = earlier?.get(String(flow?.id));
  return flow !== undefined && seconds > 0
    ? Math.round((8 * Math.max(0, number(flow, bytes) - number(before ?? {}, bytes))) / seconds / 1_000)
    : 0;
}

function roundTrip(report: Report): number {
  const pair = [...report.values()].find(({ type, nominated }) => type === "candidate-pair" && nominated === true);
  return number(pair ?? {}, "currentRoundTripTime");
}

function level(report: Report, type: string): number {
  const levels = [...report.values()].filter((entry) => entry.type === type).map((entry) => number(entry, "audioLevel"));
  return Math.round(100 * Math.max(0, ...levels));
}

function sum({ reports }: Snapshot, type: string, field: string): number {
  const entries = reports.flatMap(([, report]) => [...report.values()]).filter((entry) => entry.type === type);
  return entries.reduce((total, entry) => total + number(entry, field), 0);
}

function share(lost: number, arrived: number): number {
  const [missed, packets] = [Math.max(0, lost), Math.max(0, arrived)];
  return missed + packets > 0 ? Math.round((100 * missed) / (missed + packets)) : 0;
}

function number(entry: Entry, field: string): number {
  const value = entry[field];
  return typeof value === "number" ? value : 0;
}
